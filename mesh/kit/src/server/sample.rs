//! A service to be called by the tests of the layers, in process or over a socket.

use std::{net::SocketAddr, path::Path, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Router, body::Body, extract::Request as HttpRequest, response::Response as HttpResponse,
};
use futures::{Stream, StreamExt, stream};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use jangteo::{
    errors,
    view::v1::{
        GetMySaleRequest, ListMySalesRequest, ListMySalesResponse, MySale, WatchMySalesRequest,
        WatchMySalesResponse,
        my_sales_service_client::MySalesServiceClient,
        my_sales_service_server::{MySalesService, MySalesServiceServer},
    },
};
use prost::Message;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::Notify, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, Request, Response, Status, transport::Channel};
use tower::ServiceExt;

use super::{Deadline, Health, Services, Speaks, Terms, serve};
use crate::{
    auth::{Caller, dev},
    config::{Auth, Limits},
    decide::Switches,
    fault::Board,
};

pub(super) const GET: &str = "/jangteo.view.v1.MySalesService/GetMySale";
pub(super) const WATCH: &str = "/jangteo.view.v1.MySalesService/WatchMySales";
/// What the handler shall do.
const DO: &str = "x-do";
/// Longer than anything here should take.
const SOON: Duration = Duration::from_secs(10);

/// Waits for what must come.
pub(super) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(SOON, what).await.expect("it should have happened by now")
}

/// A handler's work as the tests see it.
#[derive(Clone, Default)]
pub(super) struct Work {
    /// It has begun.
    pub(super) begun: CancellationToken,
    /// It is no more, finished or dropped.
    pub(super) gone: CancellationToken,
    /// It may finish.
    pub(super) finish: Arc<Notify>,
}

impl Work {
    async fn hang(&self) {
        let _gone = self.gone.clone().drop_guard();
        self.begun.cancel();
        self.finish.notified().await;
    }
}

#[derive(Clone)]
struct Sales(Work);

/// Who called, how long he waits (-1: he has no deadline), and whether his token came along.
fn seen<T>(request: &Request<T>) -> MySale {
    let caller = request.extensions().get::<Caller>().unwrap();
    let deadline = request.extensions().get::<Deadline>();
    let left = deadline.map(|at| at.instant.saturating_duration_since(tokio::time::Instant::now()));
    let left = left.map_or(-1, |left| i64::try_from(left.as_millis()).unwrap());
    let token = request.metadata().contains_key(AUTHORIZATION.as_str());
    MySale {
        seller: caller.principal(),
        price_krw: left,
        goods: token.to_string(),
        ..MySale::default()
    }
}

#[tonic::async_trait]
impl MySalesService for Sales {
    async fn get_my_sale(
        &self,
        request: Request<GetMySaleRequest>,
    ) -> Result<Response<MySale>, Status> {
        let sale = seen(&request);
        match request.metadata().get(DO).map(|what| what.to_str().unwrap()) {
            Some("panic") => panic!("a bug"),
            Some("hang") => self.0.hang().await,
            Some("fail") => return Err(Status::internal("unexplained")),
            Some("miss") => return Err(Status::not_found("unexplained")),
            _ => {}
        }
        Ok(Response::new(sale))
    }

    async fn list_my_sales(
        &self,
        _: Request<ListMySalesRequest>,
    ) -> Result<Response<ListMySalesResponse>, Status> {
        Ok(Response::new(ListMySalesResponse::default()))
    }

    type WatchMySalesStream =
        Pin<Box<dyn Stream<Item = Result<WatchMySalesResponse, Status>> + Send>>;

    async fn watch_my_sales(
        &self,
        request: Request<WatchMySalesRequest>,
    ) -> Result<Response<Self::WatchMySalesStream>, Status> {
        let resume_token = seen(&request).price_krw.to_string();
        let first = stream::iter([Ok(WatchMySalesResponse { resume_token, change: None })]);
        if request.metadata().get(DO).is_some_and(|what| what == "fail") {
            let failed = stream::iter([Err(Status::internal("unexplained"))]);
            return Ok(Response::new(Box::pin(first.chain(failed))));
        }
        let work = self.0.clone();
        let rest = stream::once(async move { work.hang().await }).filter_map(async |()| None);
        Ok(Response::new(Box::pin(first.chain(rest))))
    }
}

/// The layers around the service.
pub(super) struct Stack {
    pub(super) router: Router,
    pub(super) health: Health,
    pub(super) work: Work,
    pub(super) keys: dev::Keys,
    /// Tells that the process goes away.
    pub(super) leaving: CancellationToken,
    board: Arc<Board>,
    _dir: TempDir,
}

impl Stack {
    pub(super) async fn new() -> Self {
        Self::with(Limits::USUAL).await
    }

    pub(super) async fn with(limits: Limits) -> Self {
        super::trace::tests::install();
        let dir = tempfile::tempdir().unwrap();
        let (verifier, _) = crate::auth::open(&Auth::default(), dir.path()).unwrap();
        let keys = dev::Keys::open(&Path::new(dir.path()).join("keys")).unwrap();
        let work = Work::default();
        let sales = MySalesServiceServer::new(Sales(work.clone()));
        let leaving = CancellationToken::new();
        let board = Arc::new(Board::new([("view", leaving.clone())]));
        let services = Services::new().with(sales).misbehaving(Some(board.clone()));
        let (router, health) = services.stack(Arc::new(verifier), limits).await;
        Self { router, health, work, keys, leaving, board, _dir: dir }
    }

    /// Its context misbehaves like this from now on.
    pub(super) async fn misbehaves(&self, switches: Switches) {
        let switch = self.board.of("view").expect("it is the one there is");
        self.board.set(switch, switches).await;
    }

    /// A person's `authorization`.
    pub(super) fn person(&self) -> String {
        let token = dev::sign_user(&self.keys, "kim", &[], Duration::from_mins(1)).unwrap();
        format!("Bearer {token}")
    }

    /// A good request of a person, whose handler shall do something.
    pub(super) fn request(&self, path: &str, what: &str) -> http::request::Builder {
        HttpRequest::post(path)
            .header(CONTENT_TYPE, "application/grpc")
            .header(AUTHORIZATION, self.person())
            .header(DO, what)
    }

    /// Calls in process.
    pub(super) async fn call(&self, request: HttpRequest) -> HttpResponse {
        soon(self.router.clone().oneshot(request)).await.unwrap()
    }

    /// Calls in process, and tells how it ended.
    pub(super) async fn ends(&self, request: HttpRequest) -> (Code, Option<String>) {
        let response = self.call(request).await;
        told(&Status::from_header_map(response.headers()).expect("it should have been refused"))
    }
}

pub(super) fn told(status: &Status) -> (Code, Option<String>) {
    (status.code(), errors::reason(status))
}

pub(super) fn refused(code: Code, reason: &str) -> (Code, Option<String>) {
    (code, Some(reason.to_owned()))
}

/// A message as it lies on the wire.
pub(super) fn framed(message: &impl Message) -> Body {
    let bytes = message.encode_to_vec();
    let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
    Body::from([&[0], length.as_slice(), &bytes].concat())
}

/// The request of [`GET`].
pub(super) fn which() -> GetMySaleRequest {
    GetMySaleRequest { post_id: "0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3f".to_owned() }
}

/// The layers behind a socket.
pub(super) struct Running {
    pub(super) stack: Stack,
    pub(super) addr: SocketAddr,
    pub(super) shutdown: CancellationToken,
    served: TaskTracker,
}

impl Running {
    pub(super) async fn start(grace: Duration) -> Self {
        Self::aging(grace, Duration::from_hours(1)).await
    }

    /// The same, with connections that grow so old.
    pub(super) async fn aging(grace: Duration, age: Duration) -> Self {
        let stack = Stack::new().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let served = TaskTracker::new();
        let cut = CancellationToken::new();
        let (told, cutting) = (shutdown.clone(), cut.clone());
        // Nobody waits for it: where all is done before, there is nothing to cut.
        TaskTracker::new().spawn(async move {
            told.cancelled().await;
            tokio::time::sleep(grace).await;
            cutting.cancel();
        });
        let (router, terms) =
            (stack.router.clone(), Terms { most: Limits::USUAL.connections, age });
        served.spawn(serve(listener, Speaks::Http2, terms, router, shutdown.clone(), cut));
        served.close();
        Self { stack, addr, shutdown, served }
    }

    pub(super) async fn channel(&self) -> Channel {
        let url = format!("http://{}", self.addr);
        Channel::from_shared(url).unwrap().connect().await.unwrap()
    }

    pub(super) async fn client(&self) -> MySalesServiceClient<Channel> {
        MySalesServiceClient::new(self.channel().await)
    }

    /// A person's request, whose handler shall do something.
    pub(super) fn ask<T>(&self, message: T, what: &str) -> Request<T> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        metadata.insert("authorization", self.stack.person().parse().unwrap());
        metadata.insert(DO, what.parse().unwrap());
        request
    }

    /// Waits until all is closed.
    pub(super) async fn stopped(self) {
        soon(self.served.wait()).await;
    }
}
