//! A rolling update: while people use the market every process is replaced, half of them at a time, by one
//! of the same version or of another one.

use std::{env, path::Path};

use jangteo_testing::{Balancer, until};

use super::{
    fleet::{Fleet, REPLACED},
    load::{CUSTOMER, Load, Outcome, RENTER},
    rest,
};
use crate::{
    mesh::BINARY,
    pace::is_full,
    seller::{LONG, at_rest_within},
    stories::{ledger, market::ALL},
};

/// How often every process is replaced.
fn rounds() -> usize {
    if is_full() { 20 } else { 3 }
}

/// No call fails while all processes are told to end and started again, one replica of each and then the
/// other: none is refused, cut off or left without an answer, though nobody asks twice. Whoever watches is
/// told to go on elsewhere, and misses nothing. Every process is gone by its deadline, also where somebody
/// lets go of nothing; and nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn all_processes_are_replaced_under_load_and_no_call_fails() {
    let fleet = Fleet::start(ALL, &REPLACED).await.unwrap();
    let roses = fleet.person("florist01").stocks_roses(10_000).await;
    let load = Load::of_all(&fleet.door(), &fleet.keys, roses);
    load.goes_on().await;
    for round in 1..=rounds() {
        for half in 0..2 {
            fleet.replace(half).await;
            load.goes_on().await;
        }
        println!("round {round} of {}", rounds());
    }
    let outcome = load.end().await;
    nothing_is_lost(&fleet, outcome).await;
}

/// The same for an update of the whole market and the way back: in between, either half is of another
/// version than the other one, on the same databases and streams, and each calls the other.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a program of another version: make test-update"]
async fn all_processes_are_updated_and_rolled_back_under_load_and_no_call_fails() {
    let older = env::var("JANGTEO_TEST_OLDER").expect("`make test-update` names the program");
    let (older, newer) = (Path::new(&older), Path::new(BINARY));
    let mut fleet = Fleet::start_of(older, ALL, &REPLACED).await.unwrap();
    let roses = fleet.person("florist01").stocks_roses(10_000).await;
    let load = Load::of_all(&fleet.door(), &fleet.keys, roses);
    load.goes_on().await;
    for program in [newer, older, newer] {
        for half in 0..2 {
            fleet.update(half, program).await;
            println!("half {half} is {}", program.display());
            load.goes_on().await;
        }
    }
    let outcome = load.end().await;
    nothing_is_lost(&fleet, outcome).await;
}

/// No call failed, and all that was told is there, once.
async fn nothing_is_lost(fleet: &Fleet, outcome: Outcome) {
    let Outcome { history, asked, failed } = outcome;
    assert!(failed.is_empty(), "{} of {asked} calls failed:\n{}", failed.len(), failed.join("\n"));
    println!("{asked} calls, none failed");

    let posts = ["post", "view"].map(|context| fleet.database(context).to_owned());
    at_rest_within(2 * LONG, posts, history, Some(&fleet.nats)).await;
    let broker = fleet.nats.client().await.unwrap();
    for context in ALL {
        rest::told(&broker, context, fleet.database(context)).await;
    }
    let operator = fleet.client(fleet.keys.operator());
    let [customer, renter] = [CUSTOMER, RENTER].map(|name| fleet.person(name));
    ledger::balances(ALL, &operator, &[&customer, &renter]).await;
}

/// The control: before the gateways is a balancer that takes the one for ready whenever the other is, and
/// sends connections to it that nobody takes. The same people notice.
#[tokio::test(flavor = "multi_thread")]
async fn a_balancer_that_sends_connections_to_a_process_that_is_gone_is_noticed() {
    let fleet = Fleet::start(&["post", "view"], &REPLACED).await.unwrap();
    let [mut gone, there] = fleet.doors();
    gone.health.clone_from(&there.health);
    let door = Balancer::start(vec![gone, there]).unwrap();
    until(LONG, async || (door.ready() == 2).then_some(())).await;
    let load = Load::of_a_seller(&door.url(), &fleet.keys);
    load.goes_on().await;
    fleet.replace(0).await;
    let Outcome { asked, failed, .. } = load.end().await;
    assert!(!failed.is_empty(), "none of {asked} calls failed");
}
