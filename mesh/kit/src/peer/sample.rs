//! A peer to be asked by the tests: a server of journals that says what it is told to say.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::task::TaskTracker;
use tonic::{Code, Request, Response, Status, metadata::MetadataMap, transport::Server};
use uuid::Uuid;

use jangteo::{
    errors::Refusal,
    journal::v1::{
        ListHeadsRequest, ListHeadsResponse, ReadEventsRequest, ReadEventsResponse,
        journal_service_server::{JournalService, JournalServiceServer},
    },
};

use super::{Answer, Ask, CALL_KEY, CORRELATION, Peers, Sent};
use crate::{
    auth::{self, ServiceIdentity, Verifier},
    config::Auth,
    decide::{Limits, Question},
    token,
};

pub(super) const KEY: &str = "deals/1";
pub(super) const STORY: Uuid = Uuid::from_u128(7);
/// What a yes is about.
pub(super) const ABOUT: Uuid = Uuid::from_u128(8);
/// What a yes has written.
pub(super) const WROTE: &str = "written";
/// Longer than anything here should take.
pub(super) const SOON: Duration = Duration::from_secs(10);

/// What the server says to a call.
pub(super) enum Say {
    Yes,
    Status(Status),
    Silence,
}

/// Trouble of the peer's own.
pub(super) fn trouble() -> Say {
    Say::Status(Refusal::new(Code::Unavailable, "DATABASE_UNAVAILABLE", "not now").into())
}

/// A no that is stored under `key`.
pub(super) fn stored(code: Code, key: &str) -> Say {
    Say::Status(Refusal::new(code, "POST_SOLD", "it is sold").metadata(CALL_KEY, key).into())
}

type Script = Arc<dyn Fn(usize) -> Say + Send + Sync>;

#[derive(Clone)]
struct Journal {
    script: Script,
    heard: Arc<Mutex<Vec<MetadataMap>>>,
}

impl Journal {
    async fn hear<T>(&self, request: Request<impl Send>, reply: T) -> Result<Response<T>, Status> {
        let before = {
            let mut heard = self.heard.lock().unwrap();
            heard.push(request.metadata().clone());
            heard.len() - 1
        };
        match (self.script)(before) {
            Say::Yes => {}
            Say::Status(status) => return Err(status),
            Say::Silence => std::future::pending().await,
        }
        let mut response = Response::new(reply);
        response.metadata_mut().insert(token::HEADER, WROTE.parse().unwrap());
        response.metadata_mut().insert(CORRELATION, ABOUT.to_string().parse().unwrap());
        Ok(response)
    }
}

#[tonic::async_trait]
impl JournalService for Journal {
    async fn read_events(
        &self,
        request: Request<ReadEventsRequest>,
    ) -> Result<Response<ReadEventsResponse>, Status> {
        self.hear(request, ReadEventsResponse::default()).await
    }

    async fn list_heads(
        &self,
        request: Request<ListHeadsRequest>,
    ) -> Result<Response<ListHeadsResponse>, Status> {
        let next_page_token = request.get_ref().context.clone();
        self.hear(request, ListHeadsResponse { next_page_token, ..Default::default() }).await
    }
}

/// A server on a port of its own.
pub(super) struct Peer {
    pub(super) addr: SocketAddr,
    heard: Arc<Mutex<Vec<MetadataMap>>>,
    _serving: TaskTracker,
}

impl Peer {
    /// One that says to its calls, counted from 0, what `script` says.
    pub(super) async fn start(script: impl Fn(usize) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let heard = Arc::default();
        let journal = Journal { script: Arc::new(script), heard: Arc::clone(&heard) };
        let serving = TaskTracker::new();
        serving.spawn(
            Server::builder()
                .add_service(JournalServiceServer::new(journal))
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        Self { addr, heard, _serving: serving }
    }

    /// The headers of all calls.
    pub(super) fn heard(&self) -> Vec<MetadataMap> {
        self.heard.lock().unwrap().clone()
    }

    pub(super) fn calls(&self) -> usize {
        self.heard.lock().unwrap().len()
    }
}

/// Keys of a laptop.
pub(super) fn keys() -> (TempDir, Verifier, ServiceIdentity) {
    let dir = tempfile::tempdir().unwrap();
    let (verifier, identity) = auth::open(&Auth::default(), dir.path()).unwrap();
    (dir, verifier, identity)
}

/// Who asks the journal at `addr`.
pub(super) fn peers(addr: SocketAddr, limits: Limits) -> Peers {
    let (_, _, identity) = keys();
    let url = |addr: SocketAddr| format!("http://{addr}");
    let elsewhere = BTreeMap::from([("journal".to_owned(), url(addr))]);
    // Nobody is here: what should go elsewhere must not come back.
    let here = url(SocketAddr::from(([127, 0, 0, 1], 1)));
    Peers::limited(identity, &here, &elsewhere, limits).unwrap()
}

pub(super) fn question() -> Sent {
    let ask = ListHeadsRequest { context: "post".to_owned(), ..ListHeadsRequest::default() };
    Sent {
        by: "deal",
        key: KEY.to_owned(),
        question: Question::of("JournalService/ListHeads", &ask),
        within: SOON,
        limit: SOON,
        repeatable: false,
        correlation_id: STORY,
    }
}

/// One that may be asked twice.
pub(super) fn repeatable() -> Sent {
    Sent { repeatable: true, ..question() }
}

/// Asks whoever is at `addr`.
pub(super) async fn ask(addr: SocketAddr, sent: Sent) -> Answer {
    peers(addr, Limits::default()).ask(sent).await
}
