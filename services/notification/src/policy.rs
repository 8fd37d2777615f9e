//! Who is told of what: everything that happens to a person, once.

mod order;
mod rental;
mod second_hand;
#[cfg(test)]
mod tests;

use jangteo_kit::{
    clock,
    event::{Event, Unfit},
    execute::{Follows, Orders, Target},
    store::Never,
};
use prost_types::Timestamp;

use crate::domain::{Arguments, Command, Kind, Note, Notification};

impl Follows for Notification {
    type Index = Never;
    const SOURCES: &'static [&'static str] = &[
        "offer",
        "deal",
        "inventory",
        "item",
        "rental",
        "order",
        "store",
        "delivery",
        "payment",
        "review",
    ];

    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        // The one thing that no event knows is when it arrives, and only that tells whether it is news.
        orders(event, clock::now_ms())
    }
}

/// A notification for each person whom an event concerns; it arrived at `at`.
fn orders(event: &Event, at: i64) -> Result<Orders<Notification>, Unfit> {
    let Some(News { kind, to, arguments }) = news(event)? else { return Ok(vec![]) };
    let order = |recipient| {
        let (subject, arguments) = (subject(event), arguments.clone());
        let note = Note { recipient, kind, subject, arguments, event_time: event.time };
        let id = note.id(event.id());
        (Target::Born(id), Command::Send { id, note, at })
    };
    Ok(to.into_iter().map(order).collect())
}

/// The aggregate that an event is of, as a resource: collections are plurals. Who ordered knows a ticket by
/// its order, whose id it has.
fn subject(event: &Event) -> String {
    let collection = match event.kind.as_str() {
        "delivery" => "deliveries".to_owned(),
        "ticket" => "orders".to_owned(),
        kind => format!("{kind}s"),
    };
    format!("{collection}/{}", event.aggregate_id)
}

/// What an event tells whom; `None` where it tells nobody.
fn news(event: &Event) -> Result<Option<News>, Unfit> {
    match event.context.as_str() {
        "offer" => second_hand::offer(event),
        "deal" => second_hand::deal(event),
        "inventory" => second_hand::inventory(event),
        "item" => rental::item(event),
        "rental" => rental::rental(event),
        "order" => order::order(event),
        "store" => order::store(event),
        "delivery" => order::delivery(event),
        "payment" => rental::payment(event),
        "review" => rental::review(event),
        _ => Ok(None),
    }
}

/// What an event tells, and whom.
struct News {
    kind: Kind,
    to: Vec<String>,
    arguments: Arguments,
}

impl News {
    /// Of this kind, for these people; an empty name is nobody's.
    fn new(kind: Kind, to: impl IntoIterator<Item = String>) -> Self {
        let to = to.into_iter().filter(|person| !person.is_empty()).collect();
        Self { kind, to, arguments: Arguments::new() }
    }

    /// With something to speak of; an empty text is not known.
    fn with(mut self, name: &str, text: String) -> Self {
        if !text.is_empty() {
            self.arguments.insert(name.to_owned(), text);
        }
        self
    }

    /// With a price in whole won, or another number.
    fn number(self, name: &str, number: impl Into<i64>) -> Self {
        self.with(name, number.into().to_string())
    }

    /// With a time, if that is known.
    fn time(self, name: &str, time: Option<Timestamp>) -> Self {
        self.with(name, time.map(|time| time.to_string()).unwrap_or_default())
    }
}
