//! One client on its own connection.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jangteo_testing::{checker::Write, grpc};
use serde_json::{Value, json};
use tokio::{
    sync::OnceCell,
    time::{sleep, timeout},
};
use tonic::{Code, Status, transport::Channel};
use uuid::Uuid;

use super::{super::dice::Dice, Shared, lock};

/// A request without an answer for this long is sent again.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait before something is sent again.
const PAUSE: Duration = Duration::from_millis(20);

/// A write, and the event that it leads to.
type Kind = (&'static str, &'static str);
const CREATE: Kind = ("CreatePost", "PostWritten");
const UPDATE: Kind = ("UpdatePost", "PostEdited");
const HIDE: Kind = ("HidePost", "PostHidden");
const UNHIDE: Kind = ("UnhidePost", "PostUnhidden");
const DELETE: Kind = ("DeletePost", "PostDeleted");

pub(super) struct Client {
    shared: Arc<Shared>,
    channel: Channel,
    token: String,
    dice: Dice,
    posts: Vec<Own>,
    /// A post that the seller's other connection edits as well.
    common: Arc<OnceCell<Uuid>>,
    /// A price that nothing had before, so that every update changes something.
    price: i64,
}

/// A post that only this client writes to.
struct Own {
    id: Uuid,
    hidden: bool,
}

/// A refusal that no crash explains; the client gives up.
struct Refused;

impl Client {
    pub(super) fn new(
        shared: Arc<Shared>,
        channel: Channel,
        token: String,
        dice: Dice,
        common: Arc<OnceCell<Uuid>>,
        connection: i64,
    ) -> Self {
        Self { shared, channel, token, dice, posts: vec![], common, price: connection }
    }

    /// Writes until it is time to stop; what it has begun is answered then.
    pub(super) async fn run(mut self) {
        while self.act().await.is_ok() {
            if self.shared.stop.load(Ordering::Acquire) {
                return;
            }
        }
    }

    async fn act(&mut self) -> Result<(), Refused> {
        let roll = self.dice.below(10);
        if roll == 0 {
            return self.edit_common().await;
        }
        if roll < 4 || self.posts.is_empty() {
            let id = self.create().await?;
            self.posts.push(Own { id, hidden: false });
            return Ok(());
        }
        let count = u32::try_from(self.posts.len()).expect("few posts");
        let position = self.dice.below(count) as usize;
        match roll {
            4..7 => self.edit(self.posts[position].id).await,
            7 | 8 => self.turn(position).await,
            _ => {
                let post = self.posts.swap_remove(position);
                self.write(DELETE, json!({"id": post.id})).await.map(drop)
            }
        }
    }

    async fn create(&mut self) -> Result<Uuid, Refused> {
        let price = self.price();
        let body = json!({"goods": "의자", "price_krw": price, "neighbourhood": "방배동"});
        self.write(CREATE, body).await
    }

    async fn edit_common(&mut self) -> Result<(), Refused> {
        let common = self.common.clone();
        let id = *common.get_or_try_init(async || self.create().await).await?;
        self.edit(id).await
    }

    async fn edit(&mut self, id: Uuid) -> Result<(), Refused> {
        let price = self.price();
        self.write(UPDATE, json!({"id": id, "price_krw": price})).await.map(drop)
    }

    async fn turn(&mut self, position: usize) -> Result<(), Refused> {
        let post = &mut self.posts[position];
        post.hidden = !post.hidden;
        let (id, kind) = (post.id, if post.hidden { HIDE } else { UNHIDE });
        self.write(kind, json!({"id": id})).await.map(drop)
    }

    fn price(&mut self) -> i64 {
        self.price += 2;
        self.price
    }

    /// Writes under one request id until there is an answer. One that did not come at once is asked
    /// for once more, and must be the same.
    async fn write(&mut self, kind: Kind, mut body: Value) -> Result<Uuid, Refused> {
        let request_id = self.dice.id();
        body["request_id"] = json!(request_id);
        let (post, tries) = self.until_answered(kind, &body, request_id).await?;
        if tries > 1 {
            self.until_answered(kind, &body, request_id).await?;
        }
        Ok(post)
    }

    /// Sends a request until there is an answer; also tells how often that was.
    async fn until_answered(
        &self,
        kind: Kind,
        body: &Value,
        request_id: Uuid,
    ) -> Result<(Uuid, u32), Refused> {
        lock(&self.shared.open).insert(request_id);
        for tries in 1.. {
            if let Some(post) = self.answer(kind, body, request_id).await? {
                return Ok((post, tries));
            }
            sleep(PAUSE).await;
        }
        unreachable!("it is sent until there is an answer")
    }

    /// Sends a request and takes the answer down; none where it has to be sent again.
    async fn answer(
        &self,
        (rpc, event): Kind,
        body: &Value,
        request_id: Uuid,
    ) -> Result<Option<Uuid>, Refused> {
        let path = format!("/jangteo.post.v1.PostService/{rpc}");
        let call = grpc::call(self.channel.clone(), &path, body.clone(), Some(&self.token), &[]);
        let post = match timeout(PATIENCE, call).await {
            Ok(Ok((message, _))) => grpc::json(&message),
            Ok(Err(status)) if !comes_again(&status) => {
                lock(&self.shared.refused).push(format!("{rpc} {body}: {status:?}"));
                return Err(Refused);
            }
            _ => return Ok(None),
        };
        let text = |field: &str| post[field].as_str().unwrap_or_default().to_string();
        let post_id = text("id").parse().unwrap_or_default();
        let write = Write { request_id, post_id, etag: text("etag"), event };
        lock(&self.shared.open).remove(&request_id);
        lock(&self.shared.answers).push(write);
        Ok(Some(post_id))
    }
}

/// Whether a request may be sent again: it was told so, or a status that carries nothing of ours
/// speaks of a connection that broke.
fn comes_again(status: &Status) -> bool {
    let told = matches!(status.code(), Code::Unavailable | Code::Aborted | Code::ResourceExhausted);
    told || status.details().is_empty()
}
