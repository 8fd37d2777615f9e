//! Whoever asks on a connection of his own, and goes on asking until there is an answer.

use std::{sync::Arc, time::Duration};

use jangteo_testing::{
    checker::{Refusal, Write},
    grpc,
};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use tonic::{Code, Status, transport::Channel};
use uuid::Uuid;

use super::{super::dice::Dice, Shared, lock};
use crate::seller::reason;

/// A request without an answer for this long is sent again.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait before something is sent again.
const PAUSE: Duration = Duration::from_millis(20);

/// A write, what it leads to, and what it may be refused for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    /// The RPC, such as `post.v1.PostService/CreatePost`.
    pub(super) rpc: &'static str,
    /// The event that it leads to.
    pub(super) event: &'static str,
    /// The reasons that others may give it.
    pub(super) refusals: &'static [&'static str],
    /// Whether it asks other contexts: then a refusal is kept, and told again.
    pub(super) asks: bool,
}

impl Kind {
    /// One that is never refused.
    pub(super) const fn sure(rpc: &'static str, event: &'static str) -> Self {
        Self::of(rpc, event, &[])
    }

    /// One that may come too late.
    pub(super) const fn of(
        rpc: &'static str,
        event: &'static str,
        refusals: &'static [&'static str],
    ) -> Self {
        Self { rpc, event, refusals, asks: false }
    }
}

/// A refusal that no crash explains; the client gives up.
pub(super) struct Refused;

/// A person on a connection of his own.
pub(super) struct Caller {
    pub(super) shared: Arc<Shared>,
    pub(super) channel: Channel,
    pub(super) token: String,
    pub(super) dice: Dice,
}

impl Caller {
    /// Writes something that cannot be refused, and answers what it was about.
    pub(super) async fn write(&mut self, kind: Kind, body: Value) -> Result<Uuid, Refused> {
        self.ask(kind, body).await?.ok_or(Refused)
    }

    /// Writes under one request id until there is an answer: what it was about, or nothing where it
    /// was refused. An answer that did not come at once is asked for once more, and must be the same.
    pub(super) async fn ask(
        &mut self,
        kind: Kind,
        mut body: Value,
    ) -> Result<Option<Uuid>, Refused> {
        let request_id = self.dice.id();
        body["request_id"] = json!(request_id);
        let (answer, tries) = self.until_answered(kind, &body, request_id).await?;
        if tries > 1 && (answer.is_some() || kind.asks) {
            self.until_answered(kind, &body, request_id).await?;
        }
        Ok(answer)
    }

    /// Sends a request until there is an answer; also tells how often that was.
    async fn until_answered(
        &self,
        kind: Kind,
        body: &Value,
        request_id: Uuid,
    ) -> Result<(Option<Uuid>, u32), Refused> {
        lock(&self.shared.open).insert(request_id);
        for tries in 1.. {
            let answer = self.answer(kind, body, request_id).await?;
            if let Some(answer) = answer {
                lock(&self.shared.open).remove(&request_id);
                return Ok((answer, tries));
            }
            sleep(PAUSE).await;
        }
        unreachable!("it is sent until there is an answer")
    }

    /// Sends a request and takes the answer down; none where it has to be sent again.
    async fn answer(
        &self,
        kind: Kind,
        body: &Value,
        request_id: Uuid,
    ) -> Result<Option<Option<Uuid>>, Refused> {
        let path = format!("/jangteo.{}", kind.rpc);
        let call = grpc::call(self.channel.clone(), &path, body.clone(), Some(&self.token), &[]);
        match timeout(PATIENCE, call).await {
            Ok(Ok((message, _))) => {
                let id = self.acknowledged(kind, request_id, &grpc::json(&message));
                Ok(Some(Some(id)))
            }
            Ok(Err(status)) if kind.refusals.contains(&&*reason(&status)) => {
                let refusal = Refusal { request_id, reason: reason(&status) };
                lock(&self.shared.refusals).push(refusal);
                Ok(Some(None))
            }
            Ok(Err(status)) if !comes_again(&status) => {
                lock(&self.shared.refused).push(format!("{} {body}: {status:?}", kind.rpc));
                Err(Refused)
            }
            _ => Ok(None),
        }
    }

    fn acknowledged(&self, kind: Kind, request_id: Uuid, reply: &Value) -> Uuid {
        let text = |field: &str| reply[field].as_str().unwrap_or_default().to_string();
        let id = text("id").parse().unwrap_or_default();
        let write = Write { request_id, id, etag: text("etag"), event: kind.event };
        lock(&self.shared.answers).push(write);
        id
    }
}

/// Whether a request may be sent again: it was told so, or a status that carries nothing of ours
/// speaks of a connection that broke.
fn comes_again(status: &Status) -> bool {
    let told = [Code::Unavailable, Code::Aborted, Code::ResourceExhausted, Code::Unknown];
    told.contains(&status.code()) || status.details().is_empty()
}
