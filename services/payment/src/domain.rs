//! The rules of a payment. Pure: time, ids and the answers of the provider arrive inside the command.

mod ask;
mod decide;
mod rejection;
#[cfg(test)]
mod tests;

use jangteo::payment::v1::{PaymentApproved, PaymentCancelled, PaymentDeclined};
use jangteo_kit::decide::{Heard, No};
use uuid::Uuid;

pub(crate) use self::rejection::Rejection;

/// The ids of payments are UUIDv5 of their keys in this namespace: the UUIDv5 of
/// `payment.jangteo.dev` among DNS names.
const NAMESPACE: Uuid = Uuid::from_u128(0x48a7_f0f9_357e_58cb_b441_0318_95d0_8081);

/// Money that somebody asked for under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Payment {
    /// The payment.
    pub(crate) id: Uuid,
    /// Resource and attempt of whoever asked, such as `rentals/R/payments/1`.
    pub(crate) key: String,
    /// What was asked for.
    pub(crate) order: Order,
    /// Where it stands.
    pub(crate) state: State,
}

/// Who pays how much to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// Who pays.
    pub(crate) payer: String,
    /// Who gets the money.
    pub(crate) payee: String,
    /// How much, in whole won.
    pub(crate) amount_krw: i64,
}

/// Where a payment stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The provider is asked.
    Approving,
    /// The money was taken.
    Approved,
    /// Nothing was taken. Final.
    Declined {
        /// Why not.
        why: No,
    },
    /// Nothing may stay taken.
    Cancelling {
        /// What is found out or done about it.
        step: Step,
        /// What whoever asks for the payment is told.
        why: No,
    },
    /// Nothing is taken any more. Final.
    Cancelled {
        /// It had counted as paid, and the money went back.
        refunded: bool,
        /// What whoever asks for the payment is told.
        why: No,
    },
}

/// How far the cancelling of a payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Whether anything was taken is not known: the same charge is asked for until it is answered.
    Charging,
    /// What was taken goes back.
    Refunding {
        /// It had counted as paid; else nobody was told of it.
        counted: bool,
    },
}

/// What a payment can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// B-F6: money is asked for.
    Approve { key: String, order: Order },
    /// B-F7: the payment is not wanted any more, whether or not it ever came; `refund`: it had counted.
    Cancel { key: String, order: Order, refund: bool, at: i64 },
    /// What the provider said to the charge.
    Charged { heard: Heard<()>, at: i64 },
    /// What the provider said to the refund.
    Refunded { heard: Heard<()>, at: i64 },
}

impl Payment {
    /// The payment of a key.
    pub(crate) fn id_of(key: &str) -> Uuid {
        Uuid::new_v5(&NAMESPACE, key.as_bytes())
    }

    /// What a key pays for, such as `rentals/R` of `rentals/R/payments/1`.
    pub(crate) fn resource(&self) -> &str {
        self.key.rsplit_once("/payments/").map_or(&self.key, |(resource, _)| resource)
    }
}

jangteo_kit::events! {
    /// What happens to payments.
    pub(crate) enum Event { PaymentApproved, PaymentDeclined, PaymentCancelled }
}
