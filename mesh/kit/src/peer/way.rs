//! The way to another process.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use anyhow::ensure;
use futures::{FutureExt as _, future::BoxFuture};
use http::{Request, Response, Uri, uri::Parts};
use hyper_util::{
    client::legacy::{self, Builder, Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tonic::{ConnectError, TimeoutExpired, body::Body};
use tower::{BoxError, Service};

use crate::timeout;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(2);
/// How often it is asked whether it is still there while calls wait on it,
const KEEPALIVE: Duration = Duration::from_secs(10);
/// and how long that may take.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(5);

/// One connection, made at its first call and again whenever it has ended. What could not leave any more
/// because the connection was told to go just then leaves on the next one; what may have been heard is
/// never sent again. The mesh around the processes encrypts, they do not.
#[derive(Clone, Debug)]
pub struct Way {
    client: Client<HttpConnector, Body>,
    origin: Uri,
}

impl Way {
    /// To the process at a URL such as `http://127.0.0.1:50051`.
    ///
    /// # Errors
    /// It is no such URL.
    pub fn to(url: &str) -> anyhow::Result<Self> {
        Self::built(url, &builder())
    }

    /// The same, with no more than this of a reply, and of all replies together, on its way: in bytes.
    ///
    /// # Errors
    /// It is no such URL.
    pub fn windowed(url: &str, [reply, all]: [u32; 2]) -> anyhow::Result<Self> {
        let mut builder = builder();
        builder.http2_initial_stream_window_size(reply).http2_initial_connection_window_size(all);
        Self::built(url, &builder)
    }

    fn built(url: &str, builder: &Builder) -> anyhow::Result<Self> {
        let origin: Uri = url.parse()?;
        let is_plain = origin.scheme_str() == Some("http") && origin.authority().is_some();
        ensure!(is_plain, "it is no URL such as http://127.0.0.1:50051: {url}");
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT));
        Ok(Self { client: builder.build(connector), origin })
    }

    fn there(&self, uri: &Uri) -> Result<Uri, http::uri::InvalidUriParts> {
        let mut parts = Parts::from(self.origin.clone());
        parts.path_and_query = uri.path_and_query().cloned();
        Uri::from_parts(parts)
    }
}

fn builder() -> Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .pool_idle_timeout(None)
        .http2_only(true)
        .http2_keep_alive_interval(KEEPALIVE)
        .http2_keep_alive_timeout(KEEPALIVE_TIMEOUT);
    builder
}

impl Service<Request<Body>> for Way {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<Body>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    /// Waits for the beginning of an answer, no longer than the call's own `grpc-timeout`.
    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let there = self.there(request.uri());
        let (client, most) =
            (self.client.clone(), timeout::asked(request.headers()).ok().flatten());
        async move {
            *request.uri_mut() = there?;
            let answer = client.request(request);
            let answer = match most {
                Some(most) => {
                    tokio::time::timeout(most, answer).await.map_err(|_| TimeoutExpired(()))?
                }
                None => answer.await,
            };
            Ok(answer.map_err(failed)?.map(Body::new))
        }
        .boxed()
    }
}

/// Where no connection came about, nothing was sent.
fn failed(error: legacy::Error) -> BoxError {
    if error.is_connect() { Box::new(ConnectError(Box::new(error))) } else { Box::new(error) }
}

#[cfg(test)]
mod tests {
    use std::{error::Error, net::SocketAddr};

    use jangteo_testing::{
        balancer::{Backend, Balancer},
        ports, until,
    };
    use tokio::sync::oneshot;
    use tokio_util::task::TaskTracker;
    use tonic::transport::Server;
    use tonic_health::{
        ServingStatus::{self, NotServing, Serving},
        pb::{HealthCheckRequest, health_client::HealthClient},
        server::{HealthReporter, health_reporter},
    };

    use super::*;

    #[test]
    fn only_plain_urls_are_addresses() {
        for url in ["post:50051", "https://post:50051", "http://", "/post", "127.0.0.1:1"] {
            assert!(Way::to(url).is_err(), "{url}");
        }
    }

    const SOON: Duration = Duration::from_secs(20);

    /// A server that tells all connections to go when it is told to stop.
    struct Replica {
        backend: Backend,
        health: HealthReporter,
        stop: oneshot::Sender<()>,
    }

    impl Replica {
        async fn start(status: ServingStatus) -> Self {
            let addr: SocketAddr = format!("127.0.0.1:{}", ports::free()).parse().unwrap();
            let (health, service) = health_reporter();
            health.set_service_status("readiness", status).await;
            let (stop, stopped) = oneshot::channel::<()>();
            let server = Server::builder().add_service(service);
            let until = async move { drop(stopped.await) };
            TaskTracker::new().spawn(server.serve_with_shutdown(addr, until));
            let backend = Backend { addr: addr.to_string(), health: format!("http://{addr}") };
            Self { backend, health, stop }
        }
    }

    fn all() -> HealthCheckRequest {
        HealthCheckRequest::default()
    }

    async fn ready(balancer: &Balancer, many: usize) {
        until(SOON, async || (balancer.ready() == many).then_some(())).await;
    }

    /// The stream keeps the connection open after it was told to go.
    #[tokio::test]
    async fn a_call_finds_the_next_connection_while_a_stream_holds_the_last_one() {
        let [first, second] = [Replica::start(Serving).await, Replica::start(NotServing).await];
        let backends = vec![first.backend.clone(), second.backend.clone()];
        let balancer = Balancer::start(backends).unwrap();
        ready(&balancer, 1).await;
        let mut client = HealthClient::new(Way::to(&balancer.url()).unwrap());
        let mut watch = client.watch(all()).await.unwrap().into_inner();
        watch.message().await.unwrap().unwrap();

        second.health.set_service_status("readiness", Serving).await;
        ready(&balancer, 2).await;
        first.health.set_service_status("readiness", NotServing).await;
        ready(&balancer, 1).await;
        first.stop.send(()).unwrap();
        for _ in 0..20 {
            client.check(all()).await.expect("it is answered by the one or the other");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_tried_once() {
        let way = Way::to(&format!("http://127.0.0.1:{}", ports::free())).unwrap();
        let refused = HealthClient::new(way).check(all()).await.unwrap_err();
        let mut causes = std::iter::successors(refused.source(), |error| (*error).source());
        assert!(causes.any(<dyn Error>::is::<ConnectError>), "{refused:?}");
    }
}
