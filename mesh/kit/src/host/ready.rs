//! Readiness: on while every database answers and knows what it has told. A broker that is away never
//! turns it off.

use std::time::Duration;

use crate::{
    context::{Audit, Context},
    server::Health,
};

/// How often databases are asked while they answer.
const CALM: Duration = Duration::from_secs(2);
/// How often while one does not.
const ALARMED: Duration = Duration::from_millis(250);

/// Watches over the databases of a process.
pub(super) struct Readiness {
    health: Health,
    contexts: Vec<Context>,
}

impl Readiness {
    pub(super) fn new(health: Health, contexts: Vec<Context>) -> Self {
        Self { health, contexts }
    }

    /// Tells health whether all databases can be worked with, for ever.
    pub(super) async fn watch(&self) {
        let mut known = None;
        loop {
            let ready = self.all_sound().await;
            if known != Some(ready) {
                tracing::info!(ready, "readiness");
                self.health.set_ready(ready).await;
                known = Some(ready);
            }
            tokio::time::sleep(if ready { CALM } else { ALARMED }).await;
        }
    }

    async fn all_sound(&self) -> bool {
        for context in &self.contexts {
            if !context.store().ping().await {
                tracing::error!(context = context.name(), "database does not answer");
                return false;
            }
            if context.audit() == Audit::Behind {
                return false;
            }
        }
        true
    }
}
