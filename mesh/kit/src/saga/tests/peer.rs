//! A peer that speaks by script, and remembers what it was asked.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::future::BoxFuture;
use jangteo::ops::v1::{ConsistencyToken, consistency_token::Written};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::{
    decide::{No, Question},
    peer::{Answer, Ask, Sent},
};

#[derive(Default)]
pub(super) struct Peer {
    lines: Mutex<BTreeMap<&'static str, VecDeque<Line>>>,
    sent: Mutex<Vec<Sent>>,
    /// Nobody asks it.
    pub(super) away: AtomicBool,
}

/// What the peer does the next time that it is asked something.
enum Line {
    Says(Answer),
    /// Answers when the test says so, however late.
    Waits(oneshot::Receiver<Answer>),
    /// Says nothing for as long as it is listened to.
    Silent,
}

impl Peer {
    pub(super) fn says(&self, rpc: &'static str, answer: Answer) -> &Self {
        self.then(rpc, Line::Says(answer))
    }

    pub(super) fn is_silent(&self, rpc: &'static str) -> &Self {
        self.then(rpc, Line::Silent)
    }

    /// Answers what is sent here; nothing as long as nothing is sent.
    pub(super) fn waits(&self, rpc: &'static str) -> oneshot::Sender<Answer> {
        let (release, released) = oneshot::channel();
        self.then(rpc, Line::Waits(released));
        release
    }

    /// Whoever asks never hears of it again, as if his process had died.
    pub(super) fn takes_to_the_grave(&self, rpc: &'static str) {
        std::mem::forget(self.waits(rpc));
    }

    fn then(&self, rpc: &'static str, line: Line) -> &Self {
        self.lines.lock().unwrap().entry(rpc).or_default().push_back(line);
        self
    }

    /// The questions so far, in order.
    pub(super) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Their RPCs.
    pub(super) fn asked(&self) -> Vec<String> {
        self.sent().iter().map(|sent| rpc(sent).to_owned()).collect()
    }
}

fn rpc(sent: &Sent) -> &str {
    sent.question.path.strip_prefix("/jangteo.sample.v1.Peer/").unwrap()
}

impl Ask for Peer {
    fn is_away(&self, _: &Question) -> bool {
        self.away.load(Ordering::Relaxed)
    }

    fn is_any_away(&self) -> bool {
        self.away.load(Ordering::Relaxed)
    }

    fn ask(&self, sent: Sent) -> BoxFuture<'static, Answer> {
        let line = self.lines.lock().unwrap().get_mut(rpc(&sent)).and_then(VecDeque::pop_front);
        self.sent.lock().unwrap().push(sent.clone());
        Box::pin(async move {
            match line {
                Some(Line::Says(answer)) => answer,
                Some(Line::Waits(released)) => released.await.unwrap_or(Answer::Nothing),
                Some(Line::Silent) => {
                    tokio::time::sleep(sent.within).await;
                    Answer::Nothing
                }
                None => panic!("{} is not in the script", sent.question.path),
            }
        })
    }
}

/// A yes that wrote nothing.
pub(super) fn yes() -> Answer {
    Answer::Yes { message: vec![], token: String::new(), correlation_id: None }
}

/// A yes with what it wrote, and what it belongs to.
pub(super) fn yes_of(token: String, belongs_to: Uuid) -> Answer {
    Answer::Yes { message: vec![], token, correlation_id: Some(belongs_to) }
}

pub(super) fn no() -> Answer {
    Answer::No(No {
        code: tonic::Code::FailedPrecondition as i32,
        reason: "PHONE_SOLD".to_owned(),
        message: "the phone is sold".to_owned(),
        retry_after_ms: Some(2500),
    })
}

/// The token of one write to each of some posts.
pub(super) fn token(posts: impl IntoIterator<Item = u128>) -> String {
    let written = posts.into_iter().map(|post| Written {
        context: "post".to_owned(),
        kind: "post".to_owned(),
        aggregate_id: Uuid::from_u128(post).as_bytes().to_vec(),
        sequence: 1,
    });
    jangteo::token::encode(&ConsistencyToken { written: written.collect() }).unwrap()
}
