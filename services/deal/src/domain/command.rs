//! What a deal can be told.

use jangteo_kit::decide::Heard;
use uuid::Uuid;

use super::{Held, Meeting, Offered, Subject};

/// What a deal can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// A-F3, C-F2: from an offer, by whoever sells; of a product, by whoever buys.
    Reserve { id: Uuid, subject: Subject, by: Actor, meeting: Meeting, at: i64 },
    /// What the offer said to being taken.
    OfferAnswered { heard: Heard<Offered> },
    /// What the post said to being reserved.
    PostAnswered { heard: Heard<()>, at: i64 },
    /// What the stock said to being held.
    StockAnswered { heard: Heard<Held>, at: i64 },
    /// What the post said to being let go.
    PostReleased { heard: Heard<()> },
    /// What the offer said to being let go.
    OfferReleased { heard: Heard<()> },
    /// What the stock said to being let go.
    StockReleased { heard: Heard<()> },
    /// Another time and place.
    Reschedule { by: Actor, meeting: Meeting, at: i64 },
    /// A-F4, C-F6: called off.
    Cancel { by: Actor, at: i64 },
    /// A-F5, C-F4: handed over.
    Complete { by: Actor, at: i64 },
}

/// The person on whose behalf a command is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) String);
