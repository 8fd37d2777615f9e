//! Events that were set aside: each is more than one transaction may do, and is done alone.

use std::{collections::VecDeque, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::{Follower, Policies, gates::Key, held};
use crate::{
    context::Context,
    decide::Place,
    store::{Failure, Never},
    work::Holder,
};

/// The events that a context has set aside. One transaction does a share of one of them, and then
/// it is another one's turn. How far each is is not kept: after a crash it begins again.
pub struct Aside {
    context: Context,
    policies: Arc<Policies>,
    waiting: VecDeque<((String, Key, i64), Place)>,
}

impl Aside {
    /// Those of these policies.
    pub fn of(context: Context, policies: Arc<Policies>) -> Self {
        Self { context, policies, waiting: VecDeque::new() }
    }

    /// Does what one transaction may; tells whether there was anything to do.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn share(&mut self) -> Result<bool, Failure<Never>> {
        if self.waiting.is_empty() {
            let db = self.context.store().reader()?;
            let found = held::aside(db, self.policies.consumer()).await?;
            self.waiting = found.into_iter().map(|event| (event, Place::default())).collect();
        }
        let Some((event, from)) = self.waiting.pop_front() else { return Ok(false) };
        let (policies, of) = (self.policies.clone(), event.clone());
        let done = self.context.store().unit(move |tx| {
            let (policies, event) = (policies.clone(), of.clone());
            Box::pin(async move { policies.go_on(tx, &event, from).await })
        });
        let (rest, taken) = done.await?;
        self.policies.committed(&self.context, taken);
        self.waiting.extend(rest.map(|place| (event, place)));
        Ok(true)
    }
}

/// Brings the events that were set aside to their end until `stop`, as long as this replica holds
/// the lease.
pub(crate) async fn resume(
    context: Context,
    policies: Arc<Policies>,
    holder: Holder,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        holder.wait(&stop).await;
        tokio::select! {
            () = holder.lost(&stop) => {}
            result = all(&context, &policies) => {
                if let Err(failure) = result {
                    tracing::warn!(%failure, context = context.name(), "what was set aside waits");
                }
            }
        }
        let look = policies.woken(context.settings().timing.compare);
        tokio::select! { () = look => {}, () = stop.cancelled() => {} }
    }
}

/// One that fails holds up no other.
async fn all(context: &Context, policies: &Arc<Policies>) -> Result<(), Failure<Never>> {
    let mut aside = Aside::of(context.clone(), policies.clone());
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
