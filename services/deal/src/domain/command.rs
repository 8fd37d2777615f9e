//! What a deal can be told.

use jangteo_kit::decide::Heard;
use uuid::Uuid;

use super::{Meeting, Terms};

/// What a deal can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// A-F3: from an offer, by whoever sells.
    Reserve { id: Uuid, offer: Uuid, by: Actor, meeting: Meeting, at: i64 },
    /// What the offer said to being taken.
    OfferAnswered { heard: Heard<Terms> },
    /// What the post said to being reserved.
    PostAnswered { heard: Heard<()>, at: i64 },
    /// What the post said to being let go.
    PostReleased { heard: Heard<()> },
    /// What the offer said to being let go.
    OfferReleased { heard: Heard<()> },
    /// Another time and place.
    Reschedule { by: Actor, meeting: Meeting, at: i64 },
    /// A-F4: called off.
    Cancel { by: Actor, at: i64 },
    /// A-F5: handed over.
    Complete { by: Actor, at: i64 },
}

/// The person on whose behalf a command is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) String);
