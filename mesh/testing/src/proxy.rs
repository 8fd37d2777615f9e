//! A TCP proxy that can cut what goes through it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context as _, Result};
use tokio::{
    io::{self, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Mutex, watch},
    task::JoinSet,
};

use crate::ports;

/// A proxy on a port of its own, open until told otherwise. It ends with its value.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    target: String,
    url: String,
    /// From the client to the server, and back.
    ways: [Way; 2],
    /// The task that accepts connections, and owns them; none while cut.
    accepting: Mutex<JoinSet<()>>,
}

impl Proxy {
    /// Puts a proxy before the server of a URL (or of a plain host and port).
    pub async fn before(url: &str) -> Result<Self> {
        let target = authority(url).to_string();
        let port = ports::free();
        let url = url.replacen(&target, &address(port).to_string(), 1);
        let ways = [Way::default(), Way::default()];
        let accepting = Mutex::default();
        let proxy = Self { port, target, url, ways, accepting };
        proxy.restore().await?;
        Ok(proxy)
    }

    /// The URL that leads through the proxy.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Closes all connections and refuses new ones.
    pub async fn cut(&self) {
        self.accepting.lock().await.shutdown().await;
    }

    /// Lets nothing through any more, and tells nobody. What is sent meanwhile arrives later.
    pub fn blackhole(&self) {
        for way in &self.ways {
            way.open.send_replace(false);
        }
    }

    /// Lets questions through, and no answers. What is answered meanwhile arrives later.
    pub fn hold_answers(&self) {
        self.ways[1].open.send_replace(false);
    }

    /// Whether an answer is on its way, and held.
    pub fn holds_answers(&self) -> bool {
        self.ways[1].held.load(Ordering::Relaxed) > 0
    }

    /// Lets everything through again.
    pub async fn restore(&self) -> Result<()> {
        for way in &self.ways {
            way.open.send_replace(true);
        }
        let mut accepting = self.accepting.lock().await;
        if accepting.is_empty() {
            let socket = TcpListener::bind(address(self.port)).await.context("bind the proxy")?;
            accepting.spawn(accept(socket, self.target.clone(), self.ways.clone()));
        }
        Ok(())
    }
}

fn address(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Host and port of `scheme://user@host:port/path`.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or(rest);
    rest.rsplit_once('@').map_or(rest, |(_, address)| address)
}

/// One way through the proxy.
#[derive(Clone, Debug)]
struct Way {
    /// Whether bytes pass.
    open: watch::Sender<bool>,
    /// Connections on which bytes wait.
    held: Arc<AtomicUsize>,
}

impl Default for Way {
    fn default() -> Self {
        Self { open: watch::Sender::new(true), held: Arc::default() }
    }
}

impl Way {
    /// Waits while nothing may pass.
    async fn pass(&self) {
        let _held = Held::on(&self.held);
        // The proxy keeps the sender, so that it is never closed.
        drop(self.open.subscribe().wait_for(|open| *open).await);
    }
}

/// Counts one that waits, for as long as it does.
struct Held<'a>(&'a AtomicUsize);

impl<'a> Held<'a> {
    fn on(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn accept(socket: TcpListener, target: String, ways: [Way; 2]) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = socket.accept().await {
        // Both ends see when a connection ends; why does not matter to either.
        connections.spawn(connect(client, target.clone(), ways.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn connect(client: TcpStream, target: String, ways: [Way; 2]) -> io::Result<()> {
    let [there, back] = ways;
    there.pass().await;
    let server = TcpStream::connect(target).await?;
    for end in [&client, &server] {
        end.set_nodelay(true)?;
    }
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    tokio::try_join!(
        copy(client_read, server_write, there),
        copy(server_read, client_write, back)
    )?;
    Ok(())
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    way: Way,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer).await?;
        way.pass().await;
        if count == 0 {
            return to.shutdown().await;
        }
        to.write_all(&buffer[..count]).await?;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;
    use crate::until;

    /// A server that sends back what it gets, and where it is.
    async fn echo() -> (JoinSet<()>, String) {
        let socket = TcpListener::bind(address(ports::free())).await.unwrap();
        let address = socket.local_addr().unwrap();
        let mut server = JoinSet::new();
        server.spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((mut client, _)) = socket.accept().await {
                clients.spawn(async move {
                    let (mut read, mut write) = client.split();
                    io::copy(&mut read, &mut write).await
                });
            }
        });
        (server, format!("echo://me@{address}/path"))
    }

    async fn ask(client: &mut TcpStream) -> io::Result<u8> {
        client.write_u8(7).await?;
        client.read_u8().await
    }

    #[tokio::test]
    async fn a_cut_closes_connections_and_refuses_new_ones_until_restored() {
        let (_server, url) = echo().await;
        let proxy = Proxy::before(&url).await.unwrap();
        assert!(proxy.url().starts_with("echo://me@127.0.0.1:") && proxy.url().ends_with("/path"));
        let mut client = TcpStream::connect(authority(proxy.url())).await.unwrap();
        assert_eq!(ask(&mut client).await.unwrap(), 7);

        proxy.cut().await;
        assert!(ask(&mut client).await.is_err());
        assert!(TcpStream::connect(authority(proxy.url())).await.is_err());

        proxy.restore().await.unwrap();
        let mut client = TcpStream::connect(authority(proxy.url())).await.unwrap();
        assert_eq!(ask(&mut client).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_black_hole_answers_nothing_until_restored() {
        let (_server, url) = echo().await;
        let proxy = Proxy::before(&url).await.unwrap();
        let mut client = TcpStream::connect(authority(proxy.url())).await.unwrap();
        assert_eq!(ask(&mut client).await.unwrap(), 7);

        proxy.blackhole();
        assert!(timeout(Duration::from_millis(200), ask(&mut client)).await.is_err());

        proxy.restore().await.unwrap();
        assert_eq!(client.read_u8().await.unwrap(), 7);
    }

    #[tokio::test]
    async fn answers_are_held_while_questions_go_through() {
        let socket = TcpListener::bind(address(ports::free())).await.unwrap();
        let url = format!("echo://{}", socket.local_addr().unwrap());
        let proxy = Proxy::before(&url).await.unwrap();
        let mut client = TcpStream::connect(authority(proxy.url())).await.unwrap();
        let (mut server, _) = socket.accept().await.unwrap();

        proxy.hold_answers();
        client.write_u8(7).await.unwrap();
        assert_eq!(server.read_u8().await.unwrap(), 7);
        server.write_u8(8).await.unwrap();
        until(Duration::from_secs(10), async || proxy.holds_answers().then_some(())).await;
        assert!(timeout(Duration::from_millis(200), client.read_u8()).await.is_err());

        proxy.restore().await.unwrap();
        assert_eq!(client.read_u8().await.unwrap(), 8);
        assert!(!proxy.holds_answers());
    }
}
