//! Readiness: on while every database answers. The broker never turns it off.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{server::Health, store::Store};

/// How often databases are asked while they answer.
const CALM: Duration = Duration::from_secs(5);
/// How often while one does not.
const ALARMED: Duration = Duration::from_millis(250);

/// Watches over the databases of a process.
pub(super) struct Readiness {
    health: Health,
    stores: Vec<Store>,
}

impl Readiness {
    pub(super) fn new(health: Health, stores: Vec<Store>) -> Self {
        Self { health, stores }
    }

    /// Tells health whether all databases answer, until `stop`.
    pub(super) async fn watch(&self, stop: &CancellationToken) {
        let mut known = None;
        while !stop.is_cancelled() {
            let ready = self.all_answer().await;
            if known != Some(ready) {
                tracing::info!(ready, "readiness");
                self.health.set_ready(ready).await;
                known = Some(ready);
            }
            let pause = tokio::time::sleep(if ready { CALM } else { ALARMED });
            tokio::select! { () = pause => {}, () = stop.cancelled() => {} }
        }
    }

    async fn all_answer(&self) -> bool {
        for store in &self.stores {
            if !store.ping().await {
                tracing::error!(context = store.context(), "database does not answer");
                return false;
            }
        }
        true
    }
}
