//! Which replica does the background work of a database: the one that holds the lease.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    context::{Audit, Context},
    store::Lease,
};

/// Tells whether this replica holds the lease now.
#[derive(Clone)]
pub(crate) struct Holder(watch::Receiver<bool>);

impl Holder {
    pub(crate) fn holds(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the lease is held, or `stop`.
    pub(crate) async fn wait(&self, stop: &CancellationToken) {
        let mut held = self.0.clone();
        tokio::select! {
            // The sender lives as long as the process; without it nothing is left to wait for.
            _ = held.wait_for(|held| *held) => {}
            () = stop.cancelled() => {}
        }
    }

    /// Completes when the lease is lost, or at `stop`.
    pub(crate) async fn lost(&self, stop: &CancellationToken) {
        let mut held = self.0.clone();
        tokio::select! {
            _ = held.wait_for(|held| !*held) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Renews the lease three times in its length until `stop`, then lets go of it. Nobody works on a
/// journal that has forgotten events.
pub(crate) fn hold(
    context: Context,
    lease: Lease,
    length: Duration,
    stop: CancellationToken,
) -> (Holder, impl Future<Output = ()>) {
    let (tell, holder) = watch::channel(false);
    let renewing = async move {
        while !stop.is_cancelled() {
            let held = context.audit() != Audit::Behind && lease.renew().await.unwrap_or(false);
            tell.send_if_modified(|known| std::mem::replace(known, held) != held);
            let pause = if held { length / 3 } else { length / 5 };
            tokio::select! { () = tokio::time::sleep(pause) => {}, () = stop.cancelled() => {} }
        }
        if let Err(error) = lease.release().await {
            tracing::debug!(%error, "lease was not released: it runs out by itself");
        }
    };
    (Holder(holder), renewing)
}
