//! What a ticket can be told.

use jangteo_kit::decide::Heard;
use uuid::Uuid;

use super::Line;

/// What a ticket can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// D-F2: its order is paid. Cannot be refused.
    Receive { id: Uuid, store: Uuid, customer: String, seller: String, lines: Vec<Line> },
    /// Whether its seller has the store. Cannot be refused.
    StoreChecked { heard: Heard<()>, at: i64 },
    /// D-F3: by whoever has the store, as all of the next ones are.
    Accept { by: Actor, at: i64 },
    /// The store does not make it.
    Reject { by: Actor, at: i64 },
    /// D-P3: it is too late to call it off from now on.
    StartCooking { by: Actor, at: i64 },
    /// D-P3: a courier may come.
    FinishCooking { by: Actor, at: i64 },
    /// D-F4: the order asks whether it is too late, perhaps before the ticket has come.
    Cancel { id: Uuid, store: Uuid, customer: String, seller: String, at: i64 },
    /// The order is called off already. Cannot be refused.
    CallOff { at: i64 },
}

/// The person on whose behalf a command is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) String);
