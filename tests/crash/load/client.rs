//! A client who writes posts.

use std::sync::{Arc, atomic::Ordering};

use serde_json::json;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::caller::{Caller, Kind, Refused};

pub(super) const CREATE: Kind = Kind::sure("post.v1.PostService/CreatePost", "PostWritten");
const UPDATE: Kind = Kind::sure("post.v1.PostService/UpdatePost", "PostEdited");
pub(super) const HIDE: Kind = Kind::sure("post.v1.PostService/HidePost", "PostHidden");
pub(super) const UNHIDE: Kind = Kind::sure("post.v1.PostService/UnhidePost", "PostUnhidden");
const DELETE: Kind = Kind::sure("post.v1.PostService/DeletePost", "PostDeleted");

pub(super) struct Client {
    caller: Caller,
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

impl Client {
    pub(super) fn new(caller: Caller, common: Arc<OnceCell<Uuid>>, connection: i64) -> Self {
        Self { caller, posts: vec![], common, price: connection }
    }

    /// Writes until it is time to stop; what it has begun is answered then.
    pub(super) async fn run(mut self) {
        while self.act().await.is_ok() {
            if self.caller.shared.stop.load(Ordering::Acquire) {
                return;
            }
        }
    }

    async fn act(&mut self) -> Result<(), Refused> {
        let roll = self.caller.dice.below(10);
        if roll == 0 {
            return self.edit_common().await;
        }
        if roll < 4 || self.posts.is_empty() {
            let id = self.create().await?;
            self.posts.push(Own { id, hidden: false });
            return Ok(());
        }
        let count = u32::try_from(self.posts.len()).expect("few posts");
        let position = self.caller.dice.below(count) as usize;
        match roll {
            4..7 => self.edit(self.posts[position].id).await,
            7 | 8 => self.turn(position).await,
            _ => {
                let post = self.posts.swap_remove(position);
                self.caller.write(DELETE, json!({"id": post.id})).await.map(drop)
            }
        }
    }

    async fn create(&mut self) -> Result<Uuid, Refused> {
        let price = self.price();
        let body = json!({"goods": "의자", "price_krw": price, "neighbourhood": "방배동"});
        self.caller.write(CREATE, body).await
    }

    async fn edit_common(&mut self) -> Result<(), Refused> {
        let common = self.common.clone();
        let id = *common.get_or_try_init(async || self.create().await).await?;
        self.edit(id).await
    }

    async fn edit(&mut self, id: Uuid) -> Result<(), Refused> {
        let price = self.price();
        self.caller.write(UPDATE, json!({"id": id, "price_krw": price})).await.map(drop)
    }

    async fn turn(&mut self, position: usize) -> Result<(), Refused> {
        let post = &mut self.posts[position];
        post.hidden = !post.hidden;
        let (id, kind) = (post.id, if post.hidden { HIDE } else { UNHIDE });
        self.caller.write(kind, json!({"id": id})).await.map(drop)
    }

    fn price(&mut self) -> i64 {
        self.price += 2;
        self.price
    }
}
