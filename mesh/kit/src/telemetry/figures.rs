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
use crate::{clock, decide::Phase, execute::Count};

type Known<K, V> = Mutex<BTreeMap<K, V>>;

/// How many events of a context wait for the broker, and since when the oldest.
static JOURNALS: Known<&str, (u64, Option<i64>)> = Mutex::new(BTreeMap::new());
/// How many messages a consumer lacks of a source.
static CONSUMERS: Known<(&str, String), u64> = Mutex::new(BTreeMap::new());
/// How many events of a context are parked.
static PARKED: Known<&str, u64> = Mutex::new(BTreeMap::new());
/// How many aggregates wait, by context, kind and way, and since when the oldest should not.
static SAGAS: Known<(&str, String, &str), (u64, Option<i64>)> = Mutex::new(BTreeMap::new());

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

/// What waits in a context. What waits no more is told as nothing, and not left out.
pub(crate) fn sagas(context: &'static str, known: Option<Vec<Count>>) {
    let mut figures = lock(&SAGAS);
    let Some(known) = known else { return figures.retain(|of, _| of.0 != context) };
    for (_, figure) in figures.iter_mut().filter(|(of, _)| of.0 == context) {
        *figure = (0, None);
    }
    figures.extend(known.into_iter().map(|Count { kind, waits, many, oldest }| {
        ((context, kind, waits.name()), (many, Some(oldest)))
    }));
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

fn waiting(context: &'static str, kind: String, state: &'static str) -> [KeyValue; 3] {
    [
        KeyValue::new("jangteo.context", context),
        KeyValue::new("jangteo.saga.kind", kind),
        KeyValue::new("jangteo.saga.state", state),
    ]
}

/// How long ago a time was, in ms.
fn age(now: i64, since: Option<i64>) -> u64 {
    let age = since.map_or(0, |since| now.saturating_sub(since));
    u64::try_from(age).unwrap_or(0)
}

/// Lets `meter` look at the figures whenever they are exported.
pub(super) fn observe(meter: &Meter) {
    journals(meter);
    breakers(meter);
    waits(meter);
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
                gauge.observe(age(now, oldest), &of(context));
            }
        })
        .build();
}

fn waits(meter: &Meter) {
    meter
        .u64_observable_gauge("jangteo.sagas")
        .with_unit("{saga}")
        .with_description("Aggregates that wait for the answer to a question, or for a time")
        .with_callback(|gauge| {
            for ((context, kind, state), (many, _)) in told(&SAGAS) {
                gauge.observe(many, &waiting(context, kind, state));
            }
        })
        .build();
    meter
        .u64_observable_gauge("jangteo.saga.age")
        .with_unit("ms")
        .with_description("How long the oldest has waited for an answer, or beyond its time")
        .with_callback(|gauge| {
            let now = clock::now_ms();
            for ((context, kind, state), (_, oldest)) in told(&SAGAS) {
                gauge.observe(age(now, oldest), &waiting(context, kind, state));
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
    use crate::execute::Waits;

    #[test]
    fn what_is_not_known_any_more_is_not_told_any_more() {
        journal_lag("somewhere", Some((3, Some(1))));
        assert!(told(&JOURNALS).contains(&("somewhere", (3, Some(1)))));
        journal_lag("somewhere", None);
        assert!(!told(&JOURNALS).iter().any(|(context, _)| *context == "somewhere"));
    }

    #[test]
    fn what_waits_no_more_is_told_as_nothing_until_nobody_knows() {
        let here = "somewhere with sagas";
        let told = || {
            let all = told(&SAGAS).into_iter().filter(|((context, ..), _)| *context == here);
            all.map(|((_, kind, state), figure)| (kind, state, figure)).collect::<Vec<_>>()
        };
        let (kind, waits) = ("deal".to_owned(), Waits::Asking);
        sagas(here, Some(vec![Count { kind, waits, many: 2, oldest: 7 }]));
        assert_eq!(told(), [("deal".to_owned(), "asking", (2, Some(7)))]);
        sagas(here, Some(vec![]));
        assert_eq!(told(), [("deal".to_owned(), "asking", (0, None))]);
        sagas(here, None);
        assert!(told().is_empty());
    }

    #[test]
    fn what_is_not_due_yet_has_no_age() {
        assert_eq!((age(10, Some(7)), age(10, Some(12)), age(10, None)), (3, 0, 0));
    }
}
