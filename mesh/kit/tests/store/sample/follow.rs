//! What the events of another context set going among counters.

use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Index, Orders, Target},
};
use sea_orm::{ColumnTrait as _, Condition};
use uuid::Uuid;

use super::counter::{Command, Counter, OPEN, entity::Column};

/// The context that is followed.
pub(crate) const SOURCE: &str = "elsewhere";

/// What an event says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Says {
    /// One counter counts.
    Count(Uuid),
    /// One counter counts, and is born if it is not there.
    Bear(Uuid),
    /// Every open counter closes.
    Close,
    /// This one counts, every counter closes, and the other one counts.
    Both(Uuid, Uuid),
    /// One counter refuses, which it must not.
    Refuse(Uuid),
    /// Every counter closes.
    CloseAll,
    /// Nothing that can be read.
    Garbage,
}

impl Says {
    /// The event of an aggregate that says so.
    pub(crate) fn event(self, aggregate: u128, sequence: i64) -> Event {
        let (name, ids) = match self {
            Self::Count(id) => ("Count", vec![id]),
            Self::Bear(id) => ("Bear", vec![id]),
            Self::Close => ("Close", vec![]),
            Self::Both(one, other) => ("Both", vec![one, other]),
            Self::Refuse(id) => ("Refuse", vec![id]),
            Self::CloseAll => ("CloseAll", vec![]),
            Self::Garbage => ("Garbage", vec![]),
        };
        Event {
            context: SOURCE.to_owned(),
            kind: "thing".to_owned(),
            aggregate_id: Uuid::from_u128(aggregate),
            sequence,
            type_name: name.to_owned(),
            payload: ids.iter().flat_map(|id| id.into_bytes()).collect(),
            correlation_id: Uuid::from_u128(aggregate),
            causation_id: Uuid::from_u128(9),
            traceparent: String::new(),
            time: 1_727_136_000_123,
        }
    }
}

/// Ways to find counters.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Find {
    Open,
    All,
}

impl Follows for Counter {
    type Index = Find;
    const SOURCES: &'static [&'static str] = &[SOURCE];

    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        let ids: Result<Vec<Uuid>, _> = event.payload.chunks(16).map(Uuid::from_slice).collect();
        let one = |id: &Uuid, command| (Target::One(*id), command);
        Ok(match (event.type_name.as_str(), ids?.as_slice()) {
            ("Count", [id]) => vec![one(id, Command::Add(1))],
            ("Bear", [id]) => vec![(Target::Born(*id), Command::Add(1))],
            ("Close", []) => vec![(Target::Each(Find::Open), Command::Close)],
            ("Both", [first, last]) => vec![
                one(first, Command::Add(1)),
                (Target::Each(Find::All), Command::Close),
                one(last, Command::Add(1)),
            ],
            ("Refuse", [id]) => vec![one(id, Command::Refuse)],
            ("CloseAll", []) => vec![(Target::Each(Find::All), Command::Close)],
            (name, _) => return Err(Unfit(format!("{name} says nothing"))),
        })
    }
}

impl Index<Counter> for Find {
    fn select(&self) -> Condition {
        match self {
            Self::Open => Condition::all().add(Column::Note.eq(OPEN)),
            Self::All => Condition::all(),
        }
    }

    fn finds(&self, counter: &Counter) -> bool {
        match self {
            Self::Open => counter.note == OPEN,
            Self::All => true,
        }
    }
}
