//! What becomes of an item when somebody wants to rent it, pays, or does not after all.

use jangteo::rental::v1::{RentalCancelled, RentalPaid, RentalRequested};
use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Orders, Target},
    store::Never,
};

use crate::domain::{Command, Item};

impl Follows for Item {
    type Index = Never;
    const SOURCES: &'static [&'static str] = &["rental"];

    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        let (rental, at) = (event.aggregate_id, event.time);
        if let Some(RentalRequested { item_id, renter, .. }) = event.message()? {
            let id = item_id.parse()?;
            return Ok(vec![(Target::Born(id), Command::Reserve { id, rental, renter, at })]);
        }
        if let Some(RentalPaid { item_id, attempt, .. }) = event.message()? {
            return Ok(vec![(Target::One(item_id.parse()?), Command::Paid { rental, attempt })]);
        }
        if let Some(RentalCancelled { item_id, .. }) = event.message()? {
            return Ok(vec![(Target::One(item_id.parse()?), Command::Release { rental, at })]);
        }
        Ok(vec![])
    }
}

#[cfg(test)]
mod tests {
    use jangteo::rental::v1::{RentalConfirmed, RentalLent, RentalPaymentCancelled};
    use prost::Name;
    use uuid::Uuid;

    use super::*;

    const ITEM: Uuid = Uuid::from_u128(1);
    const RENTAL: Uuid = Uuid::from_u128(7);

    fn event(message: &impl Name) -> Event {
        jangteo_testing::event(RENTAL, 2, message, 5)
    }

    fn requested(item_id: String) -> Event {
        let (rental_id, renter) = (RENTAL.to_string(), "renter01".to_owned());
        event(&RentalRequested { rental_id, item_id, renter, time: None })
    }

    /// B-F3, B-N2: also where there is no such item, which has to be answered.
    #[test]
    fn a_rental_asks_for_its_item() {
        let orders = Item::policy(&requested(ITEM.to_string())).unwrap();
        let renter = "renter01".to_owned();
        let reserve = Command::Reserve { id: ITEM, rental: RENTAL, renter, at: 5 };
        assert_eq!(orders, [(Target::Born(ITEM), reserve)]);
    }

    /// B-T4
    #[test]
    fn a_payment_is_counted() {
        let item_id = ITEM.to_string();
        let paid = RentalPaid { item_id, attempt: 3, ..RentalPaid::default() };
        let orders = Item::policy(&event(&paid)).unwrap();
        let paid = Command::Paid { rental: RENTAL, attempt: 3 };
        assert_eq!(orders, [(Target::One(ITEM), paid)]);
    }

    /// B-F9, B-T10
    #[test]
    fn a_rental_that_is_called_off_lets_its_item_go() {
        let cancelled = RentalCancelled { item_id: ITEM.to_string(), ..RentalCancelled::default() };
        let orders = Item::policy(&event(&cancelled)).unwrap();
        assert_eq!(orders, [(Target::One(ITEM), Command::Release { rental: RENTAL, at: 5 })]);
    }

    /// B-T11: a payment that went back was withheld before.
    #[test]
    fn what_else_happens_to_rentals_leaves_items_alone() {
        let item_id = || ITEM.to_string();
        let confirmed = RentalConfirmed { item_id: item_id(), ..RentalConfirmed::default() };
        let back = RentalPaymentCancelled { item_id: item_id(), ..Default::default() };
        let lent = RentalLent { item_id: item_id(), ..RentalLent::default() };
        for event in [event(&confirmed), event(&back), event(&lent)] {
            assert_eq!(Item::policy(&event).unwrap(), [], "{}", event.type_name);
        }
    }

    #[test]
    fn an_event_that_is_not_what_it_says_is_told() {
        let broken = Event { payload: vec![0xff], ..requested(ITEM.to_string()) };
        for unfit in [broken, requested("1".to_owned())] {
            assert!(Item::policy(&unfit).is_err());
        }
    }
}
