//! What takes in the events of other contexts: the policies of a context, and its read models.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::{
    Effect, Letter, Remedied, Remedy, Taken,
    apply::{Guard, Intake, Rest, take_in},
    letter::let_through,
};
use crate::{
    context::Context,
    decide::{Place, TOGETHER},
    event::{Event, Unfit},
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

/// Consumers at work in one transaction.
pub type Effects<'a> = Vec<Box<dyn Effect + 'a>>;

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

    /// Its consumers at work in one transaction, on events of one source.
    fn effects<'a>(
        &'a self,
        tx: &'a Tx,
        source: &'a str,
    ) -> BoxFuture<'a, Result<Effects<'a>, Failure<Never>>>;

    /// A consumer has compared every source.
    fn compared<'a>(
        &'a self,
        context: &'a Context,
        consumer: &'a Consumer,
    ) -> BoxFuture<'a, Result<(), Failure<Never>>>;
}

/// Lets every follower of `source` take a batch in, all of them in the same transactions.
///
/// # Errors
/// The database can't be reached: the batch has to come again.
pub async fn take(
    context: &Context,
    followers: &[Arc<dyn Follower>],
    source: &str,
    events: Vec<Event>,
) -> Result<(), Failure<Never>> {
    let follows = |one: &&Arc<dyn Follower>| one.sources().contains(&source);
    let followers: Arc<[_]> = followers.iter().filter(follows).cloned().collect();
    for events in events.chunks(TOGETHER) {
        let (followers, source) = (followers.clone(), source.to_owned());
        let batch = Batch { followers, source, events: events.to_vec() };
        committed(context, Arc::new(batch).taken(context).await?);
    }
    Ok(())
}

/// Events of one source, and all that follow it.
struct Batch {
    followers: Arc<[Arc<dyn Follower>]>,
    source: String,
    events: Vec<Event>,
}

impl Batch {
    /// Takes it in; where some event can't be applied, once more and with more care.
    async fn taken(self: Arc<Self>, context: &Context) -> Result<Taken, Failure<Never>> {
        match self.clone().guarded(context, Guard::Transaction).await {
            Err(Failure::Rejected(_) | Failure::Panicked(_) | Failure::Inconsistent(_)) => {
                self.guarded(context, Guard::Savepoint).await.map_err(fit)
            }
            taken => taken.map_err(fit),
        }
    }

    async fn guarded(
        self: Arc<Self>,
        context: &Context,
        guard: Guard,
    ) -> Result<Taken, Failure<Unfit>> {
        let taken = context.store().unit(move |tx| {
            let batch = self.clone();
            Box::pin(async move {
                let effects = batch.effects(tx).await.map_err(|no| no.map(|no| match no {}))?;
                let taken = take_in(tx, &batch.source, &batch.events, &effects, guard).await?;
                if taken.applied {
                    failpoint::at("C3");
                }
                Ok(taken)
            })
        });
        taken.await
    }

    async fn effects<'a>(&'a self, tx: &'a Tx) -> Result<Effects<'a>, Failure<Never>> {
        let mut all = vec![];
        for follower in self.followers.iter() {
            all.extend(follower.effects(tx, &self.source).await?);
        }
        Ok(all)
    }
}

/// Lets a dead letter through the gate that it lies before, if it is one of this follower's.
///
/// # Errors
/// The database can't be reached.
pub async fn remedy(
    tx: &Tx,
    follower: &dyn Follower,
    letter: &Letter,
    by: Remedy,
) -> Result<(Remedied, Taken), Failure<Never>> {
    let Some(effect) = effect(tx, follower, letter).await? else {
        return Ok((Remedied::Gone, Taken::default()));
    };
    let remedied = let_through(tx, letter, by, &*effect).await.map_err(fit)?;
    // What follows it may be much, or for many.
    let taken = Taken { applied: true, aside: true, changed: effect.finish(tx).await? };
    Ok((remedied, taken))
}

/// Applies a remedy at whichever of these followers has the letter.
///
/// # Errors
/// The database can't be reached.
pub(crate) async fn remedied(
    context: &Context,
    followers: &[Arc<dyn Follower>],
    letter: &Letter,
    by: Remedy,
) -> Result<Remedied, Failure<Never>> {
    for follower in followers {
        let (one, of) = (Arc::clone(follower), letter.clone());
        let remedied = context.store().unit(move |tx| {
            let (one, of) = (Arc::clone(&one), of.clone());
            Box::pin(async move { remedy(tx, &*one, &of, by).await })
        });
        let (remedied, taken) = remedied.await?;
        committed(context, taken);
        if remedied != Remedied::Gone {
            return Ok(remedied);
        }
    }
    Ok(Remedied::Gone)
}

/// Goes on with an event that was set aside, if it is one of this follower's.
pub(super) async fn go_on(
    tx: &Tx,
    follower: &dyn Follower,
    letter: &Letter,
    from: Place,
) -> Result<(Rest, Taken), Failure<Never>> {
    let Some(effect) = effect(tx, follower, letter).await? else {
        return Ok((None, Taken::default()));
    };
    let Letter { source, key, sequence, .. } = letter;
    let intake = Intake { tx, source, effect: &*effect, guard: Guard::Savepoint };
    let rest = intake.alone(key, *sequence, from).await.map_err(fit)?;
    Ok((rest, Taken { applied: true, aside: false, changed: effect.finish(tx).await? }))
}

/// The consumer before whose gate a letter lies.
async fn effect<'a>(
    tx: &'a Tx,
    follower: &'a dyn Follower,
    letter: &'a Letter,
) -> Result<Option<Box<dyn Effect + 'a>>, Failure<Never>> {
    let all = follower.effects(tx, &letter.source).await?;
    Ok(all.into_iter().find(|one| one.consumer() == letter.consumer))
}

/// Under savepoints what can't be applied is parked, and fails nothing.
fn fit(failure: Failure<Unfit>) -> Failure<Never> {
    failure.map(|Unfit(cause)| Failure::Inconsistent(cause))
}

/// Wakes whoever waits for what was committed.
pub(super) fn committed(context: &Context, taken: Taken) {
    if taken.applied {
        context.applied();
    }
    if taken.changed {
        context.moved();
    }
    if taken.aside {
        context.wake_aside();
    }
}
