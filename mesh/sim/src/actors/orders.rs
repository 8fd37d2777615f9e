//! What customers and couriers do with an order, of a kitchen or of a shop.

use jangteo::{
    delivery::v1::{
        CompleteDeliveryRequest, Delivery, PickUpDeliveryRequest, delivery::State as DeliveryState,
    },
    inventory::v1::Product,
    order::v1::{
        CancelOrderRequest, Order, PlaceOrderRequest, order::State, place_order_request::Line,
    },
    store::v1::{Ticket, ticket::State as TicketState},
};
use rand::{Rng, rngs::StdRng};

use super::{
    Known, Move,
    cast::{COURIERS, CUSTOMERS, MOST_KRW, any_id, ask, etag, one_in, one_of, person, told, word},
};

const ADDRESSES: &[&str] = &["방배로 1길 10", "서초대로 20"];
const PHONE_NUMBERS: &[&str] = &["010-0000-0001", "010-0000-0002"];

/// An order of one product that fits, or of two that are sold together, so many of each.
pub(super) fn place(
    known: &Known,
    fits: fn(&Product) -> bool,
    pieces: fn(&mut StdRng) -> i64,
    chance: &mut StdRng,
) -> Option<Move> {
    let first = one_of(&known.products, fits, chance)?;
    let beside =
        |it: &Product| fits(it) && it.owner == first.owner && it.store_id == first.store_id;
    let more = one_in(3, chance).then(|| one_of(&known.products, beside, chance)).flatten();
    let bought = [Some(first), more].into_iter().flatten();
    let bought: Vec<_> = bought.map(|product| (product, pieces(chance))).collect();
    let total: i64 = bought.iter().map(|(product, pieces)| product.price_krw * pieces).sum();
    let line = |(product, quantity): (&Product, i64)| Line {
        product_id: told(&product.id, chance),
        quantity,
    };
    let request = PlaceOrderRequest {
        lines: bought.into_iter().map(line).collect(),
        address: word(ADDRESSES, chance),
        phone_number: word(PHONE_NUMBERS, chance),
        expected_total_krw: expected(total, chance),
        request_id: any_id(chance),
    };
    let customer = person(CUSTOMERS, chance);
    Some(ask(customer, "/jangteo.order.v1.OrderService/PlaceOrder", &request, chance))
}

/// What a customer believes that it costs: what he has heard, if he says it; now and then less.
fn expected(total: i64, chance: &mut StdRng) -> Option<i64> {
    let believed = if one_in(8, chance) { total / 2 } else { total };
    chance.random_bool(0.5).then_some(believed.min(MOST_KRW))
}

pub(super) fn cancel(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let order = one_of(&known.orders, is_on, chance)?;
    let request = CancelOrderRequest {
        id: told(&order.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&order.customer, "/jangteo.order.v1.OrderService/CancelOrder", &request, chance))
}

pub(super) fn pick_up(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let order = one_of(&known.orders, |it| known.waits_for_courier(it), chance)?;
    let request = PickUpDeliveryRequest {
        id: told(&order.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    let courier = person(COURIERS, chance);
    Some(ask(courier, "/jangteo.delivery.v1.DeliveryService/PickUpDelivery", &request, chance))
}

pub(super) fn complete(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let under_way = |it: &Delivery| it.state() == DeliveryState::PickedUp;
    let delivery = one_of(&known.deliveries, under_way, chance)?;
    let request = CompleteDeliveryRequest {
        id: told(&delivery.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    let courier = &delivery.courier;
    Some(ask(courier, "/jangteo.delivery.v1.DeliveryService/CompleteDelivery", &request, chance))
}

/// Whether something may still become of an order.
pub(super) fn is_on(order: &Order) -> bool {
    !matches!(order.state(), State::Delivered | State::Cancelled)
}

impl Known {
    fn waits_for_courier(&self, order: &Order) -> bool {
        let is_ready = order.store_id.is_empty() || self.ticket(order) == TicketState::Cooked;
        is_on(order) && is_ready && !self.deliveries.iter().any(|it| it.id == order.id)
    }

    /// Where the ticket of an order stands: its kitchen has it, as far as nobody has heard more.
    pub(super) fn ticket(&self, order: &Order) -> TicketState {
        let ticket = self.tickets.iter().find(|it| it.id == order.id);
        ticket.map_or(TicketState::Received, Ticket::state)
    }
}
