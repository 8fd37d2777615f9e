//! What takes in the events of other contexts: the policies of a context, and its read models.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::{Letter, Remedied, Remedy, Rest, Taken};
use crate::{
    context::Context,
    decide::{Place, TOGETHER},
    event::Event,
    failpoint,
    store::{Failure, Never, Tx},
};

/// One set of gates of a follower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumer {
    /// Whose gates they are.
    pub name: String,
    /// The generation that is filled behind them and does not serve yet.
    pub building: Option<i64>,
}

/// Follows other contexts.
pub trait Follower: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// The contexts whose events it follows.
    fn sources(&self) -> &[&'static str];

    /// Its gates, in the order in which they are compared with their sources.
    fn consumers<'a>(
        &'a self,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Vec<Consumer>, Failure<Never>>>;

    /// Takes a batch of one source in, through all its gates.
    fn take_in<'a>(
        &'a self,
        tx: &'a Tx,
        source: &'a str,
        events: &'a [Event],
    ) -> BoxFuture<'a, Result<Taken, Failure<Never>>>;

    /// Lets a dead letter through the gate that it lies before, if it is one of this follower's.
    fn remedy<'a>(
        &'a self,
        tx: &'a Tx,
        letter: &'a Letter,
        remedy: Remedy,
    ) -> BoxFuture<'a, Result<(Remedied, Taken), Failure<Never>>>;

    /// Goes on with an event that was set aside.
    fn go_on<'a>(
        &'a self,
        tx: &'a Tx,
        letter: &'a Letter,
        from: Place,
    ) -> BoxFuture<'a, Result<(Rest, Taken), Failure<Never>>>;

    /// A batch is committed.
    fn committed(&self, context: &Context, taken: Taken);

    /// A consumer has compared every source; tells whether there may be others now.
    fn compared<'a>(
        &'a self,
        context: &'a Context,
        consumer: &'a Consumer,
    ) -> BoxFuture<'a, Result<bool, Failure<Never>>>;
}

/// Lets every follower of `source` take a batch in, each in transactions of its own.
///
/// # Errors
/// The database can't be reached: the batch has to come again.
pub async fn take(
    context: &Context,
    followers: &[Arc<dyn Follower>],
    source: &str,
    events: Vec<Event>,
) -> Result<(), Failure<Never>> {
    for events in events.chunks(TOGETHER) {
        let events: Arc<[Event]> = events.into();
        for follower in followers.iter().filter(|one| one.sources().contains(&source)) {
            together(context, follower, source, events.clone()).await?;
        }
    }
    Ok(())
}

async fn together(
    context: &Context,
    follower: &Arc<dyn Follower>,
    source: &str,
    events: Arc<[Event]>,
) -> Result<(), Failure<Never>> {
    let (inner, source) = (follower.clone(), source.to_owned());
    let taken = context.store().unit(move |tx| {
        let (follower, source, events) = (inner.clone(), source.clone(), events.clone());
        Box::pin(async move {
            let taken = follower.take_in(tx, &source, &events).await?;
            if taken.applied {
                failpoint::at("C3");
            }
            Ok(taken)
        })
    });
    follower.committed(context, taken.await?);
    Ok(())
}
