//! Each arrow, each refusal, and what holds whatever comes.

mod always;
mod asking;
mod deals;
mod ends;
mod people;

use jangteo_kit::{decide::No, execute::Aggregate};

use super::{samples::*, *};

/// What a command to an offer comes to: its state, and the event that tells of it.
fn after(offer: Offer, command: Command) -> Result<(State, Option<Event>), Rejection> {
    let (offer, mut events) = Offer::decide(Some(offer), command)?;
    let event = events.pop();
    assert!(events.is_empty(), "one thing happens at a time");
    Ok((offer.state, event))
}

/// What it comes to where it cannot be refused.
fn told(offer: &Offer, command: Command) -> (State, Option<Event>) {
    after(offer.clone(), command).expect("cannot be refused")
}

/// A no of post.
fn no(reason: &str) -> No {
    No { code: 9, reason: reason.to_owned(), message: "no".to_owned(), retry_after_ms: None }
}

fn seller() -> Actor {
    Actor("seller01".to_owned())
}

fn buyer() -> Actor {
    Actor("buyer03".to_owned())
}

fn take(number: u128) -> Command {
    Command::Take { deal: deal(number), seller: "seller01".to_owned() }
}

/// Both kinds of offers in a state.
fn both(state: &State) -> [Offer; 2] {
    [request(state.clone()), proposal(state.clone())]
}
