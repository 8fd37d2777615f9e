//! What an offer can be told.

use jangteo_kit::decide::Heard;
use uuid::Uuid;

use super::Terms;

/// What an offer can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// A-F2 at the post's price, A-F9 at another one.
    Create { id: Uuid, post: Uuid, buyer: String, proposed_krw: Option<i64>, at: i64 },
    /// What post says to the question of this number.
    Hear { check: i64, heard: Heard<Terms>, at: i64 },
    /// A-F10: by the post's seller.
    Accept { by: Actor, at: i64 },
    /// A-F11: by the post's seller.
    Refuse { by: Actor, at: i64 },
    /// By its buyer.
    Withdraw { by: Actor, at: i64 },
    /// For one deal, which this seller plans.
    Take { deal: Uuid, seller: String },
    /// The deal came to nothing, without anybody having seen it.
    Release { deal: Uuid },
    /// The deal was called off: seller and buyer begin anew.
    Reopen { deal: Uuid },
    /// The deal was completed.
    Complete { deal: Uuid, at: i64 },
    /// A-F12: its post can't be bought any more.
    Close { why: Gone, at: i64 },
    /// Nobody planned a deal on it in time.
    Expire { at: i64 },
}

/// The person on whose behalf a command is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) String);

/// Why a post can't be bought any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    /// Somebody else has bought it.
    Sold,
    /// Its seller has removed it.
    Deleted,
}
