//! What should be shown of a kitchen and of what it makes, and whether it is.

use jangteo::{
    inventory::v1::Product,
    order::v1::{GetOrderRequest, Order, order},
    store::v1::{GetTicketRequest, Store, Ticket, ticket},
};

use crate::demo::{
    page::{Page, Shown},
    stage::Stage,
    step::{Row, Step},
};

/// A store, by what is on its menu.
pub(super) struct Kitchen {
    pub(super) dish: Product,
}

impl Kitchen {
    /// What is ordered, as it should be shown at first.
    pub(super) fn meal(&self, order: &Order, quantity: i64) -> Meal {
        let Product { id, name, owner, price_krw, store_id, .. } = self.dish.clone();
        let portions = ticket::Line { product_id: id.clone(), name: name.clone(), quantity };
        let ticket = Ticket {
            id: order.id.clone(),
            store_id: store_id.clone(),
            customer: order.customer.clone(),
            seller: owner.clone(),
            lines: vec![portions],
            state: ticket::State::Received.into(),
            ..Ticket::default()
        };
        let order = Order {
            seller: owner,
            store_id,
            lines: vec![order::Line { product_id: id, name, quantity, price_krw }],
            total_krw: price_krw * quantity,
            state: order::State::Placed.into(),
            ..order.timeless()
        };
        Meal { order, ticket }
    }
}

/// An order, as its customer should be shown it, and its ticket, as its store should. Times are the
/// market's own.
pub(super) struct Meal {
    order: Order,
    ticket: Ticket,
}

impl Meal {
    /// The id of both.
    pub(super) fn id(&self) -> &str {
        &self.order.id
    }

    pub(super) fn customer(&self) -> &str {
        &self.order.customer
    }

    /// Both stand so from now on.
    pub(super) fn stands(&mut self, (order, ticket): (order::State, ticket::State)) {
        self.order.set_state(order);
        self.ticket.set_state(ticket);
    }

    /// The order will be called off for this reason.
    pub(super) fn is_off(&mut self, why: &str) {
        why.clone_into(&mut self.order.cancel_reason);
    }

    /// Waits until both are shown, and answers what is.
    pub(super) async fn shown(&self, stage: &Stage, step: &Step) -> anyhow::Result<Vec<Row>> {
        let request = GetOrderRequest { id: self.order.id.clone() };
        let page = Page { of: self.customer(), request, expected: Some(self.order.clone()) };
        let order = page.shown(stage, step, "ORDER_NOT_FOUND").await?;
        let request = GetTicketRequest { id: self.ticket.id.clone() };
        let page = Page { of: &self.ticket.seller, request, expected: Some(self.ticket.clone()) };
        Ok(vec![order, page.shown(stage, step, "TICKET_NOT_FOUND").await?])
    }
}

impl Shown for Store {
    fn timeless(&self) -> Self {
        Self { create_time: None, update_time: None, etag: String::new(), ..self.clone() }
    }

    fn words(&self) -> String {
        format!("finds {}, the store of {}", self.name, self.owner)
    }
}

impl Shown for Ticket {
    fn timeless(&self) -> Self {
        Self { create_time: None, update_time: None, etag: String::new(), ..self.clone() }
    }

    fn words(&self) -> String {
        let line = |line: &ticket::Line| format!("{} {}", line.quantity, line.name);
        let lines: Vec<_> = self.lines.iter().map(line).collect();
        let stands = match self.state() {
            ticket::State::Received | ticket::State::Unspecified => "to be answered",
            ticket::State::Accepted => "taken on (상점 접수)",
            ticket::State::Cooking => "being cooked",
            ticket::State::Cooked => "cooked (조리 완료)",
            ticket::State::Rejected => "turned down (상점 거절)",
            ticket::State::Cancelled => "called off (주문 취소)",
        };
        format!("has {} to cook for {}: {stands}", lines.join(", "), self.customer)
    }
}
