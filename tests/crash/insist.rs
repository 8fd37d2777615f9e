//! Somebody who does not give up.

use std::{cell::RefCell, time::Duration};

use anyhow::{Context as _, Result, ensure};
use jangteo::errors;
use jangteo_testing::{grpc, within};
use serde_json::{Value, json};
use tonic::{Code, Status, transport::Channel};

use crate::seller::request_id;

/// How long a step may take, a crash and what follows it included.
const PATIENCE: Duration = Duration::from_mins(2);

/// Somebody with a token, at a door, and how he reads what he is told.
pub(super) struct Insisting {
    pub(super) door: Channel,
    pub(super) token: String,
    /// Requests that are refused like that have come to nothing, and another one may be made.
    pub(super) in_vain: &'static [&'static str],
    /// Refused like that, something has not got around yet.
    pub(super) unheard: &'static [&'static str],
}

impl Insisting {
    /// Asks until it is done.
    pub(super) async fn asks(&self, path: &str, body: Value) -> Result<Value> {
        self.told(path, body).await?.with_context(|| format!("{path} is refused"))
    }

    /// Asks until it is refused, for this reason.
    pub(super) async fn is_refused(&self, path: &str, body: Value, reason: &str) -> Result<()> {
        let told = self.told(path, body).await?;
        let told = told.err().and_then(|status| errors::reason(&status));
        ensure!(told.as_deref() == Some(reason), "{path}: {told:?} instead of {reason}");
        Ok(())
    }

    /// What is answered in the end: asked again as the same request where nobody knows what came of it, as
    /// another one where it came to nothing.
    async fn told(&self, path: &str, mut body: Value) -> Result<Result<Value, Status>> {
        body["request_id"] = json!(request_id());
        let (body, last) = (RefCell::new(body), RefCell::new(None));
        let done = within(PATIENCE, async || {
            let asked = body.borrow().clone();
            let status = match self.call(path, asked).await {
                Ok(reply) => return Some(Ok(reply)),
                Err(status) => status,
            };
            let told = errors::reason(&status).unwrap_or_default();
            if self.in_vain.contains(&told.as_str()) {
                body.borrow_mut()["request_id"] = json!(request_id());
            }
            last.replace(Some(status.clone()));
            (!self.is_passing(&status, &told)).then_some(Err(status))
        });
        let told = done.await;
        told.with_context(|| format!("{path} is not done: {:?}", last.into_inner()))
    }

    /// Waits until what an RPC reads stands so.
    pub(super) async fn sees(&self, path: &str, id: &Value, state: &str) -> Result<()> {
        let there = within(PATIENCE, async || {
            let now = self.call(path, json!({"id": id})).await.ok()?;
            (now["state"] == state).then_some(())
        });
        there.await.with_context(|| format!("{path} never tells {state}"))
    }

    async fn call(&self, path: &str, body: Value) -> Result<Value, Status> {
        let reply = grpc::call(self.door.clone(), path, body, Some(&self.token), &[]).await?;
        Ok(grpc::json(&reply.0))
    }

    /// Whether asking again may help: somebody died, is away or busy, or has not heard yet. A status that
    /// carries nothing of ours speaks of a connection that broke.
    fn is_passing(&self, status: &Status, told: &str) -> bool {
        let passing = [Code::Aborted, Code::Unavailable, Code::Unknown, Code::Internal];
        passing.contains(&status.code())
            || status.details().is_empty()
            || self.unheard.contains(&told)
    }
}
