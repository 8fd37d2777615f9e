//! The way between contexts: whatever is asked lies here until the world lets it go on.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use futures::future::BoxFuture;
use jangteo_kit::{
    decide::Question,
    peer::{Answer, Ask, Sent},
};
use tokio::sync::oneshot;

/// A question that has just been asked.
pub(crate) struct Outgoing {
    pub(crate) sent: Sent,
    pub(crate) reply: oneshot::Sender<Answer>,
}

/// How one context asks others.
#[derive(Clone, Default)]
pub(crate) struct Line(Arc<Inner>);

#[derive(Default)]
struct Inner {
    out: Mutex<Vec<Outgoing>>,
    /// Its breakers are open.
    away: AtomicBool,
}

const POISON: &str = "nothing panics while it holds this lock";

impl Line {
    /// What has been asked since this was asked last.
    pub(crate) fn taken(&self) -> Vec<Outgoing> {
        std::mem::take(&mut *self.0.out.lock().expect(POISON))
    }

    /// Whether anything has been asked since then.
    pub(crate) fn is_asking(&self) -> bool {
        !self.0.out.lock().expect(POISON).is_empty()
    }

    /// Opens or closes its breakers.
    pub(crate) fn set_away(&self, away: bool) {
        self.0.away.store(away, Ordering::Relaxed);
    }
}

impl Ask for Line {
    fn ask(&self, sent: Sent) -> BoxFuture<'static, Answer> {
        if self.is_any_away() {
            return Box::pin(std::future::ready(Answer::NotSent));
        }
        let (reply, answer) = oneshot::channel();
        self.0.out.lock().expect(POISON).push(Outgoing { sent, reply });
        Box::pin(async { answer.await.unwrap_or(Answer::Nothing) })
    }

    fn is_away(&self, _: &Question) -> bool {
        self.is_any_away()
    }

    fn is_any_away(&self) -> bool {
        self.0.away.load(Ordering::Relaxed)
    }
}
