//! The rules of a charge. Pure: time and ids arrive inside the command.

#[cfg(test)]
mod tests;

use jangteo::provider::v1::{ChargeMade, ChargeRefunded};
use jangteo_kit::{
    event::timestamp,
    execute::{Aggregate, Decision},
    status::{Kind, Reject},
};
use uuid::Uuid;

/// The ids of charges are UUIDv5 of their keys in this namespace: the UUIDv5 of
/// `provider.jangteo.dev` among DNS names.
const NAMESPACE: Uuid = Uuid::from_u128(0x1903_6aa9_9990_597d_81bc_bd5e_7fd4_c539);

/// Money that was taken under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Charge {
    /// The charge.
    pub(crate) id: Uuid,
    /// The key it was asked for under.
    pub(crate) key: String,
    /// From whom.
    pub(crate) payer: String,
    /// How much, in whole won.
    pub(crate) amount_krw: i64,
    /// The money went back.
    pub(crate) refunded: bool,
}

/// What a charge can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Money is to be taken.
    Make { key: String, payer: String, amount_krw: i64, rule: Rule, at: i64 },
    /// The money goes back.
    Refund { at: i64 },
}

/// What the sandbox declines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Charges of this many won or more; 0: none.
    pub(crate) decline_from_krw: i64,
}

/// The rule that a command would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none.
    #[error("there is no such charge")]
    NotFound,
    /// The sandbox declines so much money.
    #[error("the payment provider declines this amount: pay less, or another way")]
    Declined,
    /// The key stands for another charge.
    #[error("this call_key was used for another charge")]
    KeyReused,
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Declined => Kind::Precondition,
            Self::KeyReused => Kind::Invalid,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "CHARGE_NOT_FOUND",
            Self::Declined => "CHARGE_DECLINED",
            Self::KeyReused => "CHARGE_KEY_REUSED",
        }
    }
}

jangteo_kit::events! {
    /// What happens to charges.
    pub(crate) enum Event { ChargeMade, ChargeRefunded }
}

/// An event that names the charge, its key, the payer and the amount.
macro_rules! told {
    ($event:ident, $charge:expr, $at:expr) => {
        Event::from($event {
            charge_id: $charge.id.to_string(),
            key: $charge.key.clone(),
            payer: $charge.payer.clone(),
            amount_krw: $charge.amount_krw,
            time: Some(timestamp($at)),
        })
    };
}

impl Aggregate for Charge {
    const KIND: &'static str = "charge";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        match (state, command) {
            (None, Command::Make { key, payer, amount_krw, rule, at }) => {
                rule.allows(amount_krw)?;
                let id = Self::id_of(&key);
                let charge = Self { id, key, payer, amount_krw, refunded: false };
                let event = told!(ChargeMade, charge, at);
                Ok((charge, vec![event]))
            }
            (None, Command::Refund { .. }) => Err(Rejection::NotFound),
            (Some(charge), Command::Make { payer, amount_krw, .. }) => {
                let same = (&payer, amount_krw) == (&charge.payer, charge.amount_krw);
                if same { Ok((charge, vec![])) } else { Err(Rejection::KeyReused) }
            }
            (Some(charge), Command::Refund { .. }) if charge.refunded => Ok((charge, vec![])),
            (Some(charge), Command::Refund { at }) => {
                let event = told!(ChargeRefunded, charge, at);
                Ok((Self { refunded: true, ..charge }, vec![event]))
            }
        }
    }
}

impl Charge {
    /// The charge of a key.
    pub(crate) fn id_of(key: &str) -> Uuid {
        Uuid::new_v5(&NAMESPACE, key.as_bytes())
    }
}

impl Rule {
    fn allows(self, amount_krw: i64) -> Result<(), Rejection> {
        let declines = self.decline_from_krw > 0 && amount_krw >= self.decline_from_krw;
        if declines { Err(Rejection::Declined) } else { Ok(()) }
    }
}
