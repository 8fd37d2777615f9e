//! What rentals and their reviews do with an item.

use jangteo::item::v1::{ItemReleased, ItemReservationRefused, ItemReserved, ItemRetired};
use jangteo_kit::status::Reject;
use uuid::Uuid;

use super::{Event, Hold, Item, Payments, Rejection, State, decide::told};

impl Item {
    /// Each rental has its answer: the item, or why not. Asked again by whoever holds it, it is given.
    pub(super) fn reserve(self, rental: Uuid, renter: String, at: i64) -> (Self, Vec<Event>) {
        if self.hold().is_some_and(|hold| hold.rental == rental) {
            return (self, vec![]);
        }
        let hold = Hold { rental, renter, retired: false };
        if let Err(no) = self.rentable_to(&hold.renter) {
            let event =
                told!(ItemReservationRefused of hold { reason: no.reason().to_owned() }, self, at);
            return (self, vec![event]);
        }
        let event = told!(
            ItemReserved of hold {
                name: self.listing.name.clone(), price_krw: self.listing.price_krw
            },
            self, at
        );
        (Self { state: State::Reserved(hold, Payments::default()), ..self }, vec![event])
    }

    fn rentable_to(&self, renter: &str) -> Result<(), Rejection> {
        if self.owner == renter { Err(Rejection::OwnItem) } else { self.rentable() }
    }

    /// Only the rental that it is kept for lets it go, and not once it is lent.
    pub(super) fn release(self, rental: Uuid, at: i64) -> (Self, Vec<Event>) {
        let hold = match &self.state {
            State::Reserved(hold, _) if hold.rental == rental => hold.clone(),
            _ => return (self, vec![]),
        };
        let event = told!(ItemReleased of hold {}, self, at);
        (Self { state: hold.ended(), ..self }, vec![event])
    }

    pub(super) fn paid(mut self, rental: Uuid, attempt: i64) -> Self {
        if let Some(payments) = self.payments_of(rental) {
            payments.paid = payments.paid.max(attempt);
        }
        self
    }

    /// Between this and lending, whichever comes first wins.
    pub(super) fn withhold(mut self, rental: Uuid, attempt: i64) -> Result<Self, Rejection> {
        if matches!(&self.state, State::Lent(hold) if hold.rental == rental) {
            return Err(Rejection::Lent);
        }
        let payments = self.payments_of(rental).ok_or(Rejection::NotReservedForRental)?;
        payments.withheld = payments.withheld.max(attempt);
        Ok(self)
    }

    /// Those withheld earlier have gone back: they stay withheld.
    pub(super) fn undo_withhold(mut self, rental: Uuid, attempt: i64) -> Self {
        if let Some(payments) = self.payments_of(rental) {
            payments.withheld = payments.withheld.min(attempt - 1);
        }
        self
    }

    fn payments_of(&mut self, rental: Uuid) -> Option<&mut Payments> {
        match &mut self.state {
            State::Reserved(hold, payments) if hold.rental == rental => Some(payments),
            _ => None,
        }
    }

    /// Off the lists at once; whoever rents it now has it to the end.
    pub(super) fn retire(mut self, rental: Uuid, at: i64) -> (Self, Vec<Event>) {
        match &mut self.state {
            State::Rentable => self.state = State::Retired,
            State::Reserved(hold, _) | State::Lent(hold) if !hold.retired => hold.retired = true,
            _ => return (self, vec![]),
        }
        let event = told!(ItemRetired { rental_id: rental.to_string() }, self, at);
        (self, vec![event])
    }
}
