//! Each arrow, each refusal, and what holds whatever comes.

mod always;
mod lines;
mod made_to_order;
mod owners;
mod purchases;

use jangteo_kit::execute::Aggregate;

use super::{samples::*, *};

/// What a command to this product comes to: the product, and the event that tells of it.
fn after(product: Product, command: Command) -> Result<(Product, Option<Event>), Rejection> {
    let (product, mut events) = Product::decide(Some(product), command)?;
    let event = events.pop();
    assert!(events.is_empty(), "one thing happens at a time");
    Ok((product, event))
}

/// What it comes to where it cannot be refused.
fn told(product: Product, command: Command) -> (Product, Option<Event>) {
    after(product, command).expect("cannot be refused")
}

/// Pieces on hand, and those of them that can be bought.
fn pieces(product: &Product) -> (i64, i64) {
    (product.on_hand, product.available())
}

fn owner() -> Actor {
    Actor("owner01".to_owned())
}

fn register() -> Command {
    registering(product(vec![]))
}

/// What registers this product.
fn registering(product: Product) -> Command {
    let Product { id, owner, listing, store, on_hand, .. } = product;
    Command::Register { id, owner, listing, store, quantity: on_hand, at: 1 }
}

fn update(by: Actor) -> Command {
    let edit = Edit { price_krw: Some(45_000), ..Edit::default() };
    Command::Update { by, edit, at: 1 }
}

fn restock(by: Actor, quantity: i64) -> Command {
    Command::Restock { by, quantity, at: 1 }
}

fn release(by: Actor) -> Command {
    Command::Release { by, at: 1 }
}

/// What the buyer of this number asks for.
fn want(number: u128, quantity: i64) -> Command {
    let Hold { holder, buyer, quantity } = hold(number, quantity);
    Command::Hold { holder, buyer, quantity, counted_only: false, at: 1 }
}

fn give_back(number: u128) -> Command {
    Command::GiveBack { holder: holder(number), at: 1 }
}

fn take(number: u128) -> Command {
    Command::Take { holder: holder(number), at: 1 }
}

fn sell(number: u128) -> Command {
    Command::Sell { holder: holder(number), at: 1 }
}

fn forget(number: u128) -> Command {
    Command::Forget { holder: holder(number) }
}
