//! A process that hosts contexts: from binding its port to being gone.

mod background;
mod driven;
mod files;
mod lock;
mod ready;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::Router;
use jangteo::{
    journal::v1::journal_service_server::JournalServiceServer,
    ops::v1::{
        dead_letter_service_server::DeadLetterServiceServer,
        fault_service_server::FaultServiceServer, mending_service_server::MendingServiceServer,
        saga_service_server::SagaServiceServer,
    },
};
use tokio::{
    net::TcpListener,
    signal::unix,
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

pub use self::driven::{Driven, Key};
use self::{background::Hosted, lock::DataDir};
use crate::{
    auth,
    bus::Bus,
    config::{Settings, Timing},
    context::Context,
    failpoint,
    fault::{Board, FaultServer},
    inbox::DeadLetterServer,
    journal::JournalServer,
    mend::MendingServer,
    peer::Peers,
    project::Sources,
    saga::SagaServer,
    server::{Health, Services, Speaks, Terms, serve},
    service::Service,
    store::Store,
};

/// A process that is bound to its port and about to serve.
pub struct Host {
    settings: Arc<Settings>,
    _data_dir: DataDir,
    node_id: Uuid,
    listener: TcpListener,
    router: Router,
    health: Health,
    /// None where no context needs it.
    bus: Option<Bus>,
    sources: Sources,
    hosted: Vec<Hosted>,
    front: Option<(TcpListener, Router)>,
    end: End,
}

impl Host {
    /// Takes the data directory and the port, opens the keys; databases and broker may come later.
    ///
    /// # Errors
    /// What is taken or malformed, and what to do about it.
    pub async fn new(settings: Settings, services: Vec<Service>) -> anyhow::Result<Self> {
        let settings = Arc::new(settings);
        warn_of_faults(&settings);
        let data_dir = DataDir::lock(&settings.data_dir)?;
        let node_id = data_dir.node_id()?;
        auth::keep(&settings.auth).await?;
        let (verifier, identity) = auth::open(&settings.auth, &settings.data_dir)?;
        let addr = settings.grpc_addr;
        let listener = TcpListener::bind(addr).await.with_context(|| {
            format!("cannot listen on {addr}: set JANGTEO_GRPC_ADDR to a free one")
        })?;
        let here = format!("http://{}", reachable(listener.local_addr()?));
        let peers = Peers::new(identity, &here, &settings.peers)?;
        let bus = if services.is_empty() {
            None
        } else {
            let inbox = inbox(&services);
            Some(Bus::connect(settings.nats.clone(), settings.production, &inbox).await?)
        };
        let sources = Sources::new(peers.clone());
        let (hosted, mut mounted) = mount(&settings, &peers, services).await?;
        if let Some(bus) = &bus {
            let mended = hosted.iter().map(Hosted::mended);
            let mending = MendingServer::new(mended, bus.clone(), sources.clone());
            mounted = mounted.with(MendingServiceServer::new(mending));
        }
        let (router, health) = mounted.stack(Arc::new(verifier), settings.limits).await;
        Ok(Self {
            settings,
            _data_dir: data_dir,
            node_id,
            listener,
            router,
            health,
            bus,
            sources,
            hosted,
            front: None,
            end: End::default(),
        })
    }

    /// Opens a second door before this process, for HTTP of any kind. It drains first: what came in by
    /// it is still answered behind it.
    ///
    /// # Errors
    /// The address is taken.
    pub async fn front(mut self, addr: SocketAddr, router: Router) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(addr).await.with_context(|| {
            format!("cannot listen on {addr}: set JANGTEO_HTTP_ADDR to a free one")
        })?;
        self.front = Some((listener, router));
        Ok(self)
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap_or(self.settings.grpc_addr)
    }

    /// Cancelled when the second door closes: what is still told by it has to end.
    pub fn leaving(&self) -> CancellationToken {
        self.end.shut_front.clone()
    }

    /// Where this process calls itself.
    pub fn url(&self) -> String {
        format!("http://{}", reachable(self.addr()))
    }

    /// Where its second door is, if it has one.
    pub fn front_addr(&self) -> Option<SocketAddr> {
        self.front.as_ref().and_then(|(listener, _)| listener.local_addr().ok())
    }

    /// Serves until SIGTERM or SIGINT, then drains and is gone within the deadline.
    ///
    /// # Errors
    /// A database that was written by a newer version.
    pub async fn run(self) -> anyhow::Result<()> {
        let contexts: Vec<Context> = self.hosted.iter().map(|one| one.context.clone()).collect();
        let end = self.end;
        let timing = self.settings.timing.clone();
        let most = files::connections(self.settings.limits.connections);
        let terms = Terms { most, age: timing.connection_age };
        end.serve(terms, self.listener, self.router, self.front);
        let readiness = ready::Readiness::new(self.health.clone(), contexts.clone());
        let serving = async {
            start(self.hosted, self.node_id, self.bus.as_ref(), &self.sources, &end).await?;
            readiness.watch().await;
            Ok(())
        };
        let ended = tokio::select! {
            ended = serving => ended,
            () = signalled() => Ok(()),
        };
        self.health.set_ready(false).await;
        if timeout(timing.drain, end.drain(&timing, &contexts)).await.is_err() {
            tracing::warn!("not everything was done by the deadline: the next start does it");
        }
        ended
    }
}

/// What runs in a process, and how it is told to end.
#[derive(Default)]
struct End {
    fronting: TaskTracker,
    shut_front: CancellationToken,
    serving: TaskTracker,
    shut: CancellationToken,
    /// Closes whatever is still open.
    cut: CancellationToken,
    work: TaskTracker,
    stop: CancellationToken,
}

impl End {
    /// Opens the doors, each on these terms.
    fn serve(
        &self,
        terms: Terms,
        listener: TcpListener,
        router: Router,
        front: Option<(TcpListener, Router)>,
    ) {
        let cut = || self.cut.clone();
        if let Some((listener, router)) = front {
            let shut = self.shut_front.clone();
            self.fronting.spawn(serve(listener, Speaks::Http, terms, router, shut, cut()));
        }
        self.serving.spawn(serve(listener, Speaks::Http2, terms, router, self.shut.clone(), cut()));
    }

    /// Whoever is inside is answered. Who came in by the front door is inside the other one as well:
    /// it closes later, though not much.
    async fn shut_doors(&self, grace: Duration, contexts: &[Context]) {
        self.shut_front.cancel();
        self.fronting.close();
        contexts.iter().for_each(Context::leave);
        // Either way the rest is told to go.
        drop(timeout(grace / 2, self.fronting.wait()).await);
        self.shut.cancel();
        failpoint::at("D2");
        self.serving.close();
        self.serving.wait().await;
        self.fronting.wait().await;
    }

    /// Still accepts until everybody knows, lets running calls finish, publishes what is left.
    async fn drain(&self, timing: &Timing, contexts: &[Context]) {
        let begun = Instant::now();
        tracing::info!("draining");
        failpoint::at("D2");
        tokio::time::sleep(timing.lame_duck).await;
        let grace = timing.drain.saturating_sub(timing.lame_duck) / 2;
        if timeout(grace, self.shut_doors(grace, contexts)).await.is_err() {
            self.cut.cancel();
        }
        self.serving.wait().await;
        self.fronting.wait().await;
        failpoint::at("D2");
        for context in contexts {
            context.finish().await;
        }
        self.stop.cancel();
        self.work.close();
        self.work.wait().await;
        failpoint::at("D2");
        for context in contexts {
            context.store().close().await;
        }
        tracing::info!(took = ?begun.elapsed(), "drained");
    }
}

/// Opens each context's database lazily and puts its contracts together.
async fn mount(
    settings: &Arc<Settings>,
    peers: &Peers,
    services: Vec<Service>,
) -> anyhow::Result<(Vec<Hosted>, Services)> {
    let (mut mounted, mut hosted) = (Services::new(), Vec::new());
    for service in services {
        let url = settings.database_url_of(service.context);
        let store = Store::grouping(service.context, &url, settings.sqlite_group)
            .await
            .with_context(|| unopened(service.context))?;
        let context = Context::new(store, settings.clone(), Arc::new(peers.clone()));
        for mount in service.mounts {
            mounted = mount(mounted, context.clone());
        }
        let (models, policies) = (service.models, Arc::new(service.policies));
        let sagas = service.sagas;
        hosted.push(Hosted { context, migrations: service.migrations, models, policies, sagas });
    }
    let contexts = hosted.iter().map(|one| one.context.clone());
    let journals = JournalServiceServer::new(JournalServer::new(contexts));
    let following = hosted.iter().map(|one| (one.context.clone(), one.followers()));
    let dead = DeadLetterServiceServer::new(DeadLetterServer::new(following));
    let sagas = hosted.iter().map(|one| (one.context.clone(), one.sagas.clone()));
    let sagas = SagaServiceServer::new(SagaServer::new(sagas));
    let board = board(settings, &hosted);
    let faults = FaultServiceServer::new(FaultServer::new(board.clone()));
    let mounted = mounted.with(journals).with(dead).with(sagas).with(faults);
    Ok((hosted, mounted.misbehaving(board)))
}

/// Where the broker answers this process: a user of its own has a process that hosts one context.
fn inbox(services: &[Service]) -> String {
    match services {
        [one] => format!("_INBOX_{}", one.context.to_uppercase()),
        _ => "_INBOX".to_owned(),
    }
}

fn unopened(context: &str) -> String {
    let own = context.to_uppercase();
    format!(
        "cannot open the database of {context}: set JANGTEO_DATABASE_URL, or JANGTEO_DATABASE_URL_{own}"
    )
}

/// The switches by which operators let contexts misbehave, where they may.
fn board(settings: &Settings, hosted: &[Hosted]) -> Option<Arc<Board>> {
    let contexts = hosted.iter().map(|one| &one.context);
    let contexts = contexts.map(|context| (context.name(), context.leaving().clone()));
    settings.fault_injection.then(|| Arc::new(Board::new(contexts)))
}

fn warn_of_faults(settings: &Settings) {
    if settings.production && settings.fault_injection {
        tracing::warn!(
            "JANGTEO_FAULT_INJECTION is true in production: operators may let contexts fail"
        );
    }
}

/// Migrates every database, then starts the work beside answering.
async fn start(
    hosted: Vec<Hosted>,
    node_id: Uuid,
    bus: Option<&Bus>,
    sources: &Sources,
    end: &End,
) -> anyhow::Result<()> {
    for one in &hosted {
        one.migrate().await?;
    }
    let Some(bus) = bus else { return Ok(()) };
    for one in hosted {
        one.start(node_id, bus, sources, &end.work, &end.stop);
    }
    Ok(())
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
