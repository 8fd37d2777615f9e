//! Connections: how they are taken, and how they end.

use std::{
    io::{self, Cursor},
    pin::pin,
    time::Duration,
};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, join},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::seats::{Seat, Seats};
use crate::clock;

/// The most that the headers of a call may take, in bytes.
const HEADERS: u32 = 16 * 1024;
/// The most calls at once on one connection.
const STREAMS: u32 = 200;
/// What every connection of HTTP/2 begins with,
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// and how long they may take: before them nothing else ends a connection that says nothing.
const PREFACE_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that is quiet for so long is asked whether it is still there,
const KEEPALIVE: Duration = Duration::from_secs(30);
/// and is closed when it does not answer for so long.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection of HTTP/1.1 may be idle, and a request's headers may take.
const IDLE: Duration = Duration::from_secs(75);
/// How long a connection that is asked to leave has for it.
const LEAVING: Duration = Duration::from_secs(1);
/// How long to wait when no connection can be taken, as when there are no more files to be had.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What is understood on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// HTTP/2 alone, which is all that gRPC needs.
    Http2,
    /// HTTP/1.1 as well.
    Http,
}

/// On what terms connections are taken.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How many there are at once.
    pub most: usize,
    /// How old one becomes, give or take a tenth, before it is told to leave: what runs on it is
    /// finished, and what comes next comes on another connection, maybe to another process.
    pub age: Duration,
}

/// Serves until `shutdown`, on these terms, then stops accepting and lets running
/// calls finish until `cut`: what is still open then, a stream or an idle connection, is closed.
/// Returns when all is closed.
///
/// Before `shutdown` is told, the caller should have said that the process is not ready, and have
/// waited until everybody knows.
pub async fn serve(
    listener: TcpListener,
    speaks: Speaks,
    terms: Terms,
    router: Router,
    shutdown: CancellationToken,
    cut: CancellationToken,
) {
    let (connections, seats) = (TaskTracker::new(), Seats::new(terms.most));
    accept(listener, &shutdown, |socket| {
        let Some(seat) = seats.take() else {
            // Closed at once: whoever calls tries elsewhere, instead of waiting here.
            return tracing::debug!(?terms, "all connections are busy");
        };
        let (router, shutdown) = (router.clone(), shutdown.clone());
        let old = terms.age.mul_f64(0.9 + clock::chance() / 5.0);
        let connection = Connection { speaks, router, seat, old, shutdown };
        let cut = cut.clone();
        connections.spawn(async move { cut.run_until_cancelled(connection.run(socket)).await });
    })
    .await;
    connections.close();
    tokio::select! {
        () = connections.wait() => {}
        () = cut.cancelled() => {
            tracing::warn!(connections = connections.len(), "cutting what is still open");
        }
    }
    connections.wait().await;
}

/// Hands over each new connection until `shutdown`. The listener is closed then.
async fn accept(
    listener: TcpListener,
    shutdown: &CancellationToken,
    mut take: impl FnMut(TcpStream),
) {
    while let Some(accepted) = shutdown.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((socket, _)) => take(socket),
            Err(error) if is_the_peers(&error) => tracing::debug!(%error, "a connection was lost"),
            Err(error) => {
                tracing::error!(%error, "can't accept connections");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

struct Connection {
    speaks: Speaks,
    router: Router,
    seat: Seat,
    /// When it is told to leave.
    old: Duration,
    shutdown: CancellationToken,
}

impl Connection {
    /// Serves a connection from its first bytes on, if they come.
    async fn run(self, socket: TcpStream) {
        if let Err(error) = prepare(&socket) {
            tracing::debug!(%error, "can't set options of a socket");
        }
        let begun = tokio::select! {
            begun = begun(socket, self.speaks) => begun,
            () = self.shutdown.cancelled() => return,
            () = self.seat.leave() => return,
        };
        match begun {
            Ok(socket) => self.serve(socket).await,
            Err(error) => tracing::debug!(%error, "a connection never began"),
        }
    }

    /// Serves a connection until it closes; from `shutdown` on, or once it is old, it takes no new calls.
    async fn serve(self, socket: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let service = TowerToHyperService::new(self.seat.seated(self.router));
        let protocol = protocol(self.speaks);
        let told = async {
            tokio::select! { () = self.shutdown.cancelled() => {}, () = sleep(self.old) => {} }
        };
        let mut served = pin!(protocol.serve_connection(TokioIo::new(socket), service));
        let ended = tokio::select! {
            ended = &mut served => ended,
            () = told => {
                served.as_mut().graceful_shutdown();
                served.await
            }
            () = self.seat.leave() => {
                served.as_mut().graceful_shutdown();
                timeout(LEAVING, served).await.unwrap_or(Ok(()))
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke");
        }
    }
}

/// Small messages leave at once, and a client that has vanished without a word is noticed.
fn prepare(socket: &TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE_TIMEOUT);
    SockRef::from(socket).set_tcp_keepalive(&keepalive)
}

/// Waits for the preface, and puts it back before all that follows. Where HTTP/1.1 is spoken as well,
/// its first bytes are enough: they are another's.
async fn begun(
    socket: TcpStream,
    speaks: Speaks,
) -> io::Result<impl AsyncRead + AsyncWrite + Unpin> {
    let (mut read, write) = socket.into_split();
    let mut first = Vec::with_capacity(PREFACE.len());
    let all = async {
        while first.len() < PREFACE.len()
            && (speaks == Speaks::Http2 || PREFACE[..].starts_with(&first))
        {
            let missing = (PREFACE.len() - first.len()) as u64;
            if (&mut read).take(missing).read_buf(&mut first).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
        }
        Ok(())
    };
    timeout(PREFACE_TIMEOUT, all).await??;
    Ok(join(Cursor::new(first).chain(read), write))
}

fn protocol(speaks: Speaks) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    let most = HEADERS as usize;
    builder.http1().timer(TokioTimer::new()).header_read_timeout(IDLE).max_buf_size(most);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HEADERS)
        .max_concurrent_streams(STREAMS)
        .keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT);
    match speaks {
        Speaks::Http2 => builder.http2_only(),
        Speaks::Http => builder,
    }
}

#[cfg(test)]
mod tests {
    use jangteo::view::v1::{WatchMySalesRequest, my_sales_service_client::MySalesServiceClient};
    use tokio::{io::AsyncWriteExt as _, time::Instant};
    use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

    use super::*;
    use crate::{
        peer::Way,
        server::sample::{Running, soon, which},
    };

    const LONG: Duration = Duration::from_mins(10);

    #[tokio::test]
    async fn a_process_with_nothing_to_do_stops_at_once() {
        let server = Running::start(LONG).await;
        let mut client = server.client().await;
        client.get_my_sale(server.ask(which(), "")).await.unwrap();
        server.shutdown.cancel();
        server.stopped().await;
    }

    #[tokio::test]
    async fn a_running_call_is_finished_first() {
        let server = Running::start(LONG).await;
        let (mut client, request) = (server.client().await, server.ask(which(), "hang"));
        let calls = TaskTracker::new();
        let call = calls.spawn(async move { client.get_my_sale(request).await });
        soon(server.stack.work.begun.cancelled()).await;
        server.shutdown.cancel();
        server.stack.work.finish.notify_one();
        soon(call).await.unwrap().expect("it was begun before the end");
        server.stopped().await;
    }

    #[tokio::test]
    async fn nobody_new_is_let_in_during_the_end() {
        let server = Running::start(LONG).await;
        let (mut client, request) = (server.client().await, server.ask(which(), "hang"));
        let calls = TaskTracker::new();
        let call = calls.spawn(async move { client.get_my_sale(request).await });
        soon(server.stack.work.begun.cancelled()).await;
        server.shutdown.cancel();
        soon(async { while TcpStream::connect(server.addr).await.is_ok() {} }).await;
        server.stack.work.finish.notify_one();
        soon(call).await.unwrap().unwrap();
        server.stopped().await;
    }

    #[tokio::test]
    async fn what_never_ends_is_cut_when_the_grace_is_over() {
        let grace = Duration::from_millis(300);
        let server = Running::start(grace).await;
        let mut silent = TcpStream::connect(server.addr).await.unwrap();
        let mut health = HealthClient::new(server.channel().await);
        let request = HealthCheckRequest { service: String::new() };
        let mut watch = health.watch(request).await.unwrap().into_inner();
        watch.message().await.unwrap();
        let request = server.ask(WatchMySalesRequest::default(), "");
        let mut sales = server.client().await.watch_my_sales(request).await.unwrap().into_inner();
        sales.message().await.unwrap();
        soon(server.stack.work.begun.cancelled()).await;
        let (gone, start) = (server.stack.work.gone.clone(), Instant::now());
        server.shutdown.cancel();
        server.stopped().await;
        assert!(start.elapsed() >= grace, "the grace was given");
        soon(gone.cancelled()).await;
        assert!(soon(watch.message()).await.is_err());
        assert!(soon(sales.message()).await.is_err());
        // It ends; with an error or without one is the same.
        drop(soon(silent.read_to_end(&mut Vec::new())).await);
    }

    #[tokio::test]
    async fn an_old_connection_finishes_its_calls_and_takes_no_more() {
        let server = Running::aging(LONG, Duration::from_millis(200)).await;
        let way = Way::to(&format!("http://{}", server.addr)).unwrap();
        let (mut client, request) = (MySalesServiceClient::new(way), server.ask(which(), "hang"));
        let (calls, mut next) = (TaskTracker::new(), client.clone());
        let call = calls.spawn(async move { client.get_my_sale(request).await });
        soon(server.stack.work.begun.cancelled()).await;
        // A connection that began later is told to go: the one before has been told as well.
        let mut later = TcpStream::connect(server.addr).await.unwrap();
        later.write_all(&[PREFACE, &SETTINGS[..]].concat()).await.unwrap();
        soon(goes_away(&mut later)).await.unwrap();
        next.get_my_sale(server.ask(which(), "")).await.expect("on a new connection");
        server.stack.work.finish.notify_one();
        soon(call).await.unwrap().expect("it was begun before");
        server.shutdown.cancel();
        drop(later);
        server.stopped().await;
    }

    /// A frame of settings, all of them as usual.
    const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    const GOAWAY: u8 = 7;

    /// Reads frames until one says that no more calls are taken.
    async fn goes_away(socket: &mut TcpStream) -> io::Result<()> {
        loop {
            let mut header = [0; 9];
            socket.read_exact(&mut header).await?;
            if header[3] == GOAWAY {
                return Ok(());
            }
            let length = u32::from_be_bytes([0, header[0], header[1], header[2]]);
            socket.read_exact(&mut vec![0; length as usize]).await?;
        }
    }

    #[tokio::test]
    async fn headers_have_a_limit() {
        let server = Running::start(Duration::ZERO).await;
        let mut client = server.client().await;
        let with = |size: usize| {
            let mut request = server.ask(which(), "");
            request.metadata_mut().insert("x-pad", "x".repeat(size).parse().unwrap());
            request
        };
        client.get_my_sale(with(8 * 1024)).await.unwrap();
        client.get_my_sale(with(17 * 1024)).await.expect_err("more than 16 KiB");
    }
}
