//! What an order asks of the stock, of payment, and of its store or its delivery. It asks the first two
//! once, and lets go of what it takes under the same key; each try to call it off has a key of its own.

use std::time::Duration;

use jangteo::{
    delivery::v1::{CancelDeliveryRequest, Delivery},
    inventory::v1::{
        HoldStockRequest, HoldStockResponse, StockLine, UndoHoldStockRequest, UndoHoldStockResponse,
    },
    payment::v1::{ApprovePaymentRequest, CancelPaymentRequest, CancelPaymentResponse, Payment},
    store::v1::{CancelTicketRequest, Ticket},
};
use jangteo_kit::decide::{Heard, No, Pending, Question, Unanswered};
use tonic::Code;
use uuid::Uuid;

use super::{Command, Order, Sold, Standing, State, Undo, Wanted};

/// How long the stock may take to answer (E-N5).
const STOCK_LIMIT: Duration = Duration::from_millis(500);

/// How long payment, store and delivery may take.
const LIMIT: Duration = Duration::from_millis(610);

impl Order {
    /// The question that the order waits for.
    pub(super) fn question(&self) -> Option<Pending<Command>> {
        match &self.state {
            State::Holding => Some(self.hold_stock()),
            State::Paying(sold) => Some(self.approve_payment(sold)),
            State::Abandoning { undo: Undo::Stock | Undo::StockThenPayment(_), .. } => {
                Some(self.undo_hold_stock())
            }
            State::Abandoning { undo: Undo::Payment(sold), .. } => Some(self.cancel_payment(sold)),
            State::Bought(purchase, Standing::Cancelling { again, .. }) => {
                Some(self.call_off(&purchase.sold, *again))
            }
            State::Abandoned { .. }
            | State::Bought(_, Standing::Reached { .. } | Standing::Cancelled { .. }) => None,
        }
    }

    fn hold_stock(&self) -> Pending<Command> {
        let line = |line: &Wanted| StockLine {
            product_id: line.product.to_string(),
            quantity: line.quantity,
        };
        let request = HoldStockRequest {
            holder_id: self.id.to_string(),
            buyer: self.customer.clone(),
            lines: self.wanted.iter().map(line).collect(),
            call_key: self.key(),
            counted_only: false,
        };
        let question = Question::of("InventoryService/HoldStock", &request);
        let wanted = self.wanted.clone();
        Pending::new::<HoldStockResponse>(
            self.key(),
            question,
            STOCK_LIMIT,
            Unanswered::Undo,
            move |heard, _| {
                let heard = heard.and_then(|held| Sold::of(held, &wanted));
                Command::StockAnswered { heard }
            },
        )
    }

    fn undo_hold_stock(&self) -> Pending<Command> {
        let request = UndoHoldStockRequest {
            holder_id: self.id.to_string(),
            product_ids: self.wanted.iter().map(|line| line.product.to_string()).collect(),
            call_key: self.key(),
        };
        let question = Question::of("InventoryService/UndoHoldStock", &request);
        Pending::new::<UndoHoldStockResponse>(
            self.key(),
            question,
            STOCK_LIMIT,
            Unanswered::Finish,
            |heard, _| Command::StockUndone { heard: heard.and_then(|_| Some(())) },
        )
    }

    fn approve_payment(&self, sold: &Sold) -> Pending<Command> {
        let request = ApprovePaymentRequest {
            payer: self.customer.clone(),
            payee: sold.seller.clone(),
            amount_krw: sold.total_krw(),
            call_key: self.payment_key(),
        };
        let (key, question) =
            (self.payment_key(), Question::of("PaymentService/ApprovePayment", &request));
        Pending::new::<Payment>(key, question, LIMIT, Unanswered::Undo, |heard, at| {
            let heard = heard.and_then(|payment| Uuid::try_parse(&payment.id).ok());
            Command::PaymentAnswered { heard, at }
        })
    }

    fn cancel_payment(&self, sold: &Sold) -> Pending<Command> {
        let request = CancelPaymentRequest {
            payer: self.customer.clone(),
            payee: sold.seller.clone(),
            amount_krw: sold.total_krw(),
            call_key: self.payment_key(),
            refund: false,
        };
        let (key, question) =
            (self.payment_key(), Question::of("PaymentService/CancelPayment", &request));
        let unanswered = Unanswered::Finish;
        Pending::new::<CancelPaymentResponse>(key, question, LIMIT, unanswered, |heard, _| {
            Command::PaymentUndone { heard: heard.and_then(|_| Some(())) }
        })
    }

    /// At first whoever calls it off waits for the answer; what takes longer goes on without him.
    fn call_off(&self, sold: &Sold, again: bool) -> Pending<Command> {
        let unanswered = if again { Unanswered::Finish } else { Unanswered::Undo };
        match sold.store {
            Some(store) => self.cancel_ticket(sold, store, unanswered),
            None => self.cancel_delivery(sold, unanswered),
        }
    }

    fn cancel_ticket(&self, sold: &Sold, store: Uuid, unanswered: Unanswered) -> Pending<Command> {
        let key = self.cancel_key();
        let request = CancelTicketRequest {
            id: self.id.to_string(),
            store_id: store.to_string(),
            customer: self.customer.clone(),
            seller: sold.seller.clone(),
            call_key: key.clone(),
        };
        let question = Question::of("TicketService/CancelTicket", &request);
        Pending::new(key, question, LIMIT, unanswered, |heard: Heard<Ticket>, at| {
            Command::CancelAnswered { heard: heard.and_then(|_| Some(())), at }
        })
    }

    fn cancel_delivery(&self, sold: &Sold, unanswered: Unanswered) -> Pending<Command> {
        let key = self.cancel_key();
        let request = CancelDeliveryRequest {
            id: self.id.to_string(),
            customer: self.customer.clone(),
            seller: sold.seller.clone(),
            call_key: key.clone(),
        };
        let question = Question::of("DeliveryService/CancelDelivery", &request);
        Pending::new(key, question, LIMIT, unanswered, |heard: Heard<Delivery>, at| {
            Command::CancelAnswered { heard: heard.and_then(|_| Some(())), at }
        })
    }

    /// Names this try to call it off.
    fn cancel_key(&self) -> String {
        format!("{}/cancels/{}", self.key(), self.cancels)
    }

    fn key(&self) -> String {
        format!("orders/{}", self.id)
    }

    /// Names the payment: there is one try.
    pub(super) fn payment_key(&self) -> String {
        format!("{}/payments/1", self.key())
    }
}

/// The stock can't be asked, or does not answer in time.
pub(super) fn stock_away() -> No {
    No::unavailable(
        "INVENTORY_UNAVAILABLE",
        "nothing was charged, nothing is held: the stock can't be asked, try again soon",
    )
}

/// Payment can't be asked, or does not answer in time.
pub(super) fn payment_away() -> No {
    No::unavailable(
        "PAYMENT_UNAVAILABLE",
        "nothing was charged: payments can't be made right now, please order a little later",
    )
}

/// Whoever has it, its store or its delivery, can't be asked whether it is too late.
pub(super) fn cancel_away(store: Option<Uuid>) -> No {
    match store {
        Some(_) => No::unavailable(
            "STORE_UNAVAILABLE",
            "the order stands: its store can't be asked right now, call it off a little later",
        ),
        None => No::unavailable(
            "DELIVERY_UNAVAILABLE",
            "the order stands: its delivery can't be asked right now, call it off a little later",
        ),
    }
}

/// It costs something else than the customer expects.
pub(super) fn price_changed(total_krw: i64) -> No {
    let said = format!("nothing was charged: it costs {total_krw} won now, order again to buy it");
    precondition("PRICE_CHANGED", said)
}

/// It costs more than payment takes.
pub(super) fn too_large(total_krw: i64) -> No {
    let said = format!(
        "nothing was charged: it costs {total_krw} won, and at most 1000000000 can be paid at once"
    );
    precondition("TOTAL_TOO_LARGE", said)
}

/// It can't be called off: its customer has it.
pub(super) fn delivered() -> No {
    precondition("ORDER_DELIVERED", "the order has arrived".to_owned())
}

fn precondition(reason: &str, message: String) -> No {
    No {
        code: Code::FailedPrecondition.into(),
        reason: reason.to_owned(),
        message,
        retry_after_ms: None,
    }
}
