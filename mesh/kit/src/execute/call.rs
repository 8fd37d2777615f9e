//! Who asks for what: the part of a request that every command needs.

use prost::{Message, Name};
use sha2::{Digest, Sha256};
use tonic::{Request, Status};
use uuid::Uuid;

use jangteo::Mutating;

use crate::{auth::Caller, clock, status, telemetry};

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

impl Call {
    /// Takes a mutating request apart.
    pub fn of<M: Message + Name + Mutating>(request: Request<M>) -> (Self, M) {
        let caller = caller(&request);
        let body = request.into_inner();
        let call = Self {
            at: clock::now_ms(),
            etag: String::new(),
            request: RequestKey::of(&caller, &body),
            causation_id: clock::new_id(),
            traceparent: telemetry::traceparent(),
            caller,
        };
        (call, body)
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
