//! Events that were set aside: one is more than a transaction may do, or they are too many that
//! waited behind the same one.

use std::{collections::VecDeque, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::{
    Follower, Letter,
    follower::{committed, go_on},
    held,
};
use crate::{
    context::Context,
    decide::Place,
    store::{Failure, Never},
    work::Holder,
};

/// The events that what follows in a context has set aside. One transaction does a share of those of
/// one aggregate, and then it is another one's turn. How far an event is is not kept: after a crash
/// it begins again.
pub struct Aside {
    context: Context,
    followers: Arc<[Arc<dyn Follower>]>,
    waiting: VecDeque<Waiting>,
}

/// An event that could go through its gate, from a place in it on, and who takes it in.
struct Waiting {
    follower: Arc<dyn Follower>,
    letter: Letter,
    from: Place,
}

impl Aside {
    /// Those of these followers.
    pub fn of(context: Context, followers: Arc<[Arc<dyn Follower>]>) -> Self {
        Self { context, followers, waiting: VecDeque::new() }
    }

    /// Does what one transaction may; tells whether there was anything to do.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn share(&mut self) -> Result<bool, Failure<Never>> {
        if self.waiting.is_empty() {
            self.look().await?;
        }
        let Some(Waiting { follower, letter, from }) = self.waiting.pop_front() else {
            return Ok(false);
        };
        let (inner, of) = (follower.clone(), letter.clone());
        let done = self.context.store().unit(move |tx| {
            let (follower, letter) = (inner.clone(), of.clone());
            Box::pin(async move { go_on(tx, &*follower, &letter, from).await })
        });
        let (rest, taken) = done.await?;
        committed(&self.context, taken);
        if let Some((sequence, from)) = rest {
            self.waiting.push_back(Waiting {
                follower,
                letter: Letter { sequence, ..letter },
                from,
            });
        }
        Ok(true)
    }

    async fn look(&mut self) -> Result<(), Failure<Never>> {
        for follower in self.followers.iter() {
            for consumer in follower.consumers(&self.context).await? {
                let found = held::aside(self.context.store(), &consumer.name).await?;
                let one =
                    |letter| Waiting { follower: follower.clone(), letter, from: Place::default() };
                self.waiting.extend(found.into_iter().map(one));
            }
        }
        Ok(())
    }
}

/// Brings the events that were set aside to their end until `stop`, as long as this replica holds
/// the lease.
pub(crate) async fn resume(
    context: Context,
    followers: Arc<[Arc<dyn Follower>]>,
    holder: Holder,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        holder.wait(&stop).await;
        tokio::select! {
            () = holder.lost(&stop) => {}
            result = all(&context, &followers) => {
                if let Err(failure) = result {
                    tracing::warn!(%failure, context = context.name(), "what was set aside waits");
                }
            }
        }
        let look = context.aside_woken(context.settings().timing.compare);
        tokio::select! { () = look => {}, () = stop.cancelled() => {} }
    }
}

/// One that fails holds up no other.
async fn all(
    context: &Context,
    followers: &Arc<[Arc<dyn Follower>]>,
) -> Result<(), Failure<Never>> {
    let mut aside = Aside::of(context.clone(), followers.clone());
    let mut failed = Ok(());
    loop {
        match aside.share().await {
            Ok(true) => {}
            Ok(false) => return failed,
            Err(failure) if aside.waiting.is_empty() => return Err(failure),
            Err(failure) => failed = Err(failure),
        }
    }
}
