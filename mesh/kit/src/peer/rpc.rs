//! One call, sent once or, where it may be, a few times.

use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use tokio::time::{Instant, timeout_at};
use tonic::{Code, Request, Response, Status, client::Grpc};
use tower::retry::budget::Budget;
use tracing::{Instrument, Span};
use uuid::Uuid;

use jangteo::errors::Refusal;

use super::{CORRELATION, Way, answer, codec::Raw, peers::Peer};
use crate::{
    auth::ServiceIdentity,
    clock,
    decide::{End, backoff},
    status, telemetry,
};

/// How often a call that may be repeated is repeated at most.
const REPEATS: u32 = 2;
/// The longest pause before that.
const PAUSE: Duration = Duration::from_millis(500);
/// The largest answer that is taken.
const LARGEST: usize = 64 << 20;

/// One call.
pub(super) struct Rpc {
    /// The context that asks.
    pub(super) by: &'static str,
    pub(super) path: PathAndQuery,
    pub(super) message: Bytes,
    pub(super) deadline: Instant,
    /// How long the peer may usually take.
    pub(super) limit: Duration,
    pub(super) repeatable: bool,
    /// What makes it a question of a saga.
    pub(super) asked: Option<Asked>,
}

pub(super) struct Asked {
    pub(super) key: String,
    pub(super) correlation_id: Uuid,
}

/// A call that came to nothing.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) status: Status,
    /// It may have been heard.
    pub(super) left: bool,
    /// Trying again may help.
    again: bool,
}

impl Failed {
    /// Nothing was sent, and trying again would not change it.
    pub(super) fn held(status: impl Into<Status>) -> Self {
        Self { status: status.into(), left: false, again: false }
    }

    fn of(status: Status) -> Self {
        let left = !answer::never_left(&status);
        let again = answer::broken(&status) || status.code() == Code::Unavailable;
        Self { status, left, again }
    }
}

impl Rpc {
    /// Calls `peer`, as often as that may help and is allowed.
    pub(super) async fn call(
        &self,
        peer: &Peer,
        identity: &ServiceIdentity,
    ) -> Result<Response<Bytes>, Failed> {
        if self.repeatable {
            peer.budget.deposit();
        }
        let mut left = false;
        let mut tries = 0;
        loop {
            let failed = match self.attempt(peer, identity).await {
                Ok(response) => return Ok(response),
                Err(failed) => failed,
            };
            left |= failed.left;
            let resumed = Instant::now() + pause(tries);
            if !self.may_repeat(&failed, tries, resumed) || !peer.budget.withdraw() {
                return Err(Failed { left, ..failed });
            }
            tokio::time::sleep_until(resumed).await;
            tries += 1;
        }
    }

    fn may_repeat(&self, failed: &Failed, tries: u32, resumed: Instant) -> bool {
        let sensible = failed.again && !self.is_answered(&failed.status);
        self.repeatable && sensible && tries < REPEATS && resumed < self.deadline
    }

    async fn attempt(
        &self,
        peer: &Peer,
        identity: &ServiceIdentity,
    ) -> Result<Response<Bytes>, Failed> {
        let permit = peer.line(self.path.as_str()).admit();
        let permit = permit.ok_or_else(|| Failed::held(away(&peer.name)))?;
        let (service, method) = telemetry::rpc(self.path.as_str());
        let span = telemetry::call(service, method);
        let request = self.request(&span, identity).map_err(Failed::held)?;
        let left = self.deadline.saturating_duration_since(Instant::now());
        let answer = self.send(peer.way.clone(), request).instrument(span.clone()).await;
        telemetry::answered(&span, answer.as_ref().err().map_or(Code::Ok, Status::code));
        permit.end(answer.as_ref().map_or_else(|status| self.end(status, left), |_| End::Served));
        answer.map_err(Failed::of)
    }

    fn request(&self, span: &Span, identity: &ServiceIdentity) -> Result<Request<Bytes>, Status> {
        let remaining = self.deadline.saturating_duration_since(Instant::now());
        if remaining.is_zero() {
            return Err(late());
        }
        let bug = |error: &dyn std::error::Error| status::bug(&error.to_string());
        let token = identity.token(self.by).map_err(|error| bug(&error))?;
        let bearer = format!("Bearer {token}").parse().map_err(|error| bug(&error))?;
        let mut request = Request::new(self.message.clone());
        request.set_timeout(remaining);
        let headers = request.metadata_mut();
        headers.insert("authorization", bearer);
        if let Some(asked) = &self.asked {
            let id = asked.correlation_id.to_string();
            headers.insert(CORRELATION, id.parse().expect("an id is ASCII"));
        }
        telemetry::inject(span, headers.as_mut());
        Ok(request)
    }

    /// The deadline holds for connecting too.
    async fn send(&self, way: Way, request: Request<Bytes>) -> Result<Response<Bytes>, Status> {
        let mut grpc = Grpc::new(way).max_decoding_message_size(LARGEST);
        let call = async {
            grpc.ready().await.map_err(Status::from_error)?;
            grpc.unary(request, self.path.clone(), Raw).await
        };
        timeout_at(self.deadline, call).await.unwrap_or_else(|_| Err(late()))
    }

    /// What a status says of the peer: one that answers is well, whatever it says, unless it says that it
    /// could not do it. That it did not answer in what others have `left` of its time says nothing.
    fn end(&self, status: &Status, left: Duration) -> End {
        // A way whose time is up says that the call was cancelled.
        let late = matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled);
        let hurried = late && left < self.limit / 2;
        let able = self.is_answered(status) && status.code() != Code::Unavailable;
        match able || !answer::failed(status) {
            true => End::Served,
            false if hurried => End::Dropped,
            false => End::Failed,
        }
    }

    /// The status is the final answer to the question that was asked.
    fn is_answered(&self, status: &Status) -> bool {
        self.asked.as_ref().is_some_and(|asked| answer::no(status, &asked.key).is_some())
    }
}

/// Anything between nothing and the whole pause, so that callers who failed together part.
fn pause(tries: u32) -> Duration {
    backoff(tries, PAUSE, 1.0).mul_f64(clock::chance())
}

fn away(peer: &str) -> Refusal {
    let said = format!("{peer} has failed too often: it is asked again in a few seconds");
    Refusal::new(Code::Unavailable, "PEER_UNAVAILABLE", said)
}

fn late() -> Status {
    Status::deadline_exceeded("no answer in time")
}
