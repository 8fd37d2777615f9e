//! What a consumer keeps of its sources where it lies in no SQL database: gates, what is held behind
//! them, and what is passed over.

use std::sync::Arc;

use super::{
    Letter,
    gates::{GateKey, Gates},
};
use crate::{decide::Gate, event::Event, journal::Key, store::Rows};

/// The table of gates: how far each is.
pub const GATES: &str = "gate";
/// The table of what is held.
pub const HELD: &str = "held";
/// The table of what is passed over.
pub const DISCARDED: &str = "discarded";

/// The table of how far consumers have compared with sources, in ms since 1970.
pub const POSITION: &str = "position";

/// An event that waits behind a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Whose gate.
    pub consumer: String,
    /// The event.
    pub event: Event,
    /// Why it can't be applied, if it is parked.
    pub cause: Option<String>,
}

/// The key of a gate; what is held behind it has the same beginning.
pub fn place(consumer: &str, source: &str, (kind, id): &Key) -> String {
    format!("{consumer} {source} {kind} {id}")
}

/// The key of a position.
pub fn side(consumer: &str, source: &str) -> String {
    format!("{consumer} {source}")
}

fn nth(consumer: &str, source: &str, key: &Key, sequence: i64) -> String {
    format!("{} {sequence:020}", place(consumer, source, key))
}

fn of(letter: &Letter) -> String {
    nth(&letter.consumer, &letter.source, &letter.key, letter.sequence)
}

/// A gate, with all that is behind it.
pub fn gate(rows: &dyn Rows, consumer: &str, source: &str, key: &Key) -> Gate {
    let place = place(consumer, source, key);
    let last = rows.one::<i64>(GATES, &place).unwrap_or(0);
    let mut gate = Gate { last, ..Gate::default() };
    for held in rows.all::<Held>(HELD, &place) {
        gate.hold(held.event.sequence);
        gate.parked |= held.cause.is_some();
    }
    gate.discarded = rows.all::<i64>(DISCARDED, &place).into_iter().collect();
    gate
}

/// What can't be applied.
pub(super) fn parked(rows: &dyn Rows) -> Vec<Letter> {
    let held = rows.all::<Held>(HELD, "").into_iter().filter(|held| held.cause.is_some());
    held.map(letter).collect()
}

fn letter(held: Held) -> Letter {
    let Held { consumer, event: Event { context, kind, aggregate_id, sequence, .. }, .. } = held;
    Letter { consumer, source: context, key: (kind, aggregate_id), sequence }
}

/// What could go through its gate and is still held.
pub(super) fn aside(rows: &dyn Rows, consumer: &str) -> Vec<Letter> {
    let held = rows.all::<Held>(HELD, &format!("{consumer} ")).into_iter();
    let next = |letter: &Letter| {
        gate(rows, consumer, &letter.source, &letter.key).next_held() == Some(letter.sequence)
    };
    held.map(letter).filter(next).collect()
}

pub(super) fn gates(rows: &dyn Rows, consumers: &[&str], source: &str, keys: &[Key]) -> Gates {
    let one = |consumer: &str, key: &Key| -> (GateKey, Gate) {
        ((consumer.to_owned(), key.clone()), gate(rows, consumer, source, key))
    };
    consumers.iter().flat_map(|consumer| keys.iter().map(move |key| one(consumer, key))).collect()
}

pub(super) fn move_to(rows: &dyn Rows, source: &str, moved: &[(GateKey, i64)]) {
    for ((consumer, key), last) in moved {
        rows.put(GATES, place(consumer, source, key), Arc::new(*last));
    }
}

pub(super) fn hold(rows: &dyn Rows, consumer: &str, event: &Event, cause: Option<&str>) {
    let key = (event.kind.clone(), event.aggregate_id);
    let place = nth(consumer, &event.context, &key, event.sequence);
    let cause = cause.map(str::to_owned);
    let held = Held { consumer: consumer.to_owned(), event: event.clone(), cause };
    rows.put(HELD, place, Arc::new(held));
}

pub(super) fn held(
    rows: &dyn Rows,
    consumer: &str,
    source: &str,
    key: &Key,
    sequence: i64,
) -> Option<Event> {
    let held = rows.one::<Held>(HELD, &nth(consumer, source, key, sequence));
    held.map(|held| held.event)
}

pub(super) fn let_go(rows: &dyn Rows, consumer: &str, source: &str, key: &Key, sequence: i64) {
    rows.remove(HELD, &nth(consumer, source, key, sequence));
}

pub(super) fn cause(rows: &dyn Rows, letter: &Letter) -> Option<String> {
    rows.one::<Held>(HELD, &of(letter)).and_then(|held| held.cause)
}

pub(super) fn unpark(rows: &dyn Rows, letter: &Letter) -> bool {
    let parked = cause(rows, letter).is_some();
    rows.change(HELD, &of(letter), |held: &mut Held| held.cause = None);
    parked
}

/// How many aggregates `new` knows less of than `old` does.
pub fn behind(rows: &dyn Rows, old: &str, new: &str) -> u64 {
    let last = |place: &str| rows.one::<i64>(GATES, place).unwrap_or(0);
    let lacking = rows.keys(GATES, &format!("{old} ")).into_iter().filter(|place| {
        let known = last(place);
        known > 0 && last(&format!("{new}{}", &place[old.len()..])) < known
    });
    lacking.count() as u64
}

/// Removes all that a consumer knows of its sources.
pub(crate) fn clear(rows: &dyn Rows, consumer: &str) {
    for table in [GATES, HELD, POSITION] {
        rows.clear(table, &format!("{consumer} "));
    }
}

pub(super) fn discard(rows: &dyn Rows, letter: &Letter) {
    rows.put(DISCARDED, of(letter), Arc::new(letter.sequence));
}
