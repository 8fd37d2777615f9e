//! What must hold whatever happens, judged by nothing but what the contexts have told.
//!
//! | | |
//! |---|---|
//! | [`every`] | all events: numbers, times, what they belong to |
//! | [`money`] | charges, payments, and what was paid for |
//! | [`stock`] | pieces of products, and who holds or has them |
//! | [`second_hand`] | posts, offers, deals |
//! | [`rental`] | items, rentals, reviews |
//! | [`orders`] | orders, tickets, deliveries |
//! | [`notifications`] | who was told of what |
//!
//! Each of them folds the histories with rules of its own: what the code under test believes of itself
//! counts for nothing here. Events have to be seen in the order in which they were committed, over all
//! contexts: then a cause is always seen before its effects, and what an effect needs can be judged at
//! once. What takes its time between contexts is judged at rest.

mod every;
mod money;
mod notifications;
mod orders;
mod rental;
#[cfg(test)]
mod samples;
mod second_hand;
mod stock;
#[cfg(test)]
mod tests;
mod told;

use jangteo_kit::event::Event;
use uuid::Uuid;

use self::{
    every::Every, money::Money, notifications::Notifications, orders::Orders, rental::Rental,
    second_hand::SecondHand, stock::Stock, told::Told,
};

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Which one.
    pub(crate) invariant: &'static str,
    /// How it was broken.
    pub(crate) what: String,
}

/// Sees every event once. A world whose databases went back in time is judged by a new one, which sees
/// what is left from the beginning.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    every: Every,
    money: Money,
    stock: Stock,
    second_hand: SecondHand,
    rental: Rental,
    orders: Orders,
    notifications: Notifications,
}

impl Judge {
    /// An event was written (committed): what it breaks.
    pub(crate) fn see(&mut self, event: &Event) -> Vec<Violation> {
        let mut broken = Broken::default();
        if let Some(told) = every::read(event, &mut broken) {
            self.every.see(event, &told, &mut broken);
            self.money.see(event, &told, &mut broken);
            self.stock.see(event, &told, &mut broken);
            self.second_hand.see(event, &told, &mut broken);
            self.rental.see(event, &told, &mut broken);
            self.orders.see(event, &told, &mut broken);
            self.notifications.see(event, &told, &mut broken);
        }
        broken.0
    }

    /// What is broken once nothing is under way.
    pub(crate) fn at_rest(&self) -> Vec<Violation> {
        let mut broken = Broken::default();
        self.every.at_rest(&mut broken);
        self.money.at_rest(&mut broken);
        self.stock.at_rest(&mut broken);
        self.second_hand.at_rest(&mut broken);
        self.rental.at_rest(&mut broken);
        self.orders.at_rest(&mut broken);
        self.notifications.at_rest(&mut broken);
        broken.0
    }
}

/// The invariants of one subject, and what they have to remember.
trait Rules: Default {
    /// What holds at every moment.
    fn see(&mut self, event: &Event, told: &Told, broken: &mut Broken);

    /// What holds once nothing is under way any more.
    fn at_rest(&self, broken: &mut Broken);
}

/// What was found so far.
#[derive(Debug, Default)]
struct Broken(Vec<Violation>);

impl Broken {
    fn unless(&mut self, holds: bool, invariant: &'static str, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(Violation { invariant, what: what() });
        }
    }
}

/// An event for whoever looks for it.
fn named(event: &Event) -> String {
    let Event { context, aggregate_id, sequence, .. } = event;
    format!("{} (event {sequence} of {aggregate_id} in {context})", event.name())
}

/// An id of a message; where it names nothing, an id that nothing has.
fn id(text: &str) -> Uuid {
    text.parse().unwrap_or_default()
}
