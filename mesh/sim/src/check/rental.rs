//! Items, their rentals, and the reviews of those.

mod item;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jangteo::rental::v1::{RentalConfirmed, RentalPaid};
use jangteo_kit::event::Event;
use uuid::Uuid;

use super::{Broken, Rules, id, named, told::Told};

/// S.3.9, I14: terminal states are never left, by rentals no more than by others.
pub(super) const RENTAL_STEPS: &str = "S.3.9 a rental goes from state to state as it may";
/// S.3.9, I14: nor by items.
pub(super) const ITEM_STEPS: &str = "S.3.9 an item goes from state to state as it may";
/// S.3.1: at most one active reservation per item.
pub(super) const ONE_RENTAL: &str = "S.3.1 an item is kept for one rental at a time";
/// B-F3: each rental is told whether it has its item, once.
pub(super) const ANSWERED: &str = "B-F3 an item answers each rental once, and that is what it says";
/// B-F6, B-F8: the renter pays, then the owner lends.
pub(super) const PAID_FIRST: &str = "B-F8 an item is lent only to a rental that is paid";
/// S.3.3: the item's price is what is confirmed and paid.
pub(super) const TERMS: &str = "S.3.3 item, rental and payment name the same people and price";
/// S.3.5: after a cancel every participant is let go; nothing is before.
pub(super) const LET_GO: &str = "S.3.5 an item is let go by a rental that is off, and only by it";
/// B-F12, B-T6: whoever has had an item is asked for one review, and nobody before.
pub(super) const REVIEWED: &str = "B-F12 one review is asked for and written once the item is back";
/// B-F13: a reviewed item is off the lists.
pub(super) const RETIRED: &str = "B-F13 a review is written once its item is off the lists";
/// I5: after quiescence item and rental have come to the same end.
pub(super) const SAME_END: &str = "I5 a rental and its item come to the same end";

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Rental {
    items: BTreeMap<Uuid, Item>,
    /// What items have answered, by rental.
    answers: BTreeMap<Uuid, Answer>,
    rentals: BTreeMap<Uuid, Rented>,
    reviews: BTreeMap<Uuid, Review>,
}

/// What an item's events have told.
#[derive(Debug)]
struct Item {
    owner: String,
    name: String,
    price_krw: i64,
    retired: bool,
    state: ItemState,
}

/// Where an item stands; the rentals are those that have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ItemState {
    Free,
    Reserved(Uuid),
    Lent(Uuid),
    Deleted,
}

/// What an item says to a rental.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    Yes(Terms),
    No { reason: String },
}

/// What is rented from whom for how much.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Terms {
    item: Uuid,
    owner: String,
    renter: String,
    name: String,
    price_krw: i64,
}

/// What a rental's events have told.
#[derive(Debug)]
struct Rented {
    item: Uuid,
    state: RentalState,
    /// The last payment.
    attempt: i64,
}

/// Where a rental stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RentalState {
    Requested,
    Confirmed,
    Paid,
    Lent,
    Returned,
    Cancelled,
    Refused,
}

/// What a review's events have told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Review {
    Requested,
    Written,
}

impl Rules for Rental {
    fn see(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        match event.context.as_str() {
            "item" => self.item(event, told, broken),
            "rental" => self.rental(event, told, broken),
            "review" => self.review(event, told, broken),
            _ => {}
        }
    }

    fn at_rest(&self, broken: &mut Broken) {
        for (id, rental) in &self.rentals {
            let state = self.items.get(&rental.item).map(|item| item.state);
            let right = rental.rests(*id, state);
            broken.unless(right, SAME_END, || format!("{id} is {rental:?}, its item {state:?}"));
            let asked = self.reviews.contains_key(id);
            broken.unless(asked == (rental.state == RentalState::Returned), REVIEWED, || {
                format!("{id} is {rental:?}, its review {:?}", self.reviews.get(id))
            });
        }
        for (id, item) in &self.items {
            let (ItemState::Reserved(rental) | ItemState::Lent(rental)) = item.state else {
                continue;
            };
            let state = self.state(rental);
            let off = matches!(state, None | Some(RentalState::Cancelled));
            broken.unless(!off, LET_GO, || format!("item {id} is {item:?}, which is {state:?}"));
        }
    }
}

/// What rentals tell: after their item, if they say something of it.
impl Rental {
    fn rental(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        use RentalState::{Cancelled, Confirmed, Lent, Paid, Refused, Requested, Returned};
        match told {
            Told::RentalRequested(told) => {
                let item = id(&told.item_id);
                let rented = Rented { item, state: Requested, attempt: 0 };
                let before = self.rentals.insert(event.aggregate_id, rented);
                broken.unless(before.is_none(), RENTAL_STEPS, || {
                    format!("{}: it was {before:?}", named(event))
                });
            }
            Told::RentalConfirmed(told) => self.confirmed(event, told, broken),
            Told::RentalRefused(told) => {
                let answer = self.answers.get(&event.aggregate_id);
                let same = answer == Some(&Answer::No { reason: told.reason.clone() });
                broken.unless(same, ANSWERED, || format!("{}: said was {answer:?}", named(event)));
                self.steps(event, &[Requested], Refused, broken);
            }
            Told::RentalPaid(told) => self.paid(event, told, broken),
            Told::RentalPaymentCancelled(_) => self.steps(event, &[Paid], Confirmed, broken),
            Told::RentalCancelled(_) => {
                self.steps(event, &[Requested, Confirmed, Paid], Cancelled, broken);
            }
            Told::RentalLent(_) => {
                self.passed(event, &[ItemState::Reserved(event.aggregate_id)], broken);
                self.steps(event, &[Paid], Lent, broken);
            }
            Told::RentalReturned(_) => {
                let of = event.aggregate_id;
                self.passed(event, &[ItemState::Reserved(of), ItemState::Lent(of)], broken);
                self.steps(event, &[Lent], Returned, broken);
            }
            _ => {}
        }
    }

    /// Where a rental stands, as far as anybody was told.
    fn state(&self, rental: Uuid) -> Option<RentalState> {
        self.rentals.get(&rental).map(|rental| rental.state)
    }

    fn steps(&mut self, event: &Event, from: &[RentalState], to: RentalState, broken: &mut Broken) {
        let state = self.state(event.aggregate_id);
        let may = state.is_some_and(|state| from.contains(&state));
        broken.unless(may, RENTAL_STEPS, || format!("{}: it was {state:?}", named(event)));
        if let Some(rental) = self.rentals.get_mut(&event.aggregate_id) {
            rental.state = to;
        }
    }

    fn confirmed(&mut self, event: &Event, told: &RentalConfirmed, broken: &mut Broken) {
        let terms = Terms {
            item: id(&told.item_id),
            owner: told.owner.clone(),
            renter: told.renter.clone(),
            name: told.item_name.clone(),
            price_krw: told.price_krw,
        };
        let answer = self.answers.get(&event.aggregate_id);
        let same = answer == Some(&Answer::Yes(terms));
        broken.unless(same, ANSWERED, || format!("{}: said was {answer:?}", named(event)));
        self.steps(event, &[RentalState::Requested], RentalState::Confirmed, broken);
    }

    fn paid(&mut self, event: &Event, told: &RentalPaid, broken: &mut Broken) {
        let answer = self.answers.get(&event.aggregate_id);
        let same = matches!(answer, Some(Answer::Yes(terms))
            if (&terms.renter, &terms.owner, terms.price_krw)
                == (&told.renter, &told.owner, told.price_krw));
        broken.unless(same, TERMS, || format!("{}: {told:?} of {answer:?}", named(event)));
        self.steps(event, &[RentalState::Confirmed], RentalState::Paid, broken);
        let Some(rental) = self.rentals.get_mut(&event.aggregate_id) else { return };
        let before = std::mem::replace(&mut rental.attempt, told.attempt);
        broken.unless(told.attempt > before, RENTAL_STEPS, || {
            format!("{}: attempt {} after {before}", named(event), told.attempt)
        });
    }

    /// Its item has told of the same before, and may be further on.
    fn passed(&self, event: &Event, not_any_more: &[ItemState], broken: &mut Broken) {
        let rental = self.rentals.get(&event.aggregate_id);
        let item = rental.and_then(|rental| self.items.get(&rental.item));
        let passed = item.is_some_and(|item| !not_any_more.contains(&item.state));
        broken.unless(passed, SAME_END, || format!("{}: its item is {item:?}", named(event)));
    }
}

/// What reviews tell: after their rental, and the item that they take off the lists.
impl Rental {
    fn review(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        let rental = self.rentals.get(&event.aggregate_id);
        let back = rental.is_some_and(|rental| rental.state == RentalState::Returned);
        let (now, step) = match told {
            Told::ReviewRequested(_) => (Review::Requested, None),
            Told::ReviewWritten(told) => {
                let item = self.items.get(&id(&told.item_id));
                let off = item.is_some_and(|it| it.retired || it.state == ItemState::Deleted);
                broken.unless(off, RETIRED, || format!("{}: it is {item:?}", named(event)));
                (Review::Written, Some(Review::Requested))
            }
            _ => return,
        };
        let before = self.reviews.get(&event.aggregate_id).copied();
        broken.unless(back && before == step, REVIEWED, || {
            format!("{}: it was {before:?}, its rental {rental:?}", named(event))
        });
        self.reviews.insert(event.aggregate_id, now);
    }
}

impl Rented {
    /// Whether its item has come to the same end; one that is let go may be anybody's.
    fn rests(&self, id: Uuid, item: Option<ItemState>) -> bool {
        let has = [ItemState::Reserved(id), ItemState::Lent(id)].map(|it| item == Some(it));
        match self.state {
            // Its item has answered by now.
            RentalState::Requested => false,
            RentalState::Confirmed | RentalState::Paid => has == [true, false],
            RentalState::Lent => has == [false, true],
            RentalState::Returned | RentalState::Cancelled | RentalState::Refused => {
                has == [false, false]
            }
        }
    }
}
