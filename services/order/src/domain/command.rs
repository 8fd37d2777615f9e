//! What an order can be told.

use jangteo_kit::decide::Heard;
use uuid::Uuid;

use super::{Destination, Sold, Wanted, Why};

/// What an order can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// E-F1, E-F2: by whoever buys.
    Place {
        id: Uuid,
        customer: String,
        lines: Vec<Wanted>,
        destination: Destination,
        expected_total_krw: Option<i64>,
    },
    /// What the stock said to being held.
    StockAnswered { heard: Heard<Sold> },
    /// What payment said to being asked for the money.
    PaymentAnswered { heard: Heard<Uuid>, at: i64 },
    /// What the stock said to being let go.
    StockUndone { heard: Heard<()> },
    /// What payment said to nothing being wanted any more.
    PaymentUndone { heard: Heard<()> },
    /// D-F4, E-F5: called off.
    Cancel { by: Actor },
    /// What its store or its delivery said to being called off.
    CancelAnswered { heard: Heard<()>, at: i64 },
    /// D-F3: its store has taken it on.
    Preparing { at: i64 },
    /// A courier has it.
    PickedUp { at: i64 },
    /// E-F4: its customer has it.
    Arrived { at: i64 },
    /// Nobody makes it, or nobody brings it.
    CalledOff { why: Why, at: i64 },
}

/// The person on whose behalf a command is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) String);
