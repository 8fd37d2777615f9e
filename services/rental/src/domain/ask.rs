//! What a rental asks of payment and item, each attempt under a key of its own.

use std::time::Duration;

use jangteo::{
    item::v1::{Item, UndoWithholdItemRequest, UndoWithholdItemResponse, WithholdItemRequest},
    payment::v1::{ApprovePaymentRequest, CancelPaymentRequest, CancelPaymentResponse, Payment},
};
use jangteo_kit::decide::{Heard, No, Pending, Question, Unanswered};
use prost::Message;
use tonic::Code;
use uuid::Uuid;

use super::{Command, Rental, Standing, State, Terms};

/// How long payment and item may take to answer (B-O6).
const LIMIT: Duration = Duration::from_millis(610);

impl Rental {
    /// The question that the rental waits for.
    pub(super) fn question(&self) -> Option<Pending<Command>> {
        let State::Kept(terms, standing) = &self.state else { return None };
        match standing {
            Standing::Paying { .. } => Some(self.approve(terms)),
            Standing::Unpaying { .. } => Some(self.unpay(terms)),
            Standing::Withholding(_) => Some(self.withhold()),
            Standing::Rearming(..) => Some(self.rearm()),
            Standing::Refunding { again, .. } => Some(self.refund(terms, *again)),
            Standing::Confirmed { .. }
            | Standing::Paid { .. }
            | Standing::Lent { .. }
            | Standing::Returned => None,
        }
    }

    fn approve(&self, terms: &Terms) -> Pending<Command> {
        let request = ApprovePaymentRequest {
            payer: self.renter.clone(),
            payee: terms.owner.clone(),
            amount_krw: terms.price_krw,
            call_key: self.payment_key(),
        };
        let question = Question::of("PaymentService/ApprovePayment", &request);
        let hear = |heard: Heard<Payment>, at| {
            let heard = heard.and_then(|payment| Uuid::try_parse(&payment.id).ok());
            Command::PaymentAnswered { heard, at }
        };
        Pending::new(self.payment_key(), question, LIMIT, Unanswered::Undo, hear)
    }

    fn unpay(&self, terms: &Terms) -> Pending<Command> {
        let hear = |heard, _| Command::PaymentUndone { heard };
        self.let_go(terms, false, Unanswered::Finish, hear)
    }

    /// At first whoever asks for his money waits for it; what takes longer goes on without him.
    fn refund(&self, terms: &Terms, again: bool) -> Pending<Command> {
        let unanswered = if again { Unanswered::Finish } else { Unanswered::Undo };
        self.let_go(terms, true, unanswered, |heard, at| Command::Refunded { heard, at })
    }

    fn let_go(
        &self,
        terms: &Terms,
        refund: bool,
        unanswered: Unanswered,
        hear: fn(Heard<()>, i64) -> Command,
    ) -> Pending<Command> {
        let request = CancelPaymentRequest {
            payer: self.renter.clone(),
            payee: terms.owner.clone(),
            amount_krw: terms.price_krw,
            call_key: self.payment_key(),
            refund,
        };
        let question = Question::of("PaymentService/CancelPayment", &request);
        answered::<CancelPaymentResponse>(self.payment_key(), question, unanswered, hear)
    }

    fn withhold(&self) -> Pending<Command> {
        let request = WithholdItemRequest {
            id: self.item.to_string(),
            rental_id: self.id.to_string(),
            attempt: self.payments,
            call_key: self.withhold_key(),
        };
        let question = Question::of("ItemService/WithholdItem", &request);
        let hear = |heard, _| Command::ItemWithheld { heard };
        answered::<Item>(self.withhold_key(), question, Unanswered::Undo, hear)
    }

    fn rearm(&self) -> Pending<Command> {
        let request = UndoWithholdItemRequest {
            id: self.item.to_string(),
            rental_id: self.id.to_string(),
            attempt: self.payments,
            call_key: self.withhold_key(),
        };
        let question = Question::of("ItemService/UndoWithholdItem", &request);
        let hear = |heard, _| Command::ItemRearmed { heard };
        let unanswered = Unanswered::Finish;
        answered::<UndoWithholdItemResponse>(self.withhold_key(), question, unanswered, hear)
    }

    fn withhold_key(&self) -> String {
        format!("rentals/{}/withholds/{}", self.id, self.withholds)
    }
}

/// A question of which only the yes or no matters.
fn answered<M: Message + Default>(
    key: String,
    question: Question,
    unanswered: Unanswered,
    hear: fn(Heard<()>, i64) -> Command,
) -> Pending<Command> {
    let hear = move |heard: Heard<M>, at| hear(heard.and_then(|_| Some(())), at);
    Pending::new(key, question, LIMIT, unanswered, hear)
}

/// Payment can't be asked, or does not answer in time (B-N3).
pub(super) fn payment_away() -> No {
    No::unavailable(
        "PAYMENT_UNAVAILABLE",
        "nothing was charged: payments can't be made right now, please pay a little later",
    )
}

/// The item can't be asked whether it is lent.
pub(super) fn item_away() -> No {
    No::unavailable(
        "ITEM_UNAVAILABLE",
        "nothing happened: the item can't be asked whether it is lent, try again a little later",
    )
}

/// The item was lent before it could be withheld.
pub(super) fn item_lent() -> No {
    No {
        code: Code::FailedPrecondition.into(),
        reason: "ITEM_LENT".to_owned(),
        message: "the item is lent: bring it back first".to_owned(),
        retry_after_ms: None,
    }
}
