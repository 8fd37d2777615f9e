//! A process that hosts contexts: from binding its port to being gone.

mod background;
mod lock;
mod ready;

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use axum::Router;
use jangteo::journal::v1::journal_service_server::JournalServiceServer;
use tokio::{net::TcpListener, signal::unix, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{background::Hosted, lock::DataDir};
use crate::{
    auth,
    bus::Bus,
    config::Settings,
    context::Context,
    failpoint,
    journal::JournalServer,
    project::Sources,
    server::{Health, Services, serve},
    service::Service,
    store::Store,
};

/// A process that is bound to its port and about to serve.
pub struct Host {
    settings: Arc<Settings>,
    _data_dir: DataDir,
    listener: TcpListener,
    router: Router,
    health: Health,
    bus: Bus,
    sources: Sources,
    hosted: Vec<Hosted>,
}

impl Host {
    /// Takes the data directory and the port, opens the keys; databases and broker may come later.
    ///
    /// # Errors
    /// What is taken or malformed, and what to do about it.
    pub async fn new(settings: Settings, services: Vec<Service>) -> anyhow::Result<Self> {
        let settings = Arc::new(settings);
        let data_dir = DataDir::lock(&settings.data_dir)?;
        let (verifier, identity) = auth::open(&settings.auth, &settings.data_dir)?;
        let addr = settings.grpc_addr;
        let listener = TcpListener::bind(addr)
            .await
            .with_context(|| format!("cannot listen on {addr}: set JANGTEO_GRPC_ADDR to a free one"))?;
        let here = format!("http://{}", reachable(listener.local_addr()?));
        let sources = Sources::new(identity, &here, &settings.peers)?;
        let bus = Bus::connect(settings.nats.clone(), settings.production).await?;
        let (hosted, mounted) = mount(&settings, services).await?;
        let (router, health) = mounted.stack(Arc::new(verifier)).await;
        Ok(Self { settings, _data_dir: data_dir, listener, router, health, bus, sources, hosted })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap_or(self.settings.grpc_addr)
    }

    /// Serves until SIGTERM or SIGINT, then drains and is gone within the deadline.
    ///
    /// # Errors
    /// A database that was written by a newer version.
    pub async fn run(self) -> anyhow::Result<()> {
        let (lame, shut, stop) =
            (CancellationToken::new(), CancellationToken::new(), CancellationToken::new());
        let tasks = TaskTracker::new();
        let stores: Vec<Store> = self.hosted.iter().map(|one| one.context.store().clone()).collect();
        tasks.spawn(serve(self.listener, self.router, shut.clone(), self.settings.timing.drain));
        let readiness = ready::Readiness::new(self.health.clone(), stores.clone());
        let started = start(self.hosted, &self.bus, &self.sources, &tasks, &stop);
        let serving = async {
            started.await?;
            readiness.watch(&lame).await;
            Ok(())
        };
        let ended = tokio::select! {
            ended = serving => ended,
            () = signalled() => Ok(()),
        };
        lame.cancel();
        self.health.set_ready(false).await;
        failpoint::at("D2");
        let drained = drain(&self.settings, &stores, &tasks, shut, stop);
        if tokio::time::timeout(self.settings.timing.drain, drained).await.is_err() {
            tracing::warn!("not everything was done by the deadline: it is done after the next start");
        }
        ended
    }
}

/// Opens each context's database lazily and puts its contracts together.
async fn mount(
    settings: &Arc<Settings>,
    services: Vec<Service>,
) -> anyhow::Result<(Vec<Hosted>, Services)> {
    let (mut mounted, mut hosted) = (Services::new(), Vec::new());
    for service in services {
        let url = settings.database_url_of(service.context);
        let store = Store::connect(service.context, &url)
            .await
            .with_context(|| format!("cannot open the database of {}", service.context))?;
        let context = Context::new(store, settings.clone());
        for mount in service.mounts {
            mounted = mount(mounted, context.clone());
        }
        let models = Arc::new(service.models);
        hosted.push(Hosted { context, migrations: service.migrations, models });
    }
    let stores = hosted.iter().map(|one| one.context.store().clone());
    let journals = JournalServiceServer::new(JournalServer::new(stores));
    Ok((hosted, mounted.with(journals)))
}

/// Migrates every database, then starts the work beside answering.
async fn start(
    hosted: Vec<Hosted>,
    bus: &Bus,
    sources: &Sources,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    for one in &hosted {
        one.migrate(stop).await?;
    }
    for one in hosted {
        one.start(bus, sources, tasks, stop);
    }
    Ok(())
}

/// Still accepts until everybody knows, lets running calls finish, publishes what is left.
async fn drain(
    settings: &Settings,
    stores: &[Store],
    tasks: &TaskTracker,
    shut: CancellationToken,
    stop: CancellationToken,
) {
    let begun = Instant::now();
    tracing::info!("draining");
    tokio::time::sleep(settings.timing.lame_duck).await;
    shut.cancel();
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    for store in stores {
        store.close().await;
    }
    tracing::info!(took = ?begun.elapsed(), "drained");
}

async fn signalled() {
    let mut terminate =
        unix::signal(unix::SignalKind::terminate()).expect("the runtime has signals");
    let mut interrupt =
        unix::signal(unix::SignalKind::interrupt()).expect("the runtime has signals");
    tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
}

/// An address that this process can call itself at.
fn reachable(addr: SocketAddr) -> SocketAddr {
    if addr.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], addr.port())) } else { addr }
}
