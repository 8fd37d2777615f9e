//! The one way of asking another context, in this process or elsewhere.
//!
//! Every call carries the identity of the context that asks, its trace and its deadline; a breaker
//! per method stops asking a peer that fails. Only what may be asked twice is repeated, as far as a
//! budget goes.

mod answer;
mod codec;
mod line;
mod peers;
mod rpc;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
mod way;

use std::time::Duration;

use futures::future::BoxFuture;
use uuid::Uuid;

use crate::decide::{Heard, No, Question};

pub use self::{answer::heard, codec::Raw, peers::Peers, way::Way};

/// The header that carries the correlation id, both ways.
pub const CORRELATION: &str = "jangteo-correlation-id";
/// Where the `ErrorInfo` of a stored no has the key of the call that it answers.
pub(crate) const CALL_KEY: &str = "call_key";

/// Asks other contexts. [`Peers`] does it over gRPC; a test or a simulation scripts it.
pub trait Ask: Send + Sync {
    /// Asks, and waits no longer than it says.
    fn ask(&self, sent: Sent) -> BoxFuture<'static, Answer>;

    /// Whether a question would not be sent now, since its peer has failed too often.
    fn is_away(&self, question: &Question) -> bool;

    /// Whether there is any question that would not be sent now: cheap, for every command looks.
    fn is_any_away(&self) -> bool;
}

/// A question on its way.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The context that asks.
    pub by: &'static str,
    /// The key of the call.
    pub key: String,
    /// What is asked of whom.
    pub question: Question,
    /// How long the answer may take, connecting included.
    pub within: Duration,
    /// How long the peer may usually take: to fail in much less is not its fault.
    pub limit: Duration,
    /// It may be asked twice.
    pub repeatable: bool,
    /// What the asking aggregate belongs to.
    pub correlation_id: Uuid,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The peer's final yes.
    Yes {
        /// The reply, encoded.
        message: Vec<u8>,
        /// What the peer wrote; empty if it wrote nothing.
        token: String,
        /// What the aggregate that was asked belongs to, if the peer says so.
        correlation_id: Option<Uuid>,
    },
    /// The peer's final no.
    No(No),
    /// It surely never left.
    NotSent,
    /// No answer: it may have been heard or not.
    Nothing,
}

impl Answer {
    /// What the state that waits is told of it.
    pub(crate) fn heard(&self) -> Heard<Vec<u8>> {
        match self {
            Self::Yes { message, .. } => Heard::Yes(message.clone()),
            Self::No(no) => Heard::No(no.clone()),
            Self::NotSent => Heard::NotSent,
            Self::Nothing => Heard::Nothing,
        }
    }
}

/// A mesh of one context, which asks nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Ask for Nobody {
    fn ask(&self, _: Sent) -> BoxFuture<'static, Answer> {
        Box::pin(std::future::ready(Answer::NotSent))
    }

    fn is_away(&self, _: &Question) -> bool {
        false
    }

    fn is_any_away(&self) -> bool {
        false
    }
}
