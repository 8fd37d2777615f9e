//! What becomes of a delivery when its order is paid, cooked, or called off.

use jangteo::{
    order::v1::{OrderCancelled, OrderPlaced},
    store::v1::CookingFinished,
};
use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Orders, Target},
    store::Never,
};

use crate::domain::{Command, Delivery};

impl Follows for Delivery {
    type Index = Never;
    const SOURCES: &'static [&'static str] = &["order", "store"];

    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        let (id, at) = (event.aggregate_id, event.time);
        if let Some(OrderPlaced { customer, seller, store_id, .. }) = event.message()? {
            let start = Command::Start { id, customer, seller, at };
            // What a store makes is not there yet.
            return Ok(if store_id.is_empty() { vec![(Target::Born(id), start)] } else { vec![] });
        }
        // A ticket has the id of its order.
        if let Some(CookingFinished { customer, seller, .. }) = event.message()? {
            return Ok(vec![(Target::Born(id), Command::Start { id, customer, seller, at })]);
        }
        if event.message::<OrderCancelled>()?.is_some() {
            return Ok(vec![(Target::One(id), Command::CallOff { at })]);
        }
        Ok(vec![])
    }
}

#[cfg(test)]
mod tests {
    use jangteo::{
        order::v1::{OrderCancelRefused, OrderDelivered, OrderDelivering, OrderPreparing},
        store::v1::{
            CookingStarted, StoreOpened, TicketAccepted, TicketCancelled, TicketReceived,
            TicketRejected,
        },
    };
    use prost::Name;
    use uuid::Uuid;

    use super::*;

    const ORDER: Uuid = Uuid::from_u128(7);

    fn event(message: &impl Name) -> Event {
        jangteo_testing::event(ORDER, 1, message, 5)
    }

    fn placed() -> Event {
        placed_at(String::new())
    }

    fn placed_at(store_id: String) -> Event {
        event(&OrderPlaced {
            order_id: ORDER.to_string(),
            customer: "customer01".to_owned(),
            seller: "seller01".to_owned(),
            total_krw: 150_000,
            store_id,
            ..OrderPlaced::default()
        })
    }

    fn cooked() -> Event {
        event(&CookingFinished {
            order_id: ORDER.to_string(),
            store_id: Uuid::from_u128(99).to_string(),
            customer: "customer01".to_owned(),
            seller: "seller01".to_owned(),
            ..CookingFinished::default()
        })
    }

    /// E-F3, E-T2
    #[test]
    fn a_paid_order_is_delivered() {
        let (customer, seller) = ("customer01".to_owned(), "seller01".to_owned());
        let start = Command::Start { id: ORDER, customer, seller, at: 5 };
        assert_eq!(Delivery::policy(&placed()).unwrap(), [(Target::Born(ORDER), start)]);
    }

    /// D-P3
    #[test]
    fn what_a_store_makes_is_delivered_once_it_is_cooked() {
        let placed = placed_at(Uuid::from_u128(99).to_string());
        assert_eq!(Delivery::policy(&placed).unwrap(), []);
        let (customer, seller) = ("customer01".to_owned(), "seller01".to_owned());
        let start = Command::Start { id: ORDER, customer, seller, at: 5 };
        assert_eq!(Delivery::policy(&cooked()).unwrap(), [(Target::Born(ORDER), start)]);
    }

    /// Its order tells when it is off.
    #[test]
    fn what_else_happens_to_tickets_leaves_deliveries_alone() {
        let (opened, received) = (StoreOpened::default(), TicketReceived::default());
        let (accepted, started) = (TicketAccepted::default(), CookingStarted::default());
        let (rejected, cancelled) = (TicketRejected::default(), TicketCancelled::default());
        for event in [
            event(&opened),
            event(&received),
            event(&accepted),
            event(&started),
            event(&rejected),
            event(&cancelled),
        ] {
            assert_eq!(Delivery::policy(&event).unwrap(), [], "{}", event.type_name);
        }
    }

    /// E-F5, E-T5; E.13: in the original a cancel never comes so far.
    #[test]
    fn an_order_that_is_called_off_is_not() {
        let orders = Delivery::policy(&event(&OrderCancelled::default())).unwrap();
        assert_eq!(orders, [(Target::One(ORDER), Command::CallOff { at: 5 })]);
    }

    /// Those tell the order's side of what deliveries have told.
    #[test]
    fn what_else_happens_to_orders_leaves_deliveries_alone() {
        let (delivering, delivered) = (OrderDelivering::default(), OrderDelivered::default());
        let (preparing, refused) = (OrderPreparing::default(), OrderCancelRefused::default());
        for event in [event(&preparing), event(&delivering), event(&delivered), event(&refused)] {
            assert_eq!(Delivery::policy(&event).unwrap(), [], "{}", event.type_name);
        }
    }

    #[test]
    fn an_event_that_is_not_what_it_says_is_told() {
        for event in [placed(), cooked(), event(&OrderCancelled::default())] {
            let broken = Event { payload: vec![0xff], ..event };
            assert!(Delivery::policy(&broken).is_err(), "{}", broken.type_name);
        }
    }
}
