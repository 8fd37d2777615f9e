//! What becomes of a ticket when its order is paid, or called off.

use jangteo::order::v1::{OrderCancelled, OrderPlaced, OrderedLine};
use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Orders, Target},
    store::Never,
};
use uuid::Uuid;

use super::{Command, Line, Ticket};

impl Follows for Ticket {
    type Index = Never;
    const SOURCES: &'static [&'static str] = &["order"];

    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        let (id, at) = (event.aggregate_id, event.time);
        if let Some(placed) = event.message::<OrderPlaced>()? {
            return received(id, placed);
        }
        if event.message::<OrderCancelled>()?.is_some() {
            return Ok(vec![(Target::One(id), Command::CallOff { at })]);
        }
        Ok(vec![])
    }
}

/// An order that names no store is there already, and nobody makes it.
fn received(id: Uuid, placed: OrderPlaced) -> Result<Orders<Ticket>, Unfit> {
    let OrderPlaced { customer, seller, lines, store_id, .. } = placed;
    if store_id.is_empty() {
        return Ok(vec![]);
    }
    let (store, lines) = (store_id.parse::<Uuid>()?, lines.into_iter().map(line));
    let lines = lines.collect::<Result<_, Unfit>>()?;
    Ok(vec![(Target::Born(id), Command::Receive { id, store, customer, seller, lines })])
}

/// A kitchen need not know what it costs.
fn line(ordered: OrderedLine) -> Result<Line, Unfit> {
    let OrderedLine { product_id, name, quantity, .. } = ordered;
    Ok(Line { product: product_id.parse()?, name, quantity })
}

#[cfg(test)]
mod tests {
    use jangteo::order::v1::{OrderCancelRefused, OrderDelivered, OrderDelivering, OrderPreparing};
    use prost::Name;

    use super::*;
    use crate::ticket::samples::{ID, STORE, lines};

    fn event(message: &impl Name) -> Event {
        jangteo_testing::event(ID, 1, message, 5)
    }

    fn placed(store_id: &str) -> OrderPlaced {
        let ordered = |Line { product, name, quantity }| OrderedLine {
            product_id: product.to_string(),
            name,
            quantity,
            price_krw: 1000,
        };
        OrderPlaced {
            order_id: ID.to_string(),
            customer: "customer01".to_owned(),
            seller: "seller01".to_owned(),
            lines: lines().into_iter().map(ordered).collect(),
            store_id: store_id.to_owned(),
            ..OrderPlaced::default()
        }
    }

    /// D-F2, D-T1
    #[test]
    fn a_paid_order_of_a_store_reaches_it() {
        let (customer, seller) = ("customer01".to_owned(), "seller01".to_owned());
        let receive = Command::Receive { id: ID, store: STORE, customer, seller, lines: lines() };
        let orders = Ticket::policy(&event(&placed(&STORE.to_string()))).unwrap();
        assert_eq!(orders, [(Target::Born(ID), receive)]);
    }

    /// E-F3: flowers are there already.
    #[test]
    fn an_order_of_no_store_is_not_made() {
        assert_eq!(Ticket::policy(&event(&placed(""))).unwrap(), []);
    }

    /// D-F4, D-T5
    #[test]
    fn an_order_that_is_called_off_is_not_made() {
        let orders = Ticket::policy(&event(&OrderCancelled::default())).unwrap();
        assert_eq!(orders, [(Target::One(ID), Command::CallOff { at: 5 })]);
    }

    /// Those tell the order's side of what tickets and deliveries have told.
    #[test]
    fn what_else_happens_to_orders_leaves_tickets_alone() {
        let (preparing, delivering) = (OrderPreparing::default(), OrderDelivering::default());
        let (delivered, refused) = (OrderDelivered::default(), OrderCancelRefused::default());
        for event in [event(&preparing), event(&delivering), event(&delivered), event(&refused)] {
            assert_eq!(Ticket::policy(&event).unwrap(), [], "{}", event.type_name);
        }
    }

    #[test]
    fn an_event_that_is_not_what_it_says_is_told() {
        let named = event(&placed(&STORE.to_string()));
        for event in [named, event(&OrderCancelled::default())] {
            let broken = Event { payload: vec![0xff], ..event };
            assert!(Ticket::policy(&broken).is_err(), "{}", broken.type_name);
        }
        let mut nameless = placed(&STORE.to_string());
        nameless.lines[0].product_id.clear();
        for unfit in [placed("스토어99"), nameless] {
            assert!(Ticket::policy(&event(&unfit)).is_err(), "{unfit:?}");
        }
    }
}
