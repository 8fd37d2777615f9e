//! Who asks for what: the part of a request that every command needs.

use std::time::Duration;

use prost::{Message, Name};
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use tonic::{Request, Status, metadata::MetadataMap};
use uuid::Uuid;

use jangteo::{Keyed, Mutating};

use crate::{auth::Caller, clock, peer::CORRELATION, server::Deadline, status, telemetry};

/// One request of a caller, as commands are executed for it.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who asks.
    pub caller: Caller,
    /// When it arrived, in ms since 1970.
    pub at: i64,
    /// The version that the caller expects; empty: any.
    pub(super) etag: String,
    /// What makes the request idempotent, if it has a request id.
    pub(super) request: Option<RequestKey>,
    /// Under which key another context asks, if it does.
    pub(super) key: Option<CallKey>,
    /// When the caller stops waiting.
    pub(super) deadline: Option<Instant>,
    /// The same, less what an answer needs to reach him, in ms since 1970.
    pub(super) until: Option<i64>,
    /// What the question of another context belongs to.
    pub(super) correlation_id: Option<Uuid>,
    /// The request itself, as the cause of what follows.
    pub(super) causation_id: Uuid,
    /// The trace it belongs to.
    pub(super) traceparent: String,
}

/// What a request is known by when it comes again.
#[derive(Clone, Debug)]
pub(super) struct RequestKey {
    pub(super) principal: String,
    pub(super) method: String,
    pub(super) id: Uuid,
    pub(super) body_hash: Vec<u8>,
}

/// What a question of another context is known by when it comes again, or is undone.
#[derive(Clone, Debug)]
pub(super) struct CallKey {
    pub(super) caller: String,
    pub(super) key: String,
    pub(super) body_hash: Vec<u8>,
}

impl Call {
    /// Takes a mutating request apart.
    pub fn of<M: Message + Name + Mutating>(request: Request<M>) -> (Self, M) {
        let (mut call, body) = Self::new(request);
        call.request = RequestKey::of(&call.caller, &body);
        (call, body)
    }

    /// Takes a question of another context apart.
    pub fn keyed<M: Message + Name + Keyed>(request: Request<M>) -> (Self, M) {
        let (mut call, body) = Self::new(request);
        call.key = Some(CallKey {
            caller: call.caller.principal(),
            key: body.call_key().to_owned(),
            body_hash: Sha256::digest(body.encode_to_vec()).to_vec(),
        });
        (call, body)
    }

    fn new<M>(request: Request<M>) -> (Self, M) {
        let (at, caller) = (clock::now_ms(), caller(&request));
        let deadline = request.extensions().get::<Deadline>().copied();
        let call = Self {
            at,
            until: deadline.map(|deadline| deadline.time.saturating_sub(margin(&caller))),
            correlation_id: correlation(&caller, request.metadata()),
            etag: String::new(),
            request: None,
            key: None,
            deadline: deadline.map(|deadline| deadline.instant),
            causation_id: clock::new_id(),
            traceparent: telemetry::traceparent(),
            caller,
        };
        (call, request.into_inner())
    }

    /// The person who asks.
    ///
    /// # Errors
    /// `INTERNAL`: access has let in somebody else, which its option in the contract forbids.
    pub fn user(&self) -> Result<String, Status> {
        user(&self.caller)
    }

    /// The same call, for this version only.
    #[must_use]
    pub fn expecting(mut self, etag: &str) -> Self {
        etag.clone_into(&mut self.etag);
        self
    }
}

/// What an answer needs to reach its caller.
pub(super) const MARGIN: Duration = Duration::from_millis(100);

/// The same for another context, which is near.
const NEAR: Duration = Duration::from_millis(20);

/// What it needs to reach this one, in ms.
fn margin(caller: &Caller) -> i64 {
    let margin = if let Caller::Service { .. } = caller { NEAR } else { MARGIN };
    i64::try_from(margin.as_millis()).unwrap_or(i64::MAX)
}

/// Only other contexts say what their questions belong to: a client never does.
fn correlation(caller: &Caller, metadata: &MetadataMap) -> Option<Uuid> {
    let Caller::Service { .. } = caller else { return None };
    metadata.get(CORRELATION)?.to_str().ok()?.parse().ok()
}

/// Who sent a request, as the access layer has verified it.
pub fn caller<T>(request: &Request<T>) -> Caller {
    request.extensions().get().cloned().unwrap_or_default()
}

/// The person behind a caller, where the contract lets only people in.
///
/// # Errors
/// `INTERNAL`: it is nobody or a service, which the access layer should have refused.
pub fn user(caller: &Caller) -> Result<String, Status> {
    caller.subject().map(str::to_owned).ok_or_else(|| status::bug("only people may come here"))
}

impl RequestKey {
    fn of<M: Message + Name + Mutating>(caller: &Caller, body: &M) -> Option<Self> {
        let id = Uuid::parse_str(body.request_id()).ok()?;
        Some(Self {
            principal: caller.principal(),
            method: M::full_name(),
            id,
            body_hash: Sha256::digest(body.encode_to_vec()).to_vec(),
        })
    }
}
