//! The real `jangteo` binary as a child of the test.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf, absolute},
    process::ExitStatus,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{
    Disk, Nats, NatsCluster, ports,
    process::{Process, Program, Signal, tail},
    scratch,
    until::within,
};

const START: Duration = Duration::from_secs(20);

/// A `jangteo serve` process, killed when dropped.
#[derive(Debug)]
pub struct Node {
    process: Mutex<Process>,
    program: Program,
    addr: String,
    http: String,
    data: PathBuf,
    _dir: TempDir,
}

impl Node {
    /// Begins to describe a node that runs this binary.
    pub fn builder(binary: impl Into<PathBuf>) -> Builder {
        Builder { binary: binary.into(), contexts: vec![], envs: vec![], data: None, addr: None }
    }

    /// Where it serves gRPC, as host and port.
    pub fn addr(&self) -> &str {
        &self.addr
    }

    /// Where it serves gRPC, as a peer's address is written.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Where its gateway is, if it hosts one, as host and port.
    pub fn http_addr(&self) -> &str {
        &self.http
    }

    /// The same as a URL.
    pub fn http_url(&self) -> String {
        format!("http://{}", self.http)
    }

    /// Where it keeps its files.
    pub fn data_dir(&self) -> &Path {
        &self.data
    }

    /// A connection that is made at its first call and again after it broke.
    pub fn channel(&self) -> Channel {
        connection(self.url())
    }

    /// The same to its gateway, if it hosts one.
    pub fn http_channel(&self) -> Channel {
        connection(self.http_url())
    }

    /// What the service of this name says about its health.
    pub async fn health(&self, service: &str) -> Result<ServingStatus, tonic::Status> {
        health(self.channel(), service).await
    }

    /// What its gateway says about the health of a service.
    pub async fn http_health(&self, service: &str) -> Result<ServingStatus, tonic::Status> {
        health(self.http_channel(), service).await
    }

    /// Waits until it says that it is ready; an error tells the end of its output.
    pub async fn ready(&self) -> Result<()> {
        let outcome = within(START, async || {
            if let Some(status) = self.with(Process::ended) {
                return Some(Err(status));
            }
            let health = self.health("readiness").await;
            matches!(health, Ok(ServingStatus::Serving)).then_some(Ok(()))
        });
        match outcome.await {
            Some(Ok(())) => Ok(()),
            Some(Err(status)) => bail!("the node ended with {status}:\n{}", self.tail()),
            None => bail!("the node is not ready after {START:?}:\n{}", self.tail()),
        }
    }

    /// SIGKILL, and gone when this returns.
    pub fn kill(&self) {
        self.with(Process::kill);
    }

    /// Its power is cut, and that of the disk that its files are on.
    pub fn cut_power(&self, disk: &Disk) -> Result<()> {
        self.with(|process| disk.cut_power(process))
    }

    /// SIGTERM: the node drains.
    pub fn terminate(&self) -> Result<()> {
        self.signal(Signal::Term)
    }

    /// Sends any signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        self.with(|process| process.signal(signal))
    }

    /// The number of its process; another one after each start.
    pub fn pid(&self) -> u32 {
        self.with(Process::id)
    }

    /// How it ended, if it has.
    pub fn ended(&self) -> Option<ExitStatus> {
        self.with(Process::ended)
    }

    /// Waits for its end; an error tells the end of its output.
    pub async fn wait_exit(&self, deadline: Duration) -> Result<ExitStatus> {
        within(deadline, async || self.ended())
            .await
            .with_context(|| format!("the node runs on after {deadline:?}:\n{}", self.tail()))
    }

    /// Starts it again, killing it first if it runs: same address, same settings, same data.
    pub async fn restart(&self) -> Result<()> {
        self.relaunch()?;
        self.ready().await
    }

    /// Like [`Node::restart`], for a node that is not expected to become ready.
    pub fn relaunch(&self) -> Result<()> {
        self.kill();
        let process = Process::start(&self.program)?;
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = process;
        Ok(())
    }

    /// Changes a setting; it holds from the next start on. `None` takes it away.
    pub fn set_env(&mut self, key: &str, value: Option<&str>) {
        self.program.envs.retain(|(known, _)| known != key);
        self.program.envs.extend(value.map(|value| (key.into(), value.into())));
    }

    /// Takes another version of the program; it is what the next start starts.
    pub fn set_binary(&mut self, binary: impl Into<PathBuf>) {
        self.program.file = binary.into();
    }

    /// All that it has written to standard output and error, over all its starts.
    pub fn output(&self) -> String {
        let bytes = std::fs::read(&self.program.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn tail(&self) -> String {
        tail(&self.program.log)
    }

    fn with<T>(&self, act: impl FnOnce(&Process) -> T) -> T {
        act(&self.process.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a node is to be.
#[derive(Clone, Debug)]
pub struct Builder {
    binary: PathBuf,
    contexts: Vec<String>,
    envs: Vec<(OsString, OsString)>,
    data: Option<PathBuf>,
    addr: Option<String>,
}

/// What the service of this name says about its health, on a channel of the caller's.
pub(crate) async fn health(
    channel: Channel,
    service: &str,
) -> Result<ServingStatus, tonic::Status> {
    let request = HealthCheckRequest { service: service.into() };
    Ok(HealthClient::new(channel).check(request).await?.into_inner().status())
}

fn connection(url: String) -> Channel {
    let endpoint = Endpoint::from_shared(url).expect("host and port make a URL");
    endpoint.connect_timeout(Duration::from_secs(5)).connect_lazy()
}

impl Builder {
    /// Where it serves gRPC, as host and port; else at a free one.
    #[must_use]
    pub fn at(mut self, addr: impl Into<String>) -> Self {
        self.addr = Some(addr.into());
        self
    }

    /// The contexts it hosts.
    #[must_use]
    pub fn contexts<C: Into<String>>(mut self, contexts: impl IntoIterator<Item = C>) -> Self {
        self.contexts.extend(contexts.into_iter().map(Into::into));
        self
    }

    /// A setting. The test's own `JANGTEO_` environment is not handed down.
    #[must_use]
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.envs.push((key.as_ref().into(), value.as_ref().into()));
        self
    }

    /// Where it keeps its files, to share or to keep them; else a folder of its own that goes with it.
    #[must_use]
    pub fn data_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.data = Some(dir.into());
        self
    }

    /// Where the local development keys are; nodes of one mesh share them.
    #[must_use]
    pub fn key_dir(self, dir: impl AsRef<Path>) -> Self {
        self.env("JANGTEO_KEY_DIR", dir.as_ref())
    }

    /// The database of all contexts that have none of their own; `{context}` stands for their names.
    #[must_use]
    pub fn database_url(self, url: impl AsRef<str>) -> Self {
        self.env("JANGTEO_DATABASE_URL", url.as_ref())
    }

    /// The database of one context.
    #[must_use]
    pub fn database_url_of(self, context: &str, url: impl AsRef<str>) -> Self {
        self.env(format!("JANGTEO_DATABASE_URL_{}", context.to_uppercase()), url.as_ref())
    }

    /// Where another context is served.
    #[must_use]
    pub fn peer(self, context: &str, url: impl AsRef<str>) -> Self {
        self.env(format!("JANGTEO_PEER_{}", context.to_uppercase()), url.as_ref())
    }

    /// The broker.
    #[must_use]
    pub fn nats(self, nats: &Nats) -> Self {
        self.env("JANGTEO_NATS_URL", nats.url()).env("JANGTEO_NATS_MONITOR_URL", nats.monitor_url())
    }

    /// The brokers of a cluster, each of which keeps all streams that are made.
    #[must_use]
    pub fn nats_cluster(self, cluster: &NatsCluster) -> Self {
        self.env("JANGTEO_NATS_URL", cluster.url())
            .env("JANGTEO_NATS_MONITOR_URL", cluster.monitor_url())
            .env("JANGTEO_STREAM_REPLICAS", "3")
    }

    /// Starts it and waits until it is ready.
    pub async fn start(self) -> Result<Node> {
        let node = self.launch()?;
        node.ready().await?;
        Ok(node)
    }

    /// Starts it without waiting.
    pub fn launch(self) -> Result<Node> {
        let dir = scratch::directory("node")?;
        let data = absolute(self.data.unwrap_or_else(|| dir.path().join("data")))?;
        let addr = self.addr.unwrap_or_else(|| format!("127.0.0.1:{}", ports::free()));
        let mut program = Program::new(&absolute(self.binary)?, dir.path().join("output"))
            .args(["serve"])
            .args(self.contexts);
        let http = format!("127.0.0.1:{}", ports::free());
        let own = [
            ("JANGTEO_GRPC_ADDR", addr.as_ref()),
            ("JANGTEO_HTTP_ADDR", http.as_ref()),
            ("JANGTEO_DATA_DIR", data.as_os_str()),
        ];
        // Before the test's own, which win.
        program.envs = own.map(|(key, value)| (key.into(), value.into())).into();
        program.envs.extend(self.envs);
        let process = Mutex::new(Process::start(&program)?);
        Ok(Node { process, program, addr, http, data, _dir: dir })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_node_that_ends_at_once_is_reported_with_its_output() {
        // `sh serve …` fails: there is no script of that name.
        let error = Node::builder("/bin/sh").contexts(["post"]).start().await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("the node ended with exit status"), "{text}");
        assert!(text.contains("serve"), "{text}");
    }
}
