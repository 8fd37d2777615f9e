//! A channel as the gRPC libraries have them. It differs from tonic's in one point: a call that could
//! not leave, since its connection was told to go just then, leaves on the next connection, where
//! tonic's fails a call that nobody has seen. What may have been seen is never sent again.

use anyhow::Result;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tonic::{body::Body, client::Grpc, codegen::http::Uri};

/// The way to a server; it connects at its first call, and again whenever a connection has ended.
#[derive(Clone, Debug)]
pub struct Line {
    /// It is large.
    client: Box<Client<HttpConnector, Body>>,
    origin: Uri,
}

impl Line {
    /// To the server of a URL such as `http://127.0.0.1:50051`.
    pub fn to(url: &str) -> Result<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).http2_only(true).build(connector);
        Ok(Self { client: Box::new(client), origin: url.parse()? })
    }

    /// What makes calls of it.
    pub(crate) fn grpc(&self) -> Grpc<Client<HttpConnector, Body>> {
        Grpc::with_origin((*self.client).clone(), self.origin.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, time::Duration};

    use bytes::Bytes;
    use futures::StreamExt as _;
    use tokio::{sync::oneshot, task::JoinSet};
    use tonic::transport::{Error, Server};
    use tonic_health::{
        ServingStatus::{self, NotServing, Serving},
        server::{HealthReporter, health_reporter},
    };

    use super::*;
    use crate::{
        balancer::{Backend, Balancer},
        grpc, ports, until,
    };

    const SOON: Duration = Duration::from_secs(20);
    const CHECK: &str = "/grpc.health.v1.Health/Check";
    const WATCH: &str = "/grpc.health.v1.Health/Watch";

    /// A server that tells all connections to go when it is told to stop.
    struct Replica {
        backend: Backend,
        health: HealthReporter,
        stop: oneshot::Sender<()>,
        _task: JoinSet<Result<(), Error>>,
    }

    impl Replica {
        async fn start(status: ServingStatus) -> Self {
            let addr: SocketAddr = format!("127.0.0.1:{}", ports::free()).parse().unwrap();
            let (health, service) = health_reporter();
            health.set_service_status("readiness", status).await;
            let (stop, stopped) = oneshot::channel::<()>();
            let mut task = JoinSet::new();
            let server = Server::builder().add_service(service);
            task.spawn(server.serve_with_shutdown(addr, async move { drop(stopped.await) }));
            let backend = Backend { addr: addr.to_string(), health: format!("http://{addr}") };
            Self { backend, health, stop, _task: task }
        }
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
        let line = Line::to(&balancer.url()).unwrap();
        let watch = grpc::raw_stream(line.clone(), WATCH, Bytes::new(), None, &[]).await;
        let mut watch = watch.unwrap();
        watch.next().await.unwrap().unwrap();

        second.health.set_service_status("readiness", Serving).await;
        ready(&balancer, 2).await;
        first.health.set_service_status("readiness", NotServing).await;
        ready(&balancer, 1).await;
        first.stop.send(()).unwrap();
        for _ in 0..20 {
            let answer = grpc::raw(line.clone(), CHECK, Bytes::new(), None, &[]).await;
            answer.expect("it is answered by the one or the other");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_tried_once() {
        let line = Line::to(&format!("http://127.0.0.1:{}", ports::free())).unwrap();
        grpc::raw(line, CHECK, Bytes::new(), None, &[]).await.unwrap_err();
    }
}
