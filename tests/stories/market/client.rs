//! Somebody who calls, and what is answered.

use std::{collections::BTreeMap, str::FromStr as _, time::Duration};

use anyhow::Context as _;
use jangteo_testing::grpc;
use prost::Message as _;
use prost_reflect::DynamicMessage;
use prost_types::Timestamp;
use serde_json::Value;
use tonic::{Status, metadata::MetadataMap, transport::Channel};

use super::Market;
use crate::seller::Watch;

/// Somebody who calls, over one connection to each context.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(super) channels: BTreeMap<&'static str, Channel>,
    pub(super) token: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    /// As proto3 JSON.
    pub(crate) body: Value,
    /// As it came over the wire.
    pub(crate) bytes: Vec<u8>,
    /// The consistency token; empty where there is none.
    pub(crate) written: String,
}

impl Reply {
    /// A text of the answer; empty where it has none.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }

    /// A time of the answer; as texts they do not sort, for a whole second has no fraction.
    pub(crate) fn time(&self, field: &str) -> (i64, i32) {
        let time: Timestamp = self.text(field).parse().expect("a time as JSON has it");
        (time.seconds, time.nanos)
    }

    /// The id of the answer.
    pub(crate) fn id(&self) -> &str {
        self.text("id")
    }

    /// The revision in the answer's etag.
    pub(crate) fn revision(&self) -> u64 {
        u64::from_str(self.text("etag").trim_matches('"')).expect("an etag is a quoted number")
    }
}

impl Client {
    /// Whoever this token names, over these connections to contexts.
    pub(crate) fn over(
        channels: impl IntoIterator<Item = (&'static str, Channel)>,
        token: String,
    ) -> Self {
        Self { channels: channels.into_iter().collect(), token: Some(token) }
    }

    /// The same person on connections of his own to the same processes.
    pub(crate) fn elsewhere(&self, market: &Market) -> Self {
        let channels = market.contexts().map(|context| (context, market.node(context).channel()));
        Self { channels: channels.collect(), ..self.clone() }
    }

    /// The same person at another door to all contexts.
    pub(crate) fn at(&self, door: &Channel) -> Self {
        let channels = self.channels.keys().map(|context| (*context, door.clone()));
        Self { channels: channels.collect(), ..self.clone() }
    }

    /// Calls an RPC such as `offer.v1.OfferService/CreateOffer`.
    pub(crate) async fn ask(&self, rpc: &str, body: Value) -> Result<Reply, Status> {
        self.call(rpc, body, &[]).await
    }

    /// Reads the journal of a context.
    pub(crate) async fn journal(
        &self,
        context: &str,
        method: &str,
        body: Value,
    ) -> Result<Reply, Status> {
        self.call_at(context, &format!("journal.v1.JournalService/{method}"), body, &[]).await
    }

    /// Calls an RPC of posts.
    pub(crate) async fn post(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.post_within(method, body, None).await
    }

    /// Calls an RPC of posts that may not take longer.
    pub(crate) async fn post_within(
        &self,
        method: &str,
        body: Value,
        limit: Option<Duration>,
    ) -> Result<Reply, Status> {
        self.ask_within(&format!("post.v1.PostService/{method}"), body, limit).await
    }

    /// Calls an RPC that may not take longer.
    pub(crate) async fn ask_within(
        &self,
        rpc: &str,
        body: Value,
        limit: Option<Duration>,
    ) -> Result<Reply, Status> {
        let limit = limit.map(|limit| format!("{}u", limit.as_micros()));
        let metadata: Vec<_> = limit.iter().map(|limit| ("grpc-timeout", limit.as_str())).collect();
        self.call(rpc, body, &metadata).await
    }

    /// Calls an RPC of my-page, once it has heard of what was written.
    pub(crate) async fn my_sales(
        &self,
        method: &str,
        body: Value,
        written: &str,
    ) -> Result<Reply, Status> {
        self.view(&format!("MySalesService/{method}"), body, written).await
    }

    /// Calls an RPC of the view, once it has heard of what was written.
    pub(crate) async fn view(
        &self,
        rpc: &str,
        body: Value,
        written: &str,
    ) -> Result<Reply, Status> {
        let metadata = [("jangteo-token", written)];
        let metadata = if written.is_empty() { &[][..] } else { &metadata };
        self.call(&format!("view.v1.{rpc}"), body, metadata).await
    }

    /// Calls an RPC about read models.
    pub(crate) async fn rebuild(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("view.v1.RebuildService/{method}"), body).await
    }

    /// Calls an RPC with this metadata.
    pub(crate) async fn call(
        &self,
        rpc: &str,
        body: Value,
        metadata: grpc::Metadata<'_>,
    ) -> Result<Reply, Status> {
        self.call_at(context_of(rpc), rpc, body, metadata).await
    }

    /// Calls an RPC that answers with changes, one after the other.
    pub(crate) async fn watch(&self, rpc: &str, body: Value) -> Result<Watch, Status> {
        let channel = self.channel(context_of(rpc));
        Watch::open(channel, &format!("/jangteo.{rpc}"), body, self.token.as_deref()).await
    }

    fn channel(&self, context: &str) -> Channel {
        self.channels.get(context).expect("it is a context of the market").clone()
    }

    async fn call_at(
        &self,
        context: &str,
        rpc: &str,
        body: Value,
        metadata: grpc::Metadata<'_>,
    ) -> Result<Reply, Status> {
        let (channel, path) = (self.channel(context), format!("/jangteo.{rpc}"));
        let method = grpc::method(&path);
        let request = DynamicMessage::deserialize(method.input(), body);
        let request = request.expect("the test's own request fits the contract");
        let request = request.encode_to_vec().into();
        let answer = grpc::raw(channel, &path, request, self.token.as_deref(), metadata);
        let (metadata, bytes, _) = answer.await?.into_parts();
        let message = DynamicMessage::decode(method.output(), bytes.clone());
        let message = message.expect("the answer fits the contract");
        Ok(Reply { body: grpc::json(&message), bytes: bytes.into(), written: token(&metadata) })
    }
}

/// The context of an RPC such as `offer.v1.OfferService/CreateOffer`.
fn context_of(rpc: &str) -> &str {
    rpc.split('.').next().expect("it begins with its context")
}

fn token(metadata: &MetadataMap) -> String {
    let token = metadata.get("jangteo-token").map(|token| token.to_str());
    token.transpose().context("a token is text").unwrap().unwrap_or_default().to_owned()
}
