//! What events of other contexts set going in a context.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures::future::BoxFuture;

use super::{
    Applied, Consumer, Effect, Effects, Follower,
    policy::{Desk, Order, Policy, policy},
};
use crate::{
    clock,
    context::Context,
    decide::{Place, Share},
    event::{Event, Unfit},
    execute::{Cause, Follows},
    store::{Failure, Never, Tx},
};

/// The policies of a context. Together they are one consumer, of the context's name.
pub struct Policies {
    context: &'static str,
    all: Vec<Arc<dyn Policy>>,
    sources: Vec<&'static str>,
}

impl Policies {
    /// Those of a context: none so far.
    pub fn new(context: &'static str) -> Self {
        Self { context, all: vec![], sources: vec![] }
    }

    /// With that of an aggregate.
    #[must_use]
    pub fn follows<A: Follows>(mut self) -> Self {
        let policy = policy::<A>();
        self.sources.extend(policy.sources());
        self.sources.sort_unstable();
        self.sources.dedup();
        self.all.push(policy);
        self
    }

    /// There are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Follower for Policies {
    fn name(&self) -> &'static str {
        self.context
    }

    fn sources(&self) -> &[&'static str] {
        &self.sources
    }

    fn consumers<'a>(
        &'a self,
        _context: &'a Context,
    ) -> BoxFuture<'a, Result<Vec<Consumer>, Failure<Never>>> {
        let one = Consumer { name: self.context.to_owned(), building: None };
        Box::pin(async { Ok(vec![one]) })
    }

    fn effects<'a>(
        &'a self,
        _tx: &'a Tx,
        source: &'a str,
    ) -> BoxFuture<'a, Result<Effects<'a>, Failure<Never>>> {
        let one = Working { policies: self, source, changed: AtomicBool::new(false) };
        Box::pin(async { Ok(vec![Box::new(one) as Box<dyn Effect>]) })
    }

    fn compared<'a>(
        &'a self,
        _context: &'a Context,
        _consumer: &'a Consumer,
    ) -> BoxFuture<'a, Result<(), Failure<Never>>> {
        Box::pin(async { Ok(()) })
    }
}

/// The policies at work in one transaction.
struct Working<'a> {
    policies: &'a Policies,
    source: &'a str,
    changed: AtomicBool,
}

impl Working<'_> {
    /// What an event sets going among all aggregates of the context.
    fn orders(&self, event: &Event) -> Result<Vec<Box<dyn Order>>, Unfit> {
        let mut orders = vec![];
        for policy in &self.policies.all {
            if policy.sources().contains(&self.source) {
                orders.extend(policy.orders(event)?);
            }
        }
        Ok(orders)
    }

    async fn work(&self, tx: &Tx, event: &Event, from: Place) -> Result<Applied, Failure<Unfit>> {
        let orders = self.orders(event).map_err(Failure::Rejected)?;
        let cause = Cause::of_event(event, clock::now_ms());
        let at = Desk { tx, context: self.policies.context, cause: &cause };
        let mut share = Share::from(from);
        while let Some((place, room)) = share.next(orders.len()) {
            let told = orders[place.order].tell(at, place.after, room).await?;
            self.changed.fetch_or(told.changed, Ordering::Relaxed);
            share = share.reached(&told.aggregates);
        }
        Ok(share.rest(orders.len()).map_or(Applied::Whole, Applied::Until))
    }
}

impl Effect for Working<'_> {
    fn consumer(&self) -> &str {
        self.policies.context
    }

    fn traced(&self) -> bool {
        true
    }

    fn apply<'a>(
        &'a self,
        tx: &'a Tx,
        event: &'a Event,
        from: Place,
    ) -> BoxFuture<'a, Result<Applied, Failure<Unfit>>> {
        Box::pin(self.work(tx, event, from))
    }
    fn finish<'a>(&'a self, _tx: &'a Tx) -> BoxFuture<'a, Result<bool, Failure<Never>>> {
        Box::pin(async { Ok(self.changed.load(Ordering::Relaxed)) })
    }
}
