//! The rules of a review. Pure: time and what item answers arrive inside the command.

mod ask;
mod command;
mod decide;
mod rejection;
#[cfg(test)]
mod tests;

use jangteo::review::v1::{ReviewRequested, ReviewWritten};
use jangteo_kit::decide::No;
use uuid::Uuid;

pub(crate) use self::{
    command::{Actor, Command},
    rejection::Rejection,
};

/// What the renter of one rental thought of its item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Review {
    /// The review, and the rental.
    pub(crate) id: Uuid,
    /// The item, as the rental says: nobody else's leaves the lists (B.14-2).
    pub(crate) item: Uuid,
    /// What it is.
    pub(crate) item_name: String,
    /// Who rented it, and reviews it.
    pub(crate) renter: String,
    /// Who rented it out.
    pub(crate) owner: String,
    /// Where it stands.
    pub(crate) state: State,
}

/// Where a review stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The renter was asked for it (B-F12).
    Requested {
        /// Why the last attempt came to nothing, if there was one.
        failed: Option<No>,
    },
    /// The score is given; the item is being taken off the lists.
    Writing {
        /// 1 to 5.
        score: i32,
        /// How the item is asked.
        asked: Asked,
    },
    /// Everybody sees it. Final.
    Written {
        /// 1 to 5.
        score: i32,
    },
}

/// How an item is asked to leave the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Once, in time for whoever writes.
    First,
    /// Until it answers, since it may have heard it before.
    Again,
}

impl Review {
    /// Whether this person, or anybody if he says no name, may know of it.
    pub(crate) fn is_seen_by(&self, person: Option<&str>) -> bool {
        matches!(self.state, State::Written { .. }) || person == Some(self.renter.as_str())
    }
}

jangteo_kit::events! {
    /// What happens to reviews.
    pub(crate) enum Event { ReviewRequested, ReviewWritten }
}
