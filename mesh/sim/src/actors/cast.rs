//! Who plays, and how they say things: mostly as they should, now and then not.

use jangteo_kit::auth::Caller;
use prost::{Message, Name};
use prost_types::{FieldMask, Timestamp};
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use uuid::Uuid;

use super::Move;

pub(super) const SELLERS: &[&str] = &["seller01", "seller02"];
pub(super) const BUYERS: &[&str] = &["buyer01", "buyer02", "buyer03"];
pub(super) const OWNERS: &[&str] = &["owner01", "owner02"];
pub(super) const RENTERS: &[&str] = &["renter01", "renter02", "renter03"];
pub(super) const COOKS: &[&str] = &["cook01", "cook02"];
pub(super) const CUSTOMERS: &[&str] = &["customer01", "customer02", "customer03"];
pub(super) const COURIERS: &[&str] = &["courier01", "courier02"];

/// They have channels and take part in nothing else. What they were told of would go out to real addresses,
/// so nobody may ever tell them anything.
pub(super) const LISTENERS: &[&str] = &["listener01", "listener02"];

/// All that may be taken for somebody else.
const EVERYBODY: &[&[&str]] = &[SELLERS, BUYERS, OWNERS, RENTERS, COOKS, CUSTOMERS, COURIERS];

/// The most that anything may cost.
pub(super) const MOST_KRW: i64 = 1_000_000_000;

/// 2100-01-01: later than any clock of a world.
const FAR: i64 = 4_102_444_800;

/// Whether it happens this time.
pub(super) fn one_in(times: u32, chance: &mut StdRng) -> bool {
    chance.random_ratio(1, times)
}

/// Whether another one is made: few are enough, so that people meet on them.
pub(super) fn few(there: usize, chance: &mut StdRng) -> bool {
    there < 3 || one_in(10, chance)
}

/// One of some people.
pub(super) fn person(of: &[&'static str], chance: &mut StdRng) -> &'static str {
    of.choose(chance).copied().expect("somebody is there")
}

/// A move of this person; now and then of somebody who has nothing to do with it.
pub(super) fn ask<M: Message + Name>(
    who: &str,
    path: &'static str,
    message: &M,
    chance: &mut StdRng,
) -> Move {
    if one_in(20, chance) {
        let group = EVERYBODY.choose(chance).expect("there are people");
        return say(person(group, chance), path, message);
    }
    say(who, path, message)
}

/// A move of nobody but this person.
pub(super) fn say<M: Message + Name>(who: &str, path: &'static str, message: &M) -> Move {
    debug_assert_eq!(path.rsplit('/').next(), M::NAME.strip_suffix("Request"), "{path}");
    Move { who: caller(who), path, message: message.encode_to_vec() }
}

fn caller(who: &str) -> Caller {
    let is_courier = COURIERS.contains(&who);
    let roles = if is_courier { vec!["courier".to_owned()] } else { vec![] };
    Caller::User { subject: who.to_owned(), roles }
}

/// One of those that a move fits, the newest as often as all the others; now and then one that it does not fit.
pub(super) fn one_of<'a, T>(
    all: &'a [T],
    fits: impl Fn(&T) -> bool,
    chance: &mut StdRng,
) -> Option<&'a T> {
    let whichever = one_in(20, chance);
    let fitting: Vec<&T> = all.iter().filter(|it| whichever || fits(it)).collect();
    // Of the older ones some are over, and nobody has heard of it.
    let one = if chance.random_bool(0.5) { fitting.last() } else { fitting.choose(chance) };
    one.copied()
}

/// An id as it is told; now and then one that nobody has ever made.
pub(super) fn told(id: &str, chance: &mut StdRng) -> String {
    if one_in(40, chance) { any_id(chance) } else { id.to_owned() }
}

/// The id of a request.
pub(super) fn any_id(chance: &mut StdRng) -> String {
    Uuid::from_u128(chance.random()).to_string()
}

/// The version that is acted on: mostly any, now and then one that may be over.
pub(super) fn etag(chance: &mut StdRng) -> String {
    if one_in(24, chance) { format!("\"{}\"", chance.random_range(1..4)) } else { String::new() }
}

/// A price that is hardly ever asked twice; now and then the least or the most.
pub(super) fn price(chance: &mut StdRng) -> i64 {
    match chance.random_range(0..40) {
        0 => 0,
        1 => MOST_KRW,
        _ => chance.random_range(1_001..100_000),
    }
}

/// Pieces of which there are few; now and then more than anybody has.
pub(super) fn pieces(chance: &mut StdRng) -> i64 {
    if one_in(20, chance) { 1_000 } else { chance.random_range(1..=4) }
}

/// When people meet: some day, or that is open; now and then long ago.
pub(super) fn meeting(chance: &mut StdRng) -> Option<Timestamp> {
    let seconds = match chance.random_range(0..24) {
        0 => 0,
        1..6 => return None,
        _ => FAR + 60 * chance.random_range(0..1_000),
    };
    Some(Timestamp { seconds, nanos: 0 })
}

/// What a request of several fields changes: all that it sets, said or not, or one of them.
pub(super) fn mask(field: &str, chance: &mut StdRng) -> Option<FieldMask> {
    let path = match chance.random_range(0..3) {
        0 => return None,
        1 => "*",
        _ => field,
    };
    Some(FieldMask { paths: vec![path.to_owned()] })
}

/// A word of some.
pub(super) fn word(of: &[&str], chance: &mut StdRng) -> String {
    of.choose(chance).copied().unwrap_or_default().to_owned()
}
