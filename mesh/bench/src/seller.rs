//! A seller who writes posts: a command with its state, its event and its answer kept.

use anyhow::Result;
use jangteo::post::v1::{CreatePostRequest, Post};
use jangteo_testing::Node;
use prost::Message as _;
use tonic::Status;
use uuid::Uuid;

use crate::{caller::Caller, load::Client};

const CREATE: &str = "/jangteo.post.v1.PostService/CreatePost";
pub(crate) const GOODS: &str = "아이폰13 공기계";
pub(crate) const PRICE_KRW: i64 = 600_000;
pub(crate) const NEIGHBOURHOOD: &str = "방배동";

/// A person who sells at one node.
pub(crate) struct Seller(Caller);

impl Seller {
    /// Somebody with this token.
    pub(crate) fn new(node: &Node, token: &str) -> Result<Self> {
        Ok(Self(Caller::new(node, token)?))
    }

    /// Writes a post, each time as another request.
    pub(crate) async fn write(&self, n: u64) -> Result<Post, Status> {
        let body = CreatePostRequest {
            goods: GOODS.into(),
            price_krw: PRICE_KRW,
            neighbourhood: NEIGHBOURHOOD.into(),
            request_id: new_id().to_string(),
        };
        let answer = self.0.call(n, CREATE, body.encode_to_vec().into()).await?;
        Post::decode(answer).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Client for Seller {
    async fn ask(&self, n: u64) -> Result<(), Status> {
        self.write(n).await.map(drop)
    }
}

/// What no request and no message had before.
#[expect(clippy::disallowed_methods, reason = "clients make their own ids")]
pub(crate) fn new_id() -> Uuid {
    Uuid::new_v4()
}
