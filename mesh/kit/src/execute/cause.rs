//! Why something is done: for the history, and for whoever reads it as a timeline.

use uuid::Uuid;

use super::call::{Call, RequestKey};
use crate::event::Event;

/// Why a command is executed.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    /// When, in ms since 1970.
    pub(crate) at: i64,
    /// The request or event that asked for it.
    pub(crate) causation_id: Uuid,
    /// What it belongs to, as far as whoever caused it knows.
    pub(crate) correlation_id: Option<Uuid>,
    /// The trace that it belongs to.
    pub(crate) traceparent: String,
    /// What it bears gets an id that was made just now: nothing is known of it.
    pub(super) newborn: bool,
    /// Whoever executes it asks what the state waits for afterwards.
    pub(crate) asks: bool,
    /// How long all questions together may take, in ms since 1970.
    pub(crate) until: Option<i64>,
    /// The request that is answered when the state waits no more.
    pub(super) request: Option<RequestKey>,
    /// What the peers have written for it so far, as a consistency token.
    pub(crate) token: String,
}

impl Cause {
    /// A request.
    pub(super) fn of_call(call: &Call) -> Self {
        Self {
            at: call.at,
            causation_id: call.causation_id,
            correlation_id: call.correlation_id,
            traceparent: call.traceparent.clone(),
            newborn: false,
            asks: true,
            until: call.until,
            request: call.request.clone(),
            token: String::new(),
        }
    }

    /// An event of another context, taken in at `at`.
    pub(crate) fn of_event(event: &Event, at: i64) -> Self {
        Self {
            at,
            causation_id: event.id(),
            correlation_id: Some(event.correlation_id),
            traceparent: event.traceparent.clone(),
            newborn: false,
            asks: false,
            until: None,
            request: None,
            token: String::new(),
        }
    }
}
