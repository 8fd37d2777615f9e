//! What a review can be told.

use jangteo_kit::decide::Heard;
use uuid::Uuid;

/// What a review can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// B-F12: its rental is over. Cannot be refused.
    Request { id: Uuid, item: Uuid, item_name: String, renter: String, owner: String, at: i64 },
    /// By the renter; the score is 1 to 5, as the contract has checked.
    Write { by: Actor, score: i32 },
    /// What the item said to leaving the lists. Cannot be refused.
    ItemAnswered { heard: Heard<()>, at: i64 },
}

/// The person on whose behalf a command is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) String);
