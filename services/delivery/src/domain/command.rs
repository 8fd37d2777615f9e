//! What a delivery can be told.

use jangteo_kit::decide::Heard;
use uuid::Uuid;

use super::Destination;

/// What a delivery can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// E-F3: its order is paid; D-P3: or cooked, if a store makes it. Cannot be refused.
    Start { id: Uuid, customer: String, seller: String, at: i64 },
    /// What the order said when it was asked where it goes. Cannot be refused.
    DestinationKnown { heard: Heard<Destination> },
    /// By a courier, as access has checked.
    PickUp { by: Actor, at: i64 },
    /// E-F4: by the courier who has it.
    Complete { by: Actor, at: i64 },
    /// E-F5: the order asks whether it is too late, perhaps before it has begun.
    Cancel { id: Uuid, customer: String, seller: String, at: i64 },
    /// The order is called off already. Cannot be refused.
    CallOff { at: i64 },
}

/// The person on whose behalf a command is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) String);
