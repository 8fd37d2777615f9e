//! Each arrow, each refusal, and what holds whatever comes.

mod always;
mod owners;
mod payments;
mod rentals;

use jangteo_kit::execute::Aggregate;

use super::{samples::*, *};

/// What a command to an item in this state comes to: its state, and the event that tells of it.
fn after(state: State, command: Command) -> Result<(State, Option<Event>), Rejection> {
    let (item, mut events) = Item::decide(Some(item(state)), command)?;
    let event = events.pop();
    assert!(events.is_empty(), "one thing happens at a time");
    Ok((item.state, event))
}

/// What it comes to where it cannot be refused.
fn told(state: State, command: Command) -> (State, Option<Event>) {
    after(state, command).expect("cannot be refused")
}

fn owner() -> Actor {
    Actor("owner01".to_owned())
}

fn register() -> Command {
    let listing = item(State::Rentable).listing;
    Command::Register { id: ID, owner: owner().0, listing, at: 1 }
}

fn update(by: Actor) -> Command {
    let edit = Edit { price_krw: Some(90), ..Edit::default() };
    Command::Update { by, edit, at: 1 }
}

fn delete(by: Actor) -> Command {
    Command::Delete { by, at: 1 }
}

fn lend(by: Actor, number: u128) -> Command {
    Command::Lend { by, rental: rental(number), at: 1 }
}

fn take_back(by: Actor, number: u128) -> Command {
    Command::Return { by, rental: rental(number), at: 1 }
}

fn reserve(number: u128) -> Command {
    let Hold { rental, renter, .. } = hold(number);
    Command::Reserve { id: ID, rental, renter, at: 1 }
}

fn release(number: u128) -> Command {
    Command::Release { rental: rental(number), at: 1 }
}

fn paid(number: u128, attempt: i64) -> Command {
    Command::Paid { rental: rental(number), attempt }
}

fn withhold(number: u128, attempt: i64) -> Command {
    Command::Withhold { rental: rental(number), attempt }
}

fn undo_withhold(number: u128, attempt: i64) -> Command {
    Command::UndoWithhold { rental: rental(number), attempt }
}

fn retire(number: u128) -> Command {
    Command::Retire { rental: rental(number), at: 1 }
}
