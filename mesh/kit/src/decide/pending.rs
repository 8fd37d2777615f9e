//! What a state waits for: a question to a peer, and what becomes of it without an answer.

use std::{fmt, sync::Arc, time::Duration};

use prost::{Message, Name};
use serde::{Deserialize, Serialize};
use tonic::Code;

/// A question to another context, in full: asked twice it is the same question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The context that is asked.
    pub peer: String,
    /// The RPC, as gRPC names it: `/jangteo.post.v1.PostService/CheckPost`.
    pub path: String,
    /// The request, encoded.
    pub message: Vec<u8>,
}

impl Question {
    /// Asks `rpc`, such as `PostService/CheckPost`, of the context that owns the request's package.
    pub fn of<M: Message + Name>(rpc: &str, request: &M) -> Self {
        let peer = M::PACKAGE.split('.').nth(1).unwrap_or(M::PACKAGE).to_owned();
        Self { peer, path: format!("/{}.{rpc}", M::PACKAGE), message: request.encode_to_vec() }
    }
}

/// What becomes of a question that nobody answers in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// It is never asked again: the state is told that no answer came, and lets go of what the peer
    /// may have taken.
    Undo,
    /// It is asked until it is answered.
    Finish,
}

/// Why a question came to nothing: a peer's final no, or that the peer is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct No {
    /// The gRPC code, as a number.
    pub code: i32,
    /// The broken rule in `UPPER_SNAKE`.
    pub reason: String,
    /// The message for people.
    pub message: String,
    /// When trying again may help, in ms.
    pub retry_after_ms: Option<u64>,
}

impl No {
    /// Something that was needed is away. Nothing has happened, or all of it is undone.
    pub fn unavailable(reason: &str, message: &str) -> Self {
        Self {
            code: Code::Unavailable as i32,
            reason: reason.to_owned(),
            message: message.to_owned(),
            retry_after_ms: Some(1000),
        }
    }

    /// As a column keeps it.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a no is plain text")
    }

    /// As a column has kept it.
    ///
    /// # Errors
    /// It is none.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

/// What was heard of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard<M> {
    /// The peer's final yes.
    Yes(M),
    /// The peer's final no.
    No(No),
    /// It surely never left: nothing can have come of it.
    NotSent,
    /// No answer in time: it may have been heard or not.
    Nothing,
}

impl<M> Heard<M> {
    /// The same with another kind of yes; one that can't be read is no answer.
    pub fn and_then<N>(self, read: impl FnOnce(M) -> Option<N>) -> Heard<N> {
        match self {
            Self::Yes(yes) => read(yes).map_or(Heard::Nothing, Heard::Yes),
            Self::No(no) => Heard::No(no),
            Self::NotSent => Heard::NotSent,
            Self::Nothing => Heard::Nothing,
        }
    }
}

/// Makes a command of what was heard, and when (ms since 1970).
type Hear<C> = Arc<dyn Fn(Heard<Vec<u8>>, i64) -> C + Send + Sync>;

/// A question that a state waits for.
#[derive(Clone)]
pub struct Pending<C> {
    /// Names the call: resource and attempt, such as `offers/O/checks/2`. The peer's record of it.
    pub key: String,
    /// What is asked.
    pub question: Question,
    /// How long the peer may take.
    pub limit: Duration,
    /// What becomes of it without an answer.
    pub unanswered: Unanswered,
    hear: Hear<C>,
}

impl<C> Pending<C> {
    /// Asks `question` under `key`; `hear` makes a command of the answer.
    pub fn new<M: Message + Default>(
        key: String,
        question: Question,
        limit: Duration,
        unanswered: Unanswered,
        hear: impl Fn(Heard<M>, i64) -> C + Send + Sync + 'static,
    ) -> Self {
        let read = |bytes: Vec<u8>| M::decode(bytes.as_slice()).ok();
        let hear: Hear<C> = Arc::new(move |heard, at| hear(heard.and_then(read), at));
        Self { key, question, limit, unanswered, hear }
    }

    /// Whether it is the same call, and not its undo, which has the same key, or one that has to be
    /// finished since it was given up.
    pub fn is(&self, other: &Self) -> bool {
        let kind = self.unanswered == other.unanswered;
        kind && self.key == other.key && self.question == other.question
    }

    /// The command that tells the aggregate what was heard.
    pub fn heard(&self, heard: Heard<Vec<u8>>, at: i64) -> C {
        (self.hear)(heard, at)
    }
}

impl<C> fmt::Debug for Pending<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("key", &self.key)
            .field("path", &self.question.path)
            .finish_non_exhaustive()
    }
}
