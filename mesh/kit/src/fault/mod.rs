//! Contexts that operators let misbehave, to see that their neighbours stand it.

mod serve;

use std::{collections::BTreeMap, sync::OnceLock};

use tokio::{
    sync::{Mutex, watch},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use crate::{decide::Switches, server::Health};

pub(crate) use self::serve::FaultServer;

/// The switches of the contexts in this process.
pub(crate) struct Board {
    contexts: BTreeMap<&'static str, Switch>,
    /// There once the process is put together.
    health: OnceLock<Health>,
    /// One at a time changes something: health follows whoever was last.
    changing: Mutex<()>,
}

/// The switches of one context.
pub(crate) struct Switch {
    now: watch::Sender<Switches>,
    leaving: CancellationToken,
}

impl Board {
    /// All switches are off. With each context comes what tells that the process goes away.
    pub(crate) fn new(
        contexts: impl IntoIterator<Item = (&'static str, CancellationToken)>,
    ) -> Self {
        let switch = |(context, leaving)| {
            let now = watch::Sender::new(Switches::default());
            (context, Switch { now, leaving })
        };
        let contexts = contexts.into_iter().map(switch).collect();
        Self { contexts, health: OnceLock::new(), changing: Mutex::new(()) }
    }

    /// From now on this health says what the switches say.
    pub(crate) fn shows_in(&self, health: Health) {
        // There is one, since a process is put together once.
        drop(self.health.set(health));
    }

    /// The switches of a context.
    pub(crate) fn of(&self, context: &str) -> Option<&Switch> {
        self.contexts.get(context)
    }

    /// The switches of the context that a service such as `jangteo.post.v1.PostService` belongs to.
    /// Health, reflection, journals and what is there for operators belong to none.
    pub(crate) fn of_service(&self, service: &str) -> Option<&Switch> {
        self.of(service.strip_prefix("jangteo.")?.split('.').next()?)
    }

    /// Sets all switches of a context at once.
    pub(crate) async fn set(&self, switch: &Switch, switches: Switches) {
        let _alone = self.changing.lock().await;
        switch.now.send_replace(switches);
        let well = !self.contexts.values().any(|switch| switch.now().unhealthy);
        if let Some(health) = self.health.get() {
            health.set_well(well).await;
        }
    }
}

impl Switch {
    /// How its context misbehaves now.
    pub(crate) fn now(&self) -> Switches {
        *self.now.borrow()
    }

    /// Waits as long as every call has to; a process that goes away keeps nobody waiting.
    pub(crate) async fn pause(&self) {
        let latency = self.now().latency;
        if latency.is_zero() {
            return;
        }
        tokio::select! {
            () = self.leaving.cancelled() => {}
            () = sleep(latency) => {}
        }
    }

    /// Waits until calls are answered again; false if the process goes away before.
    pub(crate) async fn is_answering(&self) -> bool {
        let mut now = self.now.subscribe();
        let answering = async { now.wait_for(|now| !now.hang).await.is_ok() };
        tokio::select! {
            biased;
            () = self.leaving.cancelled() => false,
            answering = answering => answering,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> (Board, CancellationToken) {
        let leaving = CancellationToken::new();
        (Board::new([("post", leaving.clone()), ("view", leaving.clone())]), leaving)
    }

    #[test]
    fn a_service_is_known_by_its_package() {
        let (board, _) = board();
        assert!(board.of_service("jangteo.post.v1.PostService").is_some());
        assert!(board.of_service("jangteo.view.v1.RebuildService").is_some());
        for other in [
            "jangteo.deal.v1.DealService",
            "jangteo.journal.v1.JournalService",
            "jangteo.ops.v1.FaultService",
            "jangteo.ops.v1.DeadLetterService",
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "post",
            "",
        ] {
            assert!(board.of_service(other).is_none(), "{other}");
        }
    }

    #[tokio::test]
    async fn a_context_misbehaves_alone_and_until_it_is_told_otherwise() {
        let (board, _) = board();
        let (post, view) = (board.of("post").unwrap(), board.of("view").unwrap());
        let faults = Switches { error_percent: 7, ..Switches::default() };
        board.set(post, faults).await;
        assert_eq!((post.now(), view.now()), (faults, Switches::default()));
        board.set(post, Switches::default()).await;
        assert_eq!(post.now(), Switches::default());
    }

    #[tokio::test]
    async fn whoever_hangs_goes_on_when_it_is_cleared() {
        let (board, _) = board();
        let post = board.of("post").unwrap();
        assert!(post.is_answering().await);
        board.set(post, Switches { hang: true, ..Switches::default() }).await;
        let clear = board.set(post, Switches::default());
        let (answering, ()) = tokio::join!(post.is_answering(), clear);
        assert!(answering);
    }

    #[tokio::test]
    async fn a_process_that_goes_away_keeps_nobody_waiting() {
        let (board, leaving) = board();
        let post = board.of("post").unwrap();
        let latency = std::time::Duration::from_hours(1);
        board.set(post, Switches { hang: true, latency, ..Switches::default() }).await;
        leaving.cancel();
        post.pause().await;
        assert!(!post.is_answering().await);
    }
}
