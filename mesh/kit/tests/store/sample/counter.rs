//! A counter: an aggregate that adds up what it is told.

use std::{net::SocketAddr, sync::Arc};

use jangteo::post::v1::CreatePostRequest;
use jangteo_kit::{
    auth::Caller,
    config::{Auth, Limits, LogFormat, Nats, Settings, Timing},
    context::Context,
    event::{Emitted, Recorded},
    execute::{Aggregate, Call, Decision, Stored, Versioned, execute, find},
    status::{Kind, Reject},
    store::{Failure, GROUP, Never, Store},
};
use tonic::{Request, Status};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counter {
    pub(crate) total: i64,
    pub(crate) note: String,
    pub(crate) remark: Option<String>,
}

/// A note with which a counter can't be shown, only after it was written.
pub(crate) const UNSHOWABLE: &str = "unshowable";

/// The notes of a counter that can be closed, of one that was, and of one that refuses to be.
pub(crate) const OPEN: &str = "open";
pub(crate) const CLOSED: &str = "closed";
pub(crate) const STUBBORN: &str = "stubborn";

#[derive(Clone, Debug)]
pub(crate) enum Command {
    /// Adds to the total; the first one makes the counter.
    Add(i64),
    /// Becomes this.
    Become(Counter),
    /// Counts once more and is closed, unless it is not open.
    Close,
    /// Is refused.
    Refuse,
    /// Panics.
    Panic,
}

/// The counter's event: its total.
pub(crate) struct Changed(i64);

impl Emitted for Changed {
    fn record(&self) -> Recorded {
        let payload = self.0.to_be_bytes().to_vec();
        Recorded { type_name: "jangteo.sample.v1.Changed".to_owned(), payload }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the counter says no")]
pub(crate) struct Refused;

impl Reject for Refused {
    fn kind(&self) -> Kind {
        Kind::Precondition
    }

    fn reason(&self) -> &'static str {
        "COUNTER_REFUSES"
    }
}

impl Aggregate for Counter {
    const KIND: &'static str = "counter";
    type Command = Command;
    type Event = Changed;
    type Rejection = Refused;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        let next = match command {
            Command::Add(more) => {
                let before = state.unwrap_or(Self { total: 0, note: String::new(), remark: None });
                Self { total: before.total + more, ..before }
            }
            Command::Become(next) => next,
            Command::Close => match state {
                Some(counter) if counter.note == OPEN => {
                    Self { total: counter.total + 1, note: CLOSED.to_owned(), ..counter }
                }
                Some(counter) if counter.note != STUBBORN => return Ok((counter, vec![])),
                _ => return Err(Refused),
            },
            Command::Refuse => return Err(Refused),
            Command::Panic => panic!("the counter panics"),
        };
        let changed = Changed(next.total);
        Ok((next, vec![changed]))
    }
}

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "counter")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub total: i64,
        pub note: String,
        pub remark: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Counter {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = i64;

    fn reply(counter: &Versioned<Self>) -> Self::Reply {
        assert_ne!(counter.state.note, UNSHOWABLE, "there is no reply");
        counter.head.revision
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let head = jangteo_kit::head!(row);
        let state = Self { total: row.total, note: row.note, remark: row.remark };
        Ok(Versioned { state, head })
    }

    fn write(Versioned { state, head }: &Versioned<Self>) -> entity::ActiveModel {
        jangteo_kit::row!(entity::ActiveModel of head {
            total: state.total,
            note: state.note.clone(),
            remark: state.remark.clone(),
        })
    }
}

/// The context that hosts counters.
pub(crate) fn context(store: &Store) -> Context {
    let settings = Settings {
        grpc_addr: SocketAddr::from(([127, 0, 0, 1], 0)),
        data_dir: "unused".into(),
        production: false,
        nats: Nats { url: "nats://unused".to_owned(), monitor_url: None, stream_replicas: 1 },
        database_url: "unused".to_owned(),
        database_urls: [].into(),
        peers: [].into(),
        auth: Auth::default(),
        timing: Timing::default(),
        log_format: LogFormat::default(),
        journal_high_water: u64::MAX,
        sqlite_group: GROUP,
        limits: Limits::USUAL,
        fault_injection: false,
    };
    Context::new(store.clone(), Arc::new(settings), Arc::new(jangteo_kit::peer::Nobody))
}

/// Tells a counter something; it answers its revision.
pub(crate) async fn tell(store: &Store, id: Uuid, command: Command) -> Result<i64, Status> {
    tell_as(store, id, command, "").await
}

/// Tells a counter something under a request id; it answers its revision.
pub(crate) async fn tell_as(
    store: &Store,
    id: Uuid,
    command: Command,
    request_id: &str,
) -> Result<i64, Status> {
    let request_id = request_id.to_owned();
    let mut request = Request::new(CreatePostRequest { request_id, ..Default::default() });
    let subject = "seller01".to_owned();
    request.extensions_mut().insert(Caller::User { subject, roles: vec![] });
    let (call, _) = Call::of(request);
    let told = execute::<Counter>(&context(store), call, id, command).await?;
    Ok(told.into_inner())
}

/// The counter as it is stored.
pub(crate) async fn stored(store: &Store, id: Uuid) -> Option<Versioned<Counter>> {
    let found: Result<_, Failure<Never>> = find(store.reader().unwrap(), id).await;
    found.unwrap()
}
