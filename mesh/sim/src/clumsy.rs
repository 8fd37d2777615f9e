//! A version of a program that can't apply some events: they are parked, until somebody redrives them in a
//! later version.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use futures::future::BoxFuture;
use jangteo_kit::{
    context::Context,
    decide::Place,
    event::{Event, Unfit},
    inbox::{Applied, Consumer, Effect, Effects, Follower},
    store::{Failure, Never, Tx},
};
use uuid::Uuid;

/// The events that a version can't apply, by their ids.
pub(crate) type Unread = Arc<Mutex<BTreeSet<Uuid>>>;

/// A follower that can't apply some events.
pub(crate) struct Clumsy {
    pub(crate) inner: Arc<dyn Follower>,
    pub(crate) unread: Unread,
}

impl Follower for Clumsy {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn sources(&self) -> &[&'static str] {
        self.inner.sources()
    }

    fn consumers<'a>(
        &'a self,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Vec<Consumer>, Failure<Never>>> {
        self.inner.consumers(context)
    }

    fn effects<'a>(
        &'a self,
        tx: &'a Tx,
        source: &'a str,
    ) -> BoxFuture<'a, Result<Effects<'a>, Failure<Never>>> {
        Box::pin(async move {
            let all = self.inner.effects(tx, source).await?;
            let stumbles = |inner| Box::new(Stumbles { inner, unread: &self.unread }) as _;
            Ok(all.into_iter().map(stumbles).collect())
        })
    }

    fn compared<'a>(
        &'a self,
        context: &'a Context,
        consumer: &'a Consumer,
    ) -> BoxFuture<'a, Result<(), Failure<Never>>> {
        self.inner.compared(context, consumer)
    }
}

struct Stumbles<'a> {
    inner: Box<dyn Effect + 'a>,
    unread: &'a Unread,
}

impl Effect for Stumbles<'_> {
    fn consumer(&self) -> &str {
        self.inner.consumer()
    }

    fn traced(&self) -> bool {
        self.inner.traced()
    }

    fn apply<'a>(
        &'a self,
        tx: &'a Tx,
        event: &'a Event,
        from: Place,
    ) -> BoxFuture<'a, Result<Applied, Failure<Unfit>>> {
        if self.unread.lock().expect("nobody panics while he looks").contains(&event.id()) {
            let why = Unfit("this version can't read it".to_owned());
            return Box::pin(std::future::ready(Err(Failure::Rejected(why))));
        }
        self.inner.apply(tx, event, from)
    }

    fn finish<'a>(&'a self, tx: &'a Tx) -> BoxFuture<'a, Result<bool, Failure<Never>>> {
        self.inner.finish(tx)
    }
}
