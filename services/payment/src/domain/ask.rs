//! What a payment asks of the provider, all of it under the payment's own key.

use std::time::Duration;

use jangteo::provider::v1::{Charge, ChargePayerRequest, RefundPayerRequest, RefundPayerResponse};
use jangteo_kit::decide::{Heard, No, Pending, Question, Unanswered};
use tonic::Code;

use super::{Command, Payment, State, Step};

/// How long the provider may take, whoever waits for it (B-O6).
const LIMIT: Duration = Duration::from_millis(610);

impl Payment {
    /// The question that the payment waits for.
    pub(super) fn question(&self) -> Option<Pending<Command>> {
        match &self.state {
            State::Approving => Some(self.charge(Unanswered::Undo)),
            State::Cancelling { step: Step::Charging, .. } => Some(self.charge(Unanswered::Finish)),
            State::Cancelling { step: Step::Refunding { .. }, .. } => Some(self.refund()),
            State::Approved | State::Declined { .. } | State::Cancelled { .. } => None,
        }
    }

    fn charge(&self, unanswered: Unanswered) -> Pending<Command> {
        let request = ChargePayerRequest {
            payer: self.order.payer.clone(),
            amount_krw: self.order.amount_krw,
            call_key: self.key.clone(),
        };
        let question = Question::of("ProviderService/ChargePayer", &request);
        let hear =
            |heard: Heard<Charge>, at| Command::Charged { heard: heard.and_then(|_| Some(())), at };
        Pending::new(self.key.clone(), question, LIMIT, unanswered, hear)
    }

    fn refund(&self) -> Pending<Command> {
        let request = RefundPayerRequest { call_key: self.key.clone() };
        let question = Question::of("ProviderService/RefundPayer", &request);
        let hear = |heard: Heard<RefundPayerResponse>, at| Command::Refunded {
            heard: heard.and_then(|_| Some(())),
            at,
        };
        Pending::new(self.key.clone(), question, LIMIT, Unanswered::Finish, hear)
    }
}

/// The provider can't be asked, or does not answer in time.
pub(super) fn away() -> No {
    No::unavailable(
        "PAYMENT_UNAVAILABLE",
        "nothing was charged: payments can't be made right now, please pay a little later",
    )
}

/// What the provider's own no means to whoever pays.
pub(super) fn declined(no: &No) -> No {
    No {
        code: Code::FailedPrecondition.into(),
        reason: "PAYMENT_DECLINED".to_owned(),
        message: format!("nothing was charged: {}", no.message),
        retry_after_ms: None,
    }
}

/// A payment that was cancelled is not made under the same key.
pub(super) fn cancelled() -> No {
    No {
        code: Code::FailedPrecondition.into(),
        reason: "PAYMENT_CANCELLED".to_owned(),
        message: "the payment was cancelled: nothing is charged".to_owned(),
        retry_after_ms: None,
    }
}
