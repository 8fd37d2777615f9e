//! Sellers who write without a pause, and remember what they were answered.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use jangteo_testing::{Node, checker::History, tokens::Keys, within};
use tokio::task::JoinSet;
use tonic::Status;

use crate::seller::Seller;

/// How many write at the same time.
const MANY: usize = 4;
/// Each write waits for several syncs, and other tests sync the same disk.
const PATIENCE: Duration = Duration::from_mins(3);

/// Sellers at work.
pub(super) struct Sellers {
    shared: Arc<Shared>,
    at_work: JoinSet<Told>,
}

/// What sellers and their observer share.
#[derive(Debug, Default)]
struct Shared {
    /// How many writes were answered so far.
    answers: AtomicUsize,
    /// Why some ended before they were told to.
    refused: Mutex<Vec<Status>>,
    /// Time to come to an end.
    over: AtomicBool,
}

impl Sellers {
    pub(super) fn at(node: &Node, keys: &Keys) -> Self {
        let (shared, mut at_work) = (Arc::new(Shared::default()), JoinSet::new());
        for number in 0..MANY {
            let seller = Seller::at(node, keys, &format!("seller{number:02}"));
            let told = Told { seller, posts: vec![], cut_off: false };
            at_work.spawn(told.writes(shared.clone()));
        }
        Self { shared, at_work }
    }

    /// How many writes were answered so far.
    pub(super) fn answers(&self) -> usize {
        self.shared.answers.load(Ordering::Acquire)
    }

    /// Waits until this many more were.
    pub(super) async fn write(&self, more: usize) {
        let enough = self.answers() + more;
        let written = within(PATIENCE, async || (self.answers() >= enough).then_some(())).await;
        let (answers, refused) = (self.answers(), &self.shared.refused);
        assert!(written.is_some(), "only {answers} of {enough} answers; {refused:?}");
    }

    /// Lets them come to their end, each with what he was told.
    pub(super) async fn end(self) -> Vec<Told> {
        self.shared.over.store(true, Ordering::Release);
        tokio::time::timeout(PATIENCE, self.at_work.join_all()).await.expect("all are answered")
    }
}

/// What a seller was told.
pub(super) struct Told {
    seller: Seller,
    posts: Vec<Post>,
    /// Whether he waited for an answer in vain. What he asked for may have happened.
    cut_off: bool,
}

/// A post with the price of the last answer, and the one that was last asked for.
struct Post {
    id: String,
    answered: i64,
    asked: i64,
}

impl Told {
    async fn writes(mut self, shared: Arc<Shared>) -> Self {
        while !self.cut_off && !shared.over.load(Ordering::Acquire) {
            if let Err(refused) = self.one_more(&shared.answers).await {
                self.cut_off = true;
                shared.refused.lock().unwrap_or_else(PoisonError::into_inner).push(refused);
            }
        }
        self
    }

    /// Writes a post and makes it cheaper, twice.
    async fn one_more(&mut self, answers: &AtomicUsize) -> Result<(), Status> {
        let id = self.seller.write("의자").await?.id;
        answers.fetch_add(1, Ordering::AcqRel);
        self.posts.push(Post { id, answered: 10_000, asked: 10_000 });
        let post = self.posts.last_mut().expect("there is one now");
        for price in [9_000, 8_000] {
            post.asked = price;
            self.seller.reprice(&post.id, price).await?;
            post.answered = price;
            answers.fetch_add(1, Ordering::AcqRel);
        }
        Ok(())
    }

    /// Reads all his posts: each is as he was last told, or as he last asked.
    pub(super) async fn finds_all(&self) {
        for Post { id, answered, asked } in &self.posts {
            let post = self.seller.post(id).await.unwrap();
            let price: i64 = post["priceKrw"].as_str().unwrap().parse().unwrap();
            assert!([answered, asked].contains(&&price), "{answered} or {asked}: {post}");
        }
    }
}

/// What all of them were told.
pub(super) fn history(told: &[Told]) -> History {
    let complete = !told.iter().any(|told| told.cut_off);
    let writes = told.iter().flat_map(|told| told.seller.history(complete).writes).collect();
    History { writes, complete, ..History::default() }
}
