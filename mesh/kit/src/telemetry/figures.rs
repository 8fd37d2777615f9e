//! Figures that are known between two looks at a database or a broker.
//!
//! A replica that does not hold the lease knows nothing: it takes back what it said, so that no old
//! figure outlives its truth.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, Mutex, MutexGuard},
};

use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Meter},
};

use super::trace::rpc;
use crate::{clock, decide::Phase};

type Known<K, V> = Mutex<BTreeMap<K, V>>;

/// How many events of a context wait for the broker, and since when the oldest.
static JOURNALS: Known<&str, (u64, Option<i64>)> = Mutex::new(BTreeMap::new());
/// How many messages a consumer lacks of a source.
static CONSUMERS: Known<(&str, String), u64> = Mutex::new(BTreeMap::new());
/// How many events of a context are parked.
static PARKED: Known<&str, u64> = Mutex::new(BTreeMap::new());

/// What the breaker of a peer's method does, by peer and path.
static BREAKERS: Known<(String, String), Phase> = Mutex::new(BTreeMap::new());

/// Changes of breakers, bound like the others.
static CHANGES: LazyLock<Counter<u64>> = LazyLock::new(|| {
    global::meter("jangteo")
        .u64_counter("jangteo.peer.breaker.changes")
        .with_unit("{change}")
        .with_description("How often the breaker of a peer's method became what it is")
        .build()
});

/// Messages that were no events. Bound to the meter provider that is there when the first one comes.
static UNREADABLE: LazyLock<Counter<u64>> = LazyLock::new(|| {
    global::meter("jangteo")
        .u64_counter("jangteo.consumer.unreadable")
        .with_unit("{message}")
        .with_description("Messages that are no events and were passed over")
        .build()
});

/// Events of a context that no ack is known of, and when the oldest was written.
pub(crate) fn journal_lag(context: &'static str, known: Option<(u64, Option<i64>)>) {
    tell(&JOURNALS, context, known);
}

/// Messages of a source that a context has not taken in yet.
pub(crate) fn consumer_lag(context: &'static str, source: &str, known: Option<u64>) {
    tell(&CONSUMERS, (context, source.to_owned()), known);
}

/// Parked events of a context.
pub(crate) fn dead_letters(context: &'static str, known: Option<u64>) {
    tell(&PARKED, context, known);
}

/// A message of a source that is no event was passed over.
pub(crate) fn unreadable(context: &'static str, source: &str) {
    UNREADABLE.add(1, &from(context, source));
}

/// The breaker before a method of a peer is there, or has changed.
pub(crate) fn breaker(peer: &str, path: &str, phase: Phase) {
    let key = (peer.to_owned(), path.to_owned());
    let before = lock(&BREAKERS).insert(key, phase);
    if before.is_some_and(|before| before != phase) {
        CHANGES.add(1, &method(peer, path, phase));
    }
}

/// What the last told state of a breaker is.
#[cfg(test)]
pub(crate) fn breaker_of(peer: &str, path: &str) -> Option<Phase> {
    lock(&BREAKERS).get(&(peer.to_owned(), path.to_owned())).copied()
}

fn tell<K: Ord, V>(figures: &Known<K, V>, key: K, known: Option<V>) {
    let mut figures = lock(figures);
    match known {
        Some(value) => figures.insert(key, value),
        None => figures.remove(&key),
    };
}

fn told<K: Clone, V: Copy>(figures: &Known<K, V>) -> Vec<(K, V)> {
    lock(figures).iter().map(|(key, value)| (key.clone(), *value)).collect()
}

fn lock<K, V>(figures: &Known<K, V>) -> MutexGuard<'_, BTreeMap<K, V>> {
    figures.lock().expect("nothing panics while it holds this lock")
}

fn method(peer: &str, path: &str, phase: Phase) -> [KeyValue; 4] {
    let (service, method) = rpc(path);
    [
        KeyValue::new("jangteo.peer", peer.to_owned()),
        KeyValue::new("rpc.service", service.to_owned()),
        KeyValue::new("rpc.method", method.to_owned()),
        KeyValue::new("jangteo.peer.breaker.state", phase.name()),
    ]
}

fn of(context: &'static str) -> [KeyValue; 1] {
    [KeyValue::new("jangteo.context", context)]
}

fn from(context: &'static str, source: &str) -> [KeyValue; 2] {
    [KeyValue::new("jangteo.context", context), KeyValue::new("jangteo.source", source.to_owned())]
}

/// Lets `meter` look at the figures whenever they are exported.
pub(super) fn observe(meter: &Meter) {
    journals(meter);
    breakers(meter);
    meter
        .u64_observable_gauge("jangteo.consumer.lag")
        .with_unit("{message}")
        .with_description(
            "Messages of a source that are not taken in yet, as the broker counts them",
        )
        .with_callback(|gauge| {
            for ((context, source), messages) in told(&CONSUMERS) {
                gauge.observe(messages, &from(context, &source));
            }
        })
        .build();
    meter
        .u64_observable_gauge("jangteo.dead_letters")
        .with_unit("{event}")
        .with_description("Events that can't be applied and wait for an operator")
        .with_callback(|gauge| {
            for (context, events) in told(&PARKED) {
                gauge.observe(events, &of(context));
            }
        })
        .build();
}

fn journals(meter: &Meter) {
    meter
        .u64_observable_gauge("jangteo.journal.lag")
        .with_unit("{event}")
        .with_description("Events of the journal that the broker has not acknowledged")
        .with_callback(|gauge| {
            for (context, (events, _)) in told(&JOURNALS) {
                gauge.observe(events, &of(context));
            }
        })
        .build();
    meter
        .u64_observable_gauge("jangteo.journal.age")
        .with_unit("ms")
        .with_description("How long the oldest of these events has waited")
        .with_callback(|gauge| {
            let now = clock::now_ms();
            for (context, (_, oldest)) in told(&JOURNALS) {
                let age = oldest.map_or(0, |oldest| now.saturating_sub(oldest));
                gauge.observe(u64::try_from(age).unwrap_or(0), &of(context));
            }
        })
        .build();
}

/// One point per state, of which one is 1.
fn breakers(meter: &Meter) {
    meter
        .u64_observable_gauge("jangteo.peer.breaker.state")
        .with_unit("{breaker}")
        .with_description("1 for what the breaker of a peer's method is, 0 for what it is not")
        .with_callback(|gauge| {
            for ((peer, path), is) in told(&BREAKERS) {
                for phase in Phase::ALL {
                    gauge.observe(u64::from(phase == is), &method(&peer, &path, phase));
                }
            }
        })
        .build();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_any_more_is_not_told_any_more() {
        journal_lag("somewhere", Some((3, Some(1))));
        assert!(told(&JOURNALS).contains(&("somewhere", (3, Some(1)))));
        journal_lag("somewhere", None);
        assert!(!told(&JOURNALS).iter().any(|(context, _)| *context == "somewhere"));
    }
}
