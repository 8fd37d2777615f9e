//! One context as a process: it has a runtime of its own, and whatever runs there dies with it.

use std::{sync::Arc, time::Duration};

use jangteo_kit::{
    config::{Auth, Limits, LogFormat, Nats, Settings, Timing},
    host::Driven,
    service::Service,
    store::{GROUP, Store},
};
use tokio::runtime::{Builder, Runtime};

use crate::{
    clumsy::{Clumsy, Unread},
    memory::Memory,
    network::Line,
    world::Name,
};

/// How often everything that can go on gets its turn: chains of wake-ups are shorter.
const TURNS: usize = 24;
/// How often a database is looked at that is being asked.
const LOOK: Duration = Duration::from_millis(1);

/// All contexts.
pub(crate) fn services() -> Vec<Service> {
    vec![
        jangteo_post::service(),
        jangteo_offer::service(),
        jangteo_deal::service(),
        jangteo_inventory::service(),
        jangteo_order::service(),
        jangteo_delivery::service(),
        jangteo_item::service(),
        jangteo_rental::service(),
        jangteo_payment::service(),
        jangteo_provider::service(),
        jangteo_review::service(),
        jangteo_notification::service(&jangteo_notification::Senders::default()),
        jangteo_store::service(),
        jangteo_view::service(),
    ]
}

/// One of them, by its name.
pub(crate) fn service(name: &str) -> Service {
    let one = services().into_iter().find(|service| service.context() == name);
    one.expect("every context has a service")
}

/// Where the rows of a context lie.
pub(crate) enum Rows {
    /// In memory.
    Memory(Arc<Memory>),
    /// In an SQL database, by its URL.
    Sql(String),
}

/// A context that is alive.
pub(crate) struct Process {
    // The runtime goes first: its tasks use the rest.
    runtime: Runtime,
    driven: Driven,
}

impl Process {
    /// Starts a context on its rows.
    pub(crate) fn start(
        name: Name,
        rows: &Rows,
        settings: &Arc<Settings>,
        line: &Line,
        unread: &Unread,
    ) -> Self {
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.expect("a runtime without I/O needs nothing of the machine");
        let peers = Arc::new(line.clone());
        let through = |inner| Arc::new(Clumsy { inner, unread: unread.clone() }) as _;
        let driven = runtime.block_on(async {
            let store = match rows {
                Rows::Memory(memory) => Store::simulated(name, memory.clone()),
                Rows::Sql(url) => Store::connect(name, url).await.expect("the URL is one"),
            };
            let driven = Driven::new(service(name), store, settings.clone(), peers, through);
            if matches!(rows, Rows::Sql(_)) {
                driven.migrate().await.expect("the database is there");
            }
            // Before anything comes its read models have generations that take it in.
            for source in driven.sources() {
                driven.consumers(source).await.expect("the database can be read");
            }
            driven
        });
        Self { runtime, driven }
    }

    /// Reads something.
    pub(crate) fn look<'a, T, F: Future<Output = T>>(
        &'a self,
        work: impl FnOnce(&'a Driven) -> F,
    ) -> T {
        self.runtime.block_on(work(&self.driven))
    }

    /// Does one thing to its end; it must not wait for anything from outside.
    pub(crate) fn run<'a, T, F: Future<Output = T>>(
        &'a self,
        work: impl FnOnce(&'a Driven) -> F,
    ) -> T {
        let done = self.look(work);
        self.go_on();
        done
    }

    /// Begins something that may wait.
    pub(crate) fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.runtime.spawn(work));
        self.go_on();
    }

    /// Begins something, and hangs up on it at once: what was begun for it goes on.
    pub(crate) fn hang_up(&self, work: impl Future<Output = ()> + Send + 'static) {
        let begun = self.runtime.spawn(work);
        self.runtime.block_on(tokio::task::yield_now());
        begun.abort();
        self.go_on();
    }

    /// Whoever waits here for what another replica may have done looks again.
    pub(crate) fn look_again(&self) {
        self.driven.look_again();
        self.go_on();
    }

    /// The context itself.
    pub(crate) fn driven(&self) -> &Driven {
        &self.driven
    }

    /// Lets everything go on that does not wait for anything but its own database.
    pub(crate) fn go_on(&self) {
        self.runtime.block_on(async {
            turn().await;
            while self.driven.is_busy() {
                tokio::time::sleep(LOOK).await;
                turn().await;
            }
        });
    }
}

async fn turn() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}

/// The settings of every process: those that everybody has.
pub(crate) fn settings() -> Arc<Settings> {
    let nats = Nats { url: String::new(), monitor_url: None, stream_replicas: 1 };
    Arc::new(Settings {
        grpc_addr: ([127, 0, 0, 1], 0).into(),
        data_dir: "".into(),
        production: false,
        nats,
        database_url: String::new(),
        database_urls: [].into(),
        peers: [].into(),
        auth: Auth::default(),
        timing: Timing::default(),
        log_format: LogFormat::default(),
        journal_high_water: u64::MAX,
        sqlite_group: GROUP,
        limits: Limits::USUAL,
        fault_injection: false,
    })
}
