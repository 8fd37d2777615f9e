//! Orders, the tickets of their kitchens, and their deliveries. Ticket and delivery have the order's id.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jangteo::{
    delivery::v1::{DeliveryCompleted, DeliveryPickedUp},
    order::v1::OrderPlaced,
    store::v1::TicketRejected,
};
use jangteo_kit::event::Event;
use uuid::Uuid;

use super::{Broken, Rules, named, told::Told};

/// S.3.9, I14: a cancelled order is not resurrected, and its rank only rises.
pub(super) const ORDER_STEPS: &str = "S.3.9 an order's rank only rises, and ends once";
/// S.3.9, I14: nor is a ticket's.
pub(super) const TICKET_STEPS: &str = "S.3.9 a ticket goes from state to state as it may";
/// S.3.9, I14: nor a delivery's.
pub(super) const DELIVERY_STEPS: &str = "S.3.9 a delivery goes from state to state as it may";
/// D-F2, D-F3, E-F3: nothing is made, brought or told of before there is a reason for it.
pub(super) const REASON: &str = "D-F3 order, ticket and delivery go on for a reason";
/// D-F4, E-F5: it is called off once whoever knows whether it is too late has said that it is not.
pub(super) const TOO_LATE: &str = "D-F4 an order is called off only if it is not made or brought";
/// E-F4: a delivery is completed by whoever has it.
pub(super) const COURIER: &str = "E-F4 who picks an order up delivers it";
/// S.3.5, I5: after quiescence every participant is where the others are.
pub(super) const AT_REST: &str = "I5 an order is at its end, or waits for its store or courier";

/// All of them, by the order's id.
#[derive(Debug, Default)]
pub(super) struct Orders {
    all: BTreeMap<Uuid, Order>,
    tickets: BTreeMap<Uuid, Ticket>,
    /// Those whose store has said that it makes them, whatever it has said since.
    accepted: BTreeSet<Uuid>,
    deliveries: BTreeMap<Uuid, Delivery>,
}

/// What an order's events have told.
#[derive(Debug)]
struct Order {
    /// It is made in a kitchen.
    made: bool,
    state: State,
}

/// Where an order stands, in the order of its ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Placed,
    Preparing,
    Delivering,
    Delivered,
    Cancelled,
}

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ticket {
    Received,
    Accepted,
    Cooking,
    Cooked,
    Rejected,
    Cancelled,
}

/// Where a delivery stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Delivery {
    Started,
    PickedUp { courier: String },
    Completed,
    Cancelled,
}

impl Rules for Orders {
    fn see(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        match event.context.as_str() {
            "order" => self.order(event, told, broken),
            "store" => self.ticket(event, told, broken),
            "delivery" => self.delivery(event, told, broken),
            _ => {}
        }
    }

    fn at_rest(&self, broken: &mut Broken) {
        for (id, order) in &self.all {
            let (ticket, delivery) = (self.tickets.get(id), self.deliveries.get(id));
            broken.unless(order.rests(ticket.copied(), delivery), AT_REST, || {
                format!("{id} is {order:?}, its ticket {ticket:?}, its delivery {delivery:?}")
            });
        }
        let others = self.tickets.keys().chain(self.deliveries.keys());
        for id in others.filter(|id| !self.all.contains_key(id)) {
            broken.unless(false, REASON, || format!("{id} has no order"));
        }
    }
}

/// What orders tell: after whoever makes or brings them.
impl Orders {
    fn order(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        let of = event.aggregate_id;
        match told {
            Told::OrderPlaced(placed) => self.placed(event, placed, broken),
            Told::OrderPreparing(_) => {
                let taken_on = self.accepted.contains(&of);
                self.rises(event, State::Preparing, taken_on, broken);
            }
            Told::OrderDelivering(_) => {
                let on_its_way = matches!(
                    self.deliveries.get(&of),
                    Some(Delivery::PickedUp { .. } | Delivery::Completed)
                );
                self.rises(event, State::Delivering, on_its_way, broken);
            }
            Told::OrderDelivered(_) => {
                let arrived = self.deliveries.get(&of) == Some(&Delivery::Completed);
                self.rises(event, State::Delivered, arrived, broken);
            }
            // What was asked before it arrived may be answered afterwards.
            Told::OrderCancelRefused(_) => {
                let stands = self.all.get(&of).is_some_and(|it| it.state != State::Cancelled);
                broken
                    .unless(stands, ORDER_STEPS, || format!("{}: it does not stand", named(event)));
            }
            Told::OrderCancelled(_) => self.cancelled(event, broken),
            _ => {}
        }
    }

    fn placed(&mut self, event: &Event, placed: &OrderPlaced, broken: &mut Broken) {
        let order = Order { made: !placed.store_id.is_empty(), state: State::Placed };
        let before = self.all.insert(event.aggregate_id, order);
        broken.unless(before.is_none(), ORDER_STEPS, || {
            format!("{}: it was {before:?}", named(event))
        });
    }

    /// Further on, and not for nothing.
    fn rises(&mut self, event: &Event, to: State, reason: bool, broken: &mut Broken) {
        broken.unless(reason, REASON, || {
            let of = &event.aggregate_id;
            let (ticket, delivery) = (self.tickets.get(of), self.deliveries.get(of));
            format!("{}: its ticket is {ticket:?}, its delivery {delivery:?}", named(event))
        });
        let order = self.all.get_mut(&event.aggregate_id);
        let rises = order.as_ref().is_some_and(|order| order.state < to);
        broken.unless(rises, ORDER_STEPS, || format!("{}: it was {order:?}", named(event)));
        if let Some(order) = order {
            order.state = to;
        }
    }

    fn cancelled(&mut self, event: &Event, broken: &mut Broken) {
        let of = &event.aggregate_id;
        let order = self.all.get_mut(of);
        let may = order.as_ref().is_some_and(|order| order.state < State::Delivered);
        broken.unless(may, ORDER_STEPS, || format!("{}: it was {order:?}", named(event)));
        let Some(order) = order else { return };
        order.state = State::Cancelled;
        let (ticket, delivery) = (self.tickets.get(of), self.deliveries.get(of));
        let free = if order.made {
            matches!(ticket, Some(Ticket::Cancelled | Ticket::Rejected))
        } else {
            delivery == Some(&Delivery::Cancelled)
        };
        broken.unless(free, TOO_LATE, || {
            format!("{}: its ticket is {ticket:?}, its delivery {delivery:?}", named(event))
        });
    }
}

/// What tickets tell.
impl Orders {
    fn ticket(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        use Ticket::{Accepted, Cancelled, Cooked, Cooking, Received, Rejected};
        let (from, to): (&[Option<Ticket>], Ticket) = match told {
            Told::TicketReceived(_) => (&[None], Received),
            Told::TicketAccepted(_) => (&[Some(Received)], Accepted),
            Told::TicketRejected(rejected) => (before_rejection(rejected), Rejected),
            Told::CookingStarted(_) => (&[Some(Accepted)], Cooking),
            Told::CookingFinished(_) => (&[Some(Cooking)], Cooked),
            Told::TicketCancelled(_) => (&[None, Some(Received), Some(Accepted)], Cancelled),
            _ => return,
        };
        self.is_made(event, true, broken);
        if to == Accepted {
            self.accepted.insert(event.aggregate_id);
        }
        let before = self.tickets.insert(event.aggregate_id, to);
        broken.unless(from.contains(&before), TICKET_STEPS, || {
            format!("{}: it was {before:?}", named(event))
        });
    }

    /// There is an order, which is made in a kitchen or not.
    fn is_made(&self, event: &Event, made: bool, broken: &mut Broken) {
        let order = self.all.get(&event.aggregate_id);
        let right = order.is_some_and(|order| order.made == made);
        broken.unless(right, REASON, || format!("{}: its order is {order:?}", named(event)));
    }
}

/// A store that is not there turns it down before anybody has it.
fn before_rejection(rejected: &TicketRejected) -> &'static [Option<Ticket>] {
    match rejected.reason.as_str() {
        "STORE_NOT_FOUND" => &[None],
        _ => &[Some(Ticket::Received), Some(Ticket::Accepted)],
    }
}

/// What deliveries tell.
impl Orders {
    fn delivery(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        match told {
            Told::DeliveryStarted(_) => self.started(event, broken),
            Told::DeliveryPickedUp(told) => self.picked_up(event, told, broken),
            Told::DeliveryCompleted(told) => self.completed(event, told, broken),
            Told::DeliveryCancelled(_) => {
                let before = self.brought(event, Delivery::Cancelled);
                let may = matches!(before, None | Some(Delivery::Started));
                broken
                    .unless(may, DELIVERY_STEPS, || format!("{}: it was {before:?}", named(event)));
                self.is_made(event, false, broken);
            }
            _ => {}
        }
    }

    /// What it was before.
    fn brought(&mut self, event: &Event, now: Delivery) -> Option<Delivery> {
        self.deliveries.insert(event.aggregate_id, now)
    }

    /// E-F3, D-P3: once it is paid, or cooked.
    fn started(&mut self, event: &Event, broken: &mut Broken) {
        let before = self.brought(event, Delivery::Started);
        broken.unless(before.is_none(), DELIVERY_STEPS, || {
            format!("{}: it was {before:?}", named(event))
        });
        let of = &event.aggregate_id;
        let (order, ticket) = (self.all.get(of), self.tickets.get(of));
        let cooked = ticket == Some(&Ticket::Cooked);
        broken.unless(order.is_some_and(|order| !order.made || cooked), REASON, || {
            format!("{}: its order is {order:?}, its ticket {ticket:?}", named(event))
        });
    }

    fn picked_up(&mut self, event: &Event, told: &DeliveryPickedUp, broken: &mut Broken) {
        let courier = told.courier.clone();
        let before = self.brought(event, Delivery::PickedUp { courier });
        broken.unless(before == Some(Delivery::Started), DELIVERY_STEPS, || {
            format!("{}: it was {before:?}", named(event))
        });
        let order = self.all.get(&event.aggregate_id).map(|order| order.state);
        broken.unless(order != Some(State::Cancelled), TOO_LATE, || {
            format!("{}: its order is {order:?}", named(event))
        });
    }

    fn completed(&mut self, event: &Event, told: &DeliveryCompleted, broken: &mut Broken) {
        let before = self.brought(event, Delivery::Completed);
        let may = matches!(before, Some(Delivery::PickedUp { .. }));
        broken.unless(may, DELIVERY_STEPS, || format!("{}: it was {before:?}", named(event)));
        let courier = told.courier.clone();
        let same = before == Some(Delivery::PickedUp { courier });
        broken.unless(!may || same, COURIER, || format!("{}: it was {before:?}", named(event)));
    }
}

impl Order {
    /// Whether nobody but a person has anything to do about it: its store while it is received, accepted
    /// or cooking, a courier while it is started or picked up.
    fn rests(&self, ticket: Option<Ticket>, delivery: Option<&Delivery>) -> bool {
        use Delivery::{Cancelled, Completed, PickedUp, Started};
        let cooked = if self.made { ticket == Some(Ticket::Cooked) } else { ticket.is_none() };
        match self.state {
            State::Placed if self.made => ticket == Some(Ticket::Received) && delivery.is_none(),
            State::Placed => cooked && delivery == Some(&Started),
            State::Preparing if delivery.is_none() => {
                matches!(ticket, Some(Ticket::Accepted | Ticket::Cooking))
            }
            State::Preparing => self.made && cooked && delivery == Some(&Started),
            State::Delivering => cooked && matches!(delivery, Some(PickedUp { .. })),
            State::Delivered => cooked && delivery == Some(&Completed),
            State::Cancelled if self.made => {
                let off = matches!(ticket, Some(Ticket::Cancelled | Ticket::Rejected));
                off && delivery.is_none()
            }
            State::Cancelled => cooked && delivery == Some(&Cancelled),
        }
    }
}
