//! What the end of a rental sets going.

use jangteo::rental::v1::RentalReturned;
use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Orders, Target},
    store::Never,
};

use crate::domain::{Command, Review};

impl Follows for Review {
    type Index = Never;
    const SOURCES: &'static [&'static str] = &["rental"];

    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        let (id, at) = (event.aggregate_id, event.time);
        let Some(returned) = event.message::<RentalReturned>()? else { return Ok(vec![]) };
        let item = returned.item_id.parse()?;
        let RentalReturned { item_name, renter, owner, .. } = returned;
        let request = Command::Request { id, item, item_name, renter, owner, at };
        Ok(vec![(Target::Born(id), request)])
    }
}

#[cfg(test)]
mod tests {
    use jangteo::rental::v1::{RentalCancelled, RentalLent};
    use prost::Name;
    use uuid::Uuid;

    use super::*;

    const RENTAL: Uuid = Uuid::from_u128(7);
    const ITEM: Uuid = Uuid::from_u128(1);

    fn event(message: &impl Name) -> Event {
        jangteo_testing::event(RENTAL, 5, message, 9)
    }

    fn returned(item_id: String) -> Event {
        event(&RentalReturned {
            rental_id: RENTAL.to_string(),
            item_id,
            renter: "renter01".to_owned(),
            owner: "owner01".to_owned(),
            item_name: "Camera".to_owned(),
            price_krw: 100,
            time: None,
        })
    }

    /// B-F12, B-T6
    #[test]
    fn the_renter_of_a_returned_item_is_asked_for_a_review() {
        let request = Command::Request {
            id: RENTAL,
            item: ITEM,
            item_name: "Camera".to_owned(),
            renter: "renter01".to_owned(),
            owner: "owner01".to_owned(),
            at: 9,
        };
        let orders = Review::policy(&returned(ITEM.to_string())).unwrap();
        assert_eq!(orders, [(Target::Born(RENTAL), request)]);
    }

    /// B.14-12
    #[test]
    fn nobody_is_asked_before_the_item_is_back() {
        for event in [event(&RentalLent::default()), event(&RentalCancelled::default())] {
            assert_eq!(Review::policy(&event).unwrap(), [], "{}", event.type_name);
        }
    }

    #[test]
    fn an_event_that_is_not_what_it_says_is_told() {
        let broken = Event { payload: vec![0xff], ..returned(ITEM.to_string()) };
        for unfit in [broken, returned("1".to_owned())] {
            assert!(Review::policy(&unfit).is_err());
        }
    }
}
