//! Buying: the stock is held, then the money is taken, or whatever was taken is let go. From the first
//! no on an answer that comes late finds nothing to do.

use jangteo::order::v1::OrderPlaced;
use jangteo_kit::decide::Heard;
use uuid::Uuid;

use super::{
    Event, Order, Purchase, Rank, Sold, Standing, State, Undo,
    ask::{payment_away, price_changed, stock_away, too_large},
    decide::told,
};

/// What payment takes at once, in whole won.
const MOST_KRW: i64 = 1_000_000_000;

impl Order {
    /// Only here nothing at all has left the house before.
    pub(super) fn stock_answered(self, heard: Heard<Sold>) -> Self {
        if self.state != State::Holding {
            return self;
        }
        let state = match heard {
            Heard::Yes(sold) => self.priced(sold),
            Heard::No(why) => State::Abandoning { undo: Undo::Stock, why },
            Heard::NotSent => State::Abandoned { why: stock_away() },
            Heard::Nothing => State::Abandoning { undo: Undo::Stock, why: stock_away() },
        };
        Self { state, ..self }
    }

    /// Nobody is asked for another sum than he expects.
    fn priced(&self, sold: Sold) -> State {
        let total = sold.total_krw();
        let why = match self.expected_total_krw {
            Some(expected) if expected != total => price_changed(total),
            _ if total > MOST_KRW => too_large(total),
            _ => return State::Paying(sold),
        };
        State::Abandoning { undo: Undo::Stock, why }
    }

    /// Only a yes makes it an order.
    pub(super) fn payment_answered(self, heard: Heard<Uuid>, at: i64) -> (Self, Vec<Event>) {
        let State::Paying(sold) = &self.state else { return (self, vec![]) };
        let sold = sold.clone();
        let (undo, why) = match heard {
            Heard::Yes(payment) => return self.placed(Purchase { sold, payment }, at),
            Heard::No(why) => (Undo::StockThenPayment(sold), why),
            // Payment has never heard of this order, and may be away for long: it is left alone.
            Heard::NotSent => (Undo::Stock, payment_away()),
            Heard::Nothing => (Undo::StockThenPayment(sold), payment_away()),
        };
        (Self { state: State::Abandoning { undo, why }, ..self }, vec![])
    }

    fn placed(self, purchase: Purchase, at: i64) -> (Self, Vec<Event>) {
        let event = told!(
            OrderPlaced, self, purchase.sold, at,
            lines: purchase.sold.told(), total_krw: purchase.sold.total_krw(),
            payment_id: purchase.payment.to_string(), store_id: purchase.sold.store_id()
        );
        let standing = Standing::Reached { rank: Rank::Placed, failed: None };
        (Self { state: State::Bought(purchase, standing), ..self }, vec![event])
    }

    /// What was taken is let go of when its owner says so, and not before.
    pub(super) fn stock_undone(self, heard: &Heard<()>) -> Self {
        let (Heard::Yes(()), State::Abandoning { undo, why }) = (heard, &self.state) else {
            return self;
        };
        let state = match undo {
            Undo::Stock => State::Abandoned { why: why.clone() },
            Undo::StockThenPayment(sold) => {
                State::Abandoning { undo: Undo::Payment(sold.clone()), why: why.clone() }
            }
            Undo::Payment(_) => return self,
        };
        Self { state, ..self }
    }

    pub(super) fn payment_undone(self, heard: &Heard<()>) -> Self {
        match &self.state {
            State::Abandoning { undo: Undo::Payment(_), why } if *heard == Heard::Yes(()) => {
                Self { state: State::Abandoned { why: why.clone() }, ..self }
            }
            _ => self,
        }
    }
}
