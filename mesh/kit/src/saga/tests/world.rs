//! A context with errands and shelves on a fresh database, beside a peer that speaks by script.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use jangteo::{Mutating, errors::reason};
use jangteo_testing::{mariadb, postgres, scratch, until};
use prost::Message;
use sea_orm::{ConnectionTrait as _, Statement};
use tempfile::TempDir;
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use super::{
    errand::{Command, Errand, Plan, Rejection, Shown},
    peer::{Peer, yes},
    table,
};
use crate::{
    auth::Caller,
    clock,
    config::{Auth, Limits, LogFormat, Nats, Settings, Timing},
    context::Context,
    event::Event,
    execute::{Call, Cause, Versioned, Waiting, apply, execute, find, load, waiting},
    journal,
    saga::{of, sweep},
    server::Deadline,
    store::{Failure, GROUP, Lease, Never, Store},
    work,
};

/// How long anything may take that will happen.
pub(super) const SOON: Duration = Duration::from_secs(30);
/// The errand.
pub(super) const ID: Uuid = Uuid::from_u128(1);
/// Another one.
pub(super) const OTHER: Uuid = Uuid::from_u128(2);

pub(super) type Told = Result<Response<Shown>, Status>;

/// The databases that jangteo runs on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Database {
    Sqlite,
    Postgres,
    MariaDb,
}

/// Runs each case on every database.
macro_rules! on_all {
    ($($case:ident),+ $(,)?) => {
        on_all!(sqlite Sqlite: $($case),+);
        on_all!(postgres Postgres: $($case),+);
        on_all!(mariadb MariaDb: $($case),+);
    };
    ($module:ident $database:ident: $($case:ident),+) => {
        mod $module {
            use crate::saga::tests::world::{Database, World};
            $(#[tokio::test]
            async fn $case() {
                super::$case(World::on(Database::$database).await).await;
            })+
        }
    };
}
pub(super) use on_all;

pub(super) struct World {
    url: String,
    pub(super) context: Context,
    pub(super) peer: Arc<Peer>,
    tasks: TaskTracker,
    stop: CancellationToken,
    _end: DropGuard,
    dir: Arc<TempDir>,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::on(Database::Sqlite).await
    }

    pub(super) async fn on(database: Database) -> Self {
        let dir = scratch::directory("saga").unwrap();
        let url = match database {
            Database::Sqlite => format!("sqlite://{}/errand.db", dir.path().display()),
            Database::Postgres => postgres::database().await.unwrap(),
            Database::MariaDb => mariadb::database().await.unwrap(),
        };
        Self::at(url, Arc::new(dir)).await
    }

    /// The process is gone, whatever it was about to do; another one starts on its database.
    pub(super) async fn restarted(self) -> Self {
        self.context.store().close().await;
        Self::at(self.url.clone(), self.dir.clone()).await
    }

    async fn at(url: String, dir: Arc<TempDir>) -> Self {
        let store = Store::connect("sample", &url).await.unwrap();
        store.migrate(table::migrations).await.unwrap();
        let peer = Arc::new(Peer::default());
        let context = Context::new(store, Arc::new(settings()), peer.clone());
        let stop = CancellationToken::new();
        let end = stop.clone().drop_guard();
        Self { url, context, peer, tasks: TaskTracker::new(), stop, _end: end, dir }
    }

    /// Wakes what is due from now on.
    pub(super) fn sweeps(&self) {
        let (context, stop) = (self.context.clone(), self.stop.clone());
        let lease = Lease::new(context.store().clone(), clock::new_id(), SOON);
        let (holder, renewing) = work::hold(context.clone(), lease, SOON, stop.clone());
        self.tasks.spawn(renewing);
        self.tasks.spawn(sweep(context, vec![of::<Errand>()], holder, stop));
    }

    /// Begins the errand for a caller who may leave.
    pub(super) fn begins(&self, call: Call, plan: Plan) -> JoinHandle<Told> {
        self.runs(call, ID, Command::Begin(ID, plan))
    }

    pub(super) fn runs(&self, call: Call, id: Uuid, command: Command) -> JoinHandle<Told> {
        let context = self.context.clone();
        self.tasks.spawn(async move {
            let told = timeout(SOON, execute::<Errand>(&context, call, id, command)).await;
            told.expect("every request is answered")
        })
    }

    /// Begins the errand for a caller who stays.
    pub(super) async fn begin(&self, call: Call, plan: Plan) -> Told {
        self.begins(call, plan).await.unwrap()
    }

    /// Tells the errand something as an event of another context does.
    pub(super) async fn order(&self, command: Command) {
        let cause = cause();
        let ordered: Result<_, Failure<Rejection>> = self
            .context
            .store()
            .unit(move |tx| -> BoxFuture<'_, _> {
                let (cause, command) = (cause.clone(), command.clone());
                Box::pin(async move {
                    let before = load::<Errand, _>(tx, ID).await?;
                    apply(tx, "sample", &cause, ID, before, command).await.map(drop)
                })
            })
            .await;
        ordered.unwrap();
    }

    /// The sweeper has been everywhere: it has fired a timer that was set after all others.
    pub(super) async fn has_swept(&self) {
        self.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
        let plan = Plan { remind: Some(clock::now_ms()), ..Plan::default() };
        let told = self.runs(call(99), OTHER, Command::Begin(OTHER, plan)).await.unwrap();
        assert_eq!(shown(told), "done");
        self.other_becomes(OTHER, "reminded").await;
    }

    pub(super) async fn errand(&self, id: Uuid) -> Option<Versioned<Errand>> {
        let db = self.context.store().reader().unwrap();
        let found: Result<_, Failure<Never>> = find(db, id).await;
        found.unwrap()
    }

    /// The errand's stage by its name.
    pub(super) async fn stage(&self) -> &'static str {
        self.errand(ID).await.map_or("none", |errand| errand.state.stage.name())
    }

    #[track_caller]
    pub(super) fn becomes(&self, stage: &'static str) -> impl Future<Output = ()> {
        self.other_becomes(ID, stage)
    }

    #[track_caller]
    pub(super) fn other_becomes(&self, id: Uuid, stage: &'static str) -> impl Future<Output = ()> {
        until(SOON, move || async move {
            let errand = self.errand(id).await?;
            (errand.state.stage.name() == stage).then_some(())
        })
    }

    /// Waits until the peer was asked this often in all.
    #[track_caller]
    pub(super) fn asks(&self, times: usize) -> impl Future<Output = ()> {
        until(SOON, move || std::future::ready((self.peer.asked().len() >= times).then_some(())))
    }

    /// What the errand waits for.
    pub(super) async fn row(&self) -> Option<Waiting> {
        waiting(self.context.store().reader().unwrap(), "errand", ID).await.unwrap()
    }

    /// The events so far, by the type of each.
    pub(super) async fn journal(&self) -> Vec<Event> {
        let db = self.context.store().reader().unwrap();
        let rows = journal::unpublished(db, "sample", 100).await.unwrap();
        rows.into_iter().map(|(_, event)| event).collect()
    }

    /// How many rows a table has.
    pub(super) async fn count(&self, table: &str) -> i64 {
        let db = self.context.store().reader().unwrap();
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let count = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await;
        count.unwrap().expect("a count has a row").try_get_by_index(0).unwrap()
    }
}

/// What a person sends.
#[derive(Clone, PartialEq, Eq, Message)]
struct Sends {
    #[prost(string, tag = "1")]
    request_id: String,
    #[prost(string, tag = "2")]
    note: String,
}

impl prost::Name for Sends {
    const NAME: &'static str = "Sends";
    const PACKAGE: &'static str = "jangteo.sample.v1";
}

impl Mutating for Sends {
    fn request_id(&self) -> &str {
        &self.request_id
    }
}

/// A person's request under its id, and with this note.
pub(super) fn noted(request: u128, note: &str, within: Duration) -> Call {
    let request_id = Uuid::from_u128(request).to_string();
    let mut request = Request::new(Sends { request_id, note: note.to_owned() });
    let subject = "buyer01".to_owned();
    request.extensions_mut().insert(Caller::User { subject, roles: vec![] });
    request.extensions_mut().insert(Deadline::within(within));
    Call::of(request).0
}

/// A person's request under its id; he waits long.
pub(super) fn call(request: u128) -> Call {
    within(request, SOON * 4)
}

/// A person's request under its id; he waits this long.
pub(super) fn within(request: u128, within: Duration) -> Call {
    noted(request, "", within)
}

/// The stage that a caller was shown.
pub(super) fn shown(told: Told) -> String {
    told.unwrap().into_inner().stage
}

/// The code and reason of what a caller was refused.
pub(super) fn refused(told: &Told) -> (Code, String) {
    let status = told.as_ref().expect_err("it is refused");
    (status.code(), reason(status).expect("it is one of ours"))
}

/// An event of another context as a cause.
pub(super) fn cause() -> Cause {
    Cause::of_event(&event(), clock::now_ms())
}

fn event() -> Event {
    Event {
        context: "post".to_owned(),
        kind: "post".to_owned(),
        aggregate_id: Uuid::from_u128(77),
        sequence: 1,
        type_name: "jangteo.post.v1.PostDeleted".to_owned(),
        payload: vec![],
        correlation_id: Uuid::from_u128(77),
        causation_id: Uuid::from_u128(78),
        traceparent: String::new(),
        time: 0,
    }
}

fn settings() -> Settings {
    let timing = Timing {
        sweep: Duration::from_millis(20),
        backoff_max: Duration::from_millis(50),
        ..Timing::default()
    };
    Settings {
        grpc_addr: SocketAddr::from(([127, 0, 0, 1], 0)),
        data_dir: "unused".into(),
        production: false,
        nats: Nats { url: "nats://unused".to_owned(), monitor_url: None, stream_replicas: 1 },
        database_url: "unused".to_owned(),
        database_urls: [].into(),
        peers: [].into(),
        auth: Auth::default(),
        timing,
        log_format: LogFormat::default(),
        journal_high_water: u64::MAX,
        sqlite_group: GROUP,
        limits: Limits::USUAL,
        fault_injection: false,
    }
}
