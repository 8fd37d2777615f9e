//! A balancer before the replicas of a service, as a cluster has one: by their health it learns which
//! of them are ready, gives each new connection to the next of those, and never touches an open one.

use std::{
    mem::replace,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context as _, Result};
use tokio::{
    io,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::health_check_response::ServingStatus;

use crate::{node, ports};

/// How often each replica is asked. A replica that stops being ready gets new connections for so long,
/// and for as long as its answer takes.
pub const PERIOD: Duration = Duration::from_millis(200);
/// How long an answer may take: on a busy machine it is slow, and true all the same.
const PATIENCE: Duration = Duration::from_secs(5);

/// A replica.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Where it takes connections, as host and port.
    pub addr: String,
    /// Where its process tells of its health, as a URL.
    pub health: String,
}

/// A balancer on a port of its own. It ends with its value, and so does all that goes through it.
#[derive(Debug)]
pub struct Balancer {
    addr: String,
    /// Which of the backends are ready.
    ready: watch::Sender<Vec<bool>>,
    _tasks: JoinSet<()>,
}

impl Balancer {
    /// Starts one. It refuses whoever comes until it has heard that a backend is ready.
    pub fn start(backends: Vec<Backend>) -> Result<Self> {
        let addr: SocketAddr = (Ipv4Addr::LOCALHOST, ports::free()).into();
        let ready = watch::Sender::new(vec![false; backends.len()]);
        let mut tasks = JoinSet::new();
        for (number, backend) in backends.iter().enumerate() {
            let endpoint = Endpoint::from_shared(backend.health.clone())
                .with_context(|| format!("where {} tells of its health", backend.addr))?;
            tasks.spawn(ask(endpoint.connect_lazy(), number, ready.clone()));
        }
        let connections = JoinSet::new();
        let door = Door { addr, backends, ready: ready.subscribe(), next: 0, connections };
        tasks.spawn(door.keep());
        Ok(Self { addr: addr.to_string(), ready, _tasks: tasks })
    }

    /// Where it takes connections, as host and port.
    pub fn addr(&self) -> &str {
        &self.addr
    }

    /// The same, as a peer's address is written.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// How many backends it takes for ready.
    pub fn ready(&self) -> usize {
        self.ready.borrow().iter().filter(|ready| **ready).count()
    }
}

/// Asks a backend again and again whether it is ready.
async fn ask(channel: Channel, number: usize, told: watch::Sender<Vec<bool>>) {
    loop {
        // Its connection may be told to leave just then: what was not answered is asked once more.
        let answer = match answer(&channel).await {
            None => answer(&channel).await,
            answer => answer,
        };
        let ready = answer == Some(ServingStatus::Serving);
        told.send_if_modified(|all| replace(&mut all[number], ready) != ready);
        sleep(PERIOD).await;
    }
}

async fn answer(channel: &Channel) -> Option<ServingStatus> {
    let asked = node::health(channel.clone(), "readiness");
    timeout(PATIENCE, asked).await.ok()?.ok()
}

/// Where connections come in.
struct Door {
    addr: SocketAddr,
    backends: Vec<Backend>,
    ready: watch::Receiver<Vec<bool>>,
    /// Whose turn it is.
    next: usize,
    connections: JoinSet<io::Result<()>>,
}

impl Door {
    /// Listens whenever any backend is ready, for ever.
    async fn keep(mut self) {
        loop {
            some_are(&mut self.ready.clone(), true).await;
            match TcpListener::bind(self.addr).await {
                Ok(listener) => self.serve(&listener).await,
                Err(_) => sleep(PERIOD).await,
            }
        }
    }

    /// Takes connections until no backend is ready: then whoever comes is refused.
    async fn serve(&mut self, listener: &TcpListener) {
        let mut ready = self.ready.clone();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((client, _)) => self.pass(client),
                    Err(_) => sleep(PERIOD).await,
                },
                () = some_are(&mut ready, false) => return,
            }
        }
    }

    /// Gives a connection to the next backend that is ready.
    fn pass(&mut self, client: TcpStream) {
        let Some(addr) = self.turn() else { return };
        self.connections.spawn(carry(client, addr));
        while self.connections.try_join_next().is_some() {}
    }

    fn turn(&mut self) -> Option<String> {
        let (first, many) = (self.next, self.backends.len());
        let mut turns = (first..first + many).map(|turn| turn % many);
        let number = {
            let ready = self.ready.borrow();
            turns.find(|number| ready[*number])?
        };
        self.next = number + 1;
        Some(self.backends[number].addr.clone())
    }
}

/// Waits until some backends are ready, or none is.
async fn some_are(ready: &mut watch::Receiver<Vec<bool>>, wanted: bool) {
    // The balancer keeps the sender, so that it is never closed.
    drop(ready.wait_for(|all| all.contains(&true) == wanted).await);
}

/// Carries a connection to its end, whatever becomes of its backend's readiness meanwhile.
async fn carry(mut client: TcpStream, addr: String) -> io::Result<()> {
    let mut server = TcpStream::connect(addr).await?;
    for end in [&client, &server] {
        end.set_nodelay(true)?;
    }
    io::copy_bidirectional(&mut client, &mut server).await.map(drop)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tonic::transport::Server;
    use tonic_health::{
        ServingStatus,
        server::{HealthReporter, health_reporter},
    };

    use super::*;
    use crate::until;

    const SOON: Duration = Duration::from_secs(20);

    /// Says its name to whoever connects, and sends back what it gets.
    struct Replica {
        backend: Backend,
        health: HealthReporter,
        _tasks: JoinSet<()>,
    }

    fn free() -> SocketAddr {
        (Ipv4Addr::LOCALHOST, ports::free()).into()
    }

    impl Replica {
        /// One that is ready.
        async fn named(name: u8) -> Self {
            let (socket, told_at) = (TcpListener::bind(free()).await.unwrap(), free());
            let addr = socket.local_addr().unwrap().to_string();
            let (health, service) = health_reporter();
            let mut tasks = JoinSet::new();
            tasks.spawn(async move {
                Server::builder().add_service(service).serve(told_at).await.unwrap();
            });
            tasks.spawn(async move {
                let mut clients = JoinSet::new();
                while let Ok((client, _)) = socket.accept().await {
                    clients.spawn(echo(client, name));
                }
            });
            let backend = Backend { addr, health: format!("http://{told_at}") };
            let replica = Self { backend, health, _tasks: tasks };
            replica.becomes(ServingStatus::Serving).await;
            replica
        }

        async fn becomes(&self, status: ServingStatus) {
            self.health.set_service_status("readiness", status).await;
        }
    }

    async fn echo(mut client: TcpStream, name: u8) -> io::Result<()> {
        client.write_u8(name).await?;
        let (mut read, mut write) = client.split();
        io::copy(&mut read, &mut write).await.map(drop)
    }

    /// Two replicas, 1 and 2, and a balancer that takes both for ready.
    async fn two() -> ([Replica; 2], Balancer) {
        let replicas = [Replica::named(1).await, Replica::named(2).await];
        let backends = replicas.each_ref().map(|replica| replica.backend.clone());
        let balancer = Balancer::start(backends.into()).unwrap();
        ready(&balancer, 2).await;
        (replicas, balancer)
    }

    async fn ready(balancer: &Balancer, many: usize) {
        until(SOON, async || (balancer.ready() == many).then_some(())).await;
    }

    async fn connect(balancer: &Balancer) -> (TcpStream, u8) {
        let mut client = TcpStream::connect(balancer.addr()).await.unwrap();
        let name = client.read_u8().await.unwrap();
        (client, name)
    }

    #[tokio::test]
    async fn new_connections_go_to_those_that_are_ready_in_turn() {
        let (_replicas, balancer) = two().await;
        let mut names = vec![];
        for _ in 0..4 {
            names.push(connect(&balancer).await.1);
        }
        assert_eq!(names, [1, 2, 1, 2]);
        assert!(balancer.url().ends_with(balancer.addr()));
    }

    #[tokio::test]
    async fn one_that_is_not_ready_keeps_its_connections_and_gets_no_more() {
        let (replicas, balancer) = two().await;
        let (mut open, name) = connect(&balancer).await;
        assert_eq!(name, 1);
        replicas[0].becomes(ServingStatus::NotServing).await;
        ready(&balancer, 1).await;
        for _ in 0..4 {
            assert_eq!(connect(&balancer).await.1, 2);
        }
        open.write_u8(7).await.unwrap();
        assert_eq!(open.read_u8().await.unwrap(), 7);

        // The control: it is its readiness that kept them away.
        replicas[0].becomes(ServingStatus::Serving).await;
        ready(&balancer, 2).await;
        let names = [connect(&balancer).await.1, connect(&balancer).await.1];
        assert!(names.contains(&1), "{names:?}");
    }

    #[tokio::test]
    async fn whoever_comes_while_none_is_ready_is_refused() {
        let (replicas, balancer) = two().await;
        for replica in &replicas {
            replica.becomes(ServingStatus::NotServing).await;
        }
        let refused = async || TcpStream::connect(balancer.addr()).await.is_err().then_some(());
        until(SOON, refused).await;
        replicas[1].becomes(ServingStatus::Serving).await;
        let taken = async || TcpStream::connect(balancer.addr()).await.ok();
        assert_eq!(until(SOON, taken).await.read_u8().await.unwrap(), 2);
    }
}
