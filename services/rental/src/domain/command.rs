//! What a rental can be told.

use jangteo_kit::decide::Heard;
use uuid::Uuid;

use super::Terms;

/// What a rental can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// B-F3: by whoever rents.
    Reserve { id: Uuid, item: Uuid, renter: String, at: i64 },
    /// B-F5: the item is kept for it.
    Confirm { terms: Terms, at: i64 },
    /// The item is not to be had.
    Refuse { reason: String, at: i64 },
    /// B-F6.
    Pay { by: Actor },
    /// What payment said to being asked for the money.
    PaymentAnswered { heard: Heard<Uuid>, at: i64 },
    /// What payment said to nothing being wanted any more.
    PaymentUndone { heard: Heard<()> },
    /// B-F7: the money back, the item kept.
    CancelPayment { by: Actor },
    /// B-F4, B-F9: called off.
    Cancel { by: Actor, at: i64 },
    /// What the item said to not being lent.
    ItemWithheld { heard: Heard<()> },
    /// What the item said to being lent again.
    ItemRearmed { heard: Heard<()> },
    /// What payment said to the money going back.
    Refunded { heard: Heard<()>, at: i64 },
    /// Nobody has paid in time.
    Expire { at: i64 },
    /// B-F8: the renter has the item.
    Lent { at: i64 },
    /// B-F10: the item is back.
    Returned { at: i64 },
}

/// The person on whose behalf a command is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) String);
