//! A shelf: what another context asks for a place on.

use jangteo::Keyed;
use prost::Message;

use super::errand::Shown;
use crate::{
    event::{Emitted, Recorded},
    execute::{Aggregate, Decision, Stored, Versioned},
    status::{Kind, Reject},
};

/// Counts what became of it, so that nothing happens twice unseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shelf {
    pub(super) mood: Mood,
    pub(super) taken: i64,
    pub(super) freed: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Open,
    Full,
    /// It may be open again soon.
    Busy,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Command {
    Take,
    Free,
    Become(Mood),
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Rejection {
    #[error("the shelf is full")]
    Full,
    #[error("the shelf is busy")]
    Busy,
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::Full => Kind::Precondition,
            Self::Busy => Kind::Aborted,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Full => "SHELF_FULL",
            Self::Busy => "SHELF_BUSY",
        }
    }
}

pub(super) struct Changed;

impl Emitted for Changed {
    fn record(&self) -> Recorded {
        Recorded { type_name: "changed".to_owned(), payload: vec![] }
    }
}

/// What is asked of a shelf.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Asked {
    #[prost(string, tag = "1")]
    pub(super) call_key: String,
    #[prost(string, tag = "2")]
    pub(super) what: String,
}

impl prost::Name for Asked {
    const NAME: &'static str = "Asked";
    const PACKAGE: &'static str = "jangteo.sample.v1";
}

impl Keyed for Asked {
    fn call_key(&self) -> &str {
        &self.call_key
    }
}

impl Aggregate for Shelf {
    const KIND: &'static str = "shelf";
    type Command = Command;
    type Event = Changed;
    type Rejection = Rejection;

    fn decide(shelf: Option<Self>, command: Command) -> Decision<Self> {
        let shelf = shelf.unwrap_or(Self { mood: Mood::Open, taken: 0, freed: 0 });
        let next = match (command, shelf.mood) {
            (Command::Take, Mood::Full) => return Err(Rejection::Full),
            (Command::Take, Mood::Busy) => return Err(Rejection::Busy),
            (Command::Take, Mood::Open) => Self { taken: shelf.taken + 1, ..shelf },
            (Command::Free, _) => Self { freed: shelf.freed + 1, ..shelf },
            (Command::Become(mood), _) => Self { mood, ..shelf },
        };
        Ok((next, vec![Changed]))
    }
}

mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "shelf")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub mood: String,
        pub taken: i64,
        pub freed: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Shelf {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = Shown;

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let head = crate::head!(row);
        let mood = match row.mood.as_str() {
            "open" => Mood::Open,
            "full" => Mood::Full,
            _ => Mood::Busy,
        };
        Ok(Versioned { state: Self { mood, taken: row.taken, freed: row.freed }, head })
    }

    fn write(Versioned { state, head }: &Versioned<Self>) -> entity::ActiveModel {
        let mood = match state.mood {
            Mood::Open => "open",
            Mood::Full => "full",
            Mood::Busy => "busy",
        };
        crate::row!(entity::ActiveModel of head {
            mood: mood.to_owned(),
            taken: state.taken,
            freed: state.freed,
        })
    }

    fn reply(shelf: &Versioned<Self>) -> Shown {
        Shown { stage: format!("taken {}, freed {}", shelf.state.taken, shelf.state.freed) }
    }
}
