//! A broker of one's own: a real nats-server with `JetStream`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, bail};
use tempfile::TempDir;

use crate::{
    Disk, ports,
    process::{Process, Program, Signal, find, tail},
    scratch,
    until::within,
};

/// The oldest version that knows all that jangteo asks for.
const OLDEST: (u32, u32) = (2, 12);
const START: Duration = Duration::from_secs(20);

/// A running nats-server, killed and cleared away when dropped.
#[derive(Debug)]
pub struct Nats {
    // Above the directory: a server must be gone before its files are.
    process: Mutex<Process>,
    program: Program,
    store: PathBuf,
    port: u16,
    monitor_port: u16,
    _dir: TempDir,
}

impl Nats {
    /// Starts one that syncs every message to disk before it acknowledges it.
    pub async fn start() -> Result<Self> {
        Self::launch("always", None).await
    }

    /// The same with its store on a disk.
    pub async fn start_on(disk: &Disk) -> Result<Self> {
        Self::launch("always", Some(disk)).await
    }

    /// Starts one that acknowledges what is not on disk yet, as nats-server does unless told.
    pub async fn start_unsynced() -> Result<Self> {
        Self::launch("2m", None).await
    }

    /// The same with its store on a disk.
    pub async fn start_unsynced_on(disk: &Disk) -> Result<Self> {
        Self::launch("2m", Some(disk)).await
    }

    async fn launch(sync_interval: &str, disk: Option<&Disk>) -> Result<Self> {
        let nats = Self::begin(sync_interval, disk, "")?;
        nats.ready().await?;
        Ok(nats)
    }

    /// Starts one whose configuration has this at its end, and does not wait for it.
    pub(crate) fn begin(sync_interval: &str, disk: Option<&Disk>, rest: &str) -> Result<Self> {
        let server = server()?;
        let dir = scratch::directory("nats")?;
        let (port, monitor_port) = (ports::free(), ports::free());
        let store = disk.map_or_else(|| dir.path().to_owned(), Disk::path).join("store");
        let config = dir.path().join("nats.conf");
        fs::write(&config, configuration(&store, port, monitor_port, sync_interval) + rest)?;
        let program = Program::new(&server, dir.path().join("log"))
            .args([Path::new("--config"), config.as_path()]);
        let process = Mutex::new(Process::start(&program)?);
        Ok(Self { process, program, store, port, monitor_port, _dir: dir })
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Where the server tells about itself.
    pub fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.monitor_port)
    }

    /// A new connection.
    pub async fn client(&self) -> Result<async_nats::Client> {
        Ok(async_nats::connect(self.url()).await?)
    }

    /// SIGKILL. The store stays.
    pub fn kill(&self) {
        self.with(Process::kill);
    }

    /// Starts again with the same store and ports, killing it first if it runs.
    pub async fn restart(&self) -> Result<()> {
        self.relaunch()?;
        self.ready().await
    }

    /// Like [`Nats::restart`], for one that is not well without others.
    pub(crate) fn relaunch(&self) -> Result<()> {
        self.kill();
        let process = Process::start(&self.program)?;
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = process;
        Ok(())
    }

    /// Kills it and starts it again with nothing in its store.
    pub async fn wipe(&self) -> Result<()> {
        self.kill();
        fs::remove_dir_all(&self.store)?;
        self.restart().await
    }

    /// Its power is cut, and that of the disk that its store is on.
    pub fn cut_power(&self, disk: &Disk) -> Result<()> {
        self.with(|process| disk.cut_power(process))
    }

    /// SIGTERM: it ends in an orderly way, and in a cluster hands over what it leads.
    pub fn terminate(&self) -> Result<()> {
        self.with(|process| process.signal(Signal::Term))
    }

    /// Freezes it: connections stay open and nothing answers.
    pub fn stop(&self) -> Result<()> {
        self.with(|process| process.signal(Signal::Stop))
    }

    /// Lets a frozen one go on.
    pub fn resume(&self) -> Result<()> {
        self.with(|process| process.signal(Signal::Continue))
    }

    /// The version it says it is.
    pub async fn version(&self) -> Result<String> {
        let about = self.monitor("varz").await?;
        about["version"].as_str().map(Into::into).context("varz names no version")
    }

    /// Whether every message is on disk before it is acknowledged.
    pub async fn durable(&self) -> Result<bool> {
        let about = self.monitor("jsz").await?;
        Ok(about["config"]["sync_always"].as_bool().unwrap_or_default())
    }

    /// What the server's log says at its end.
    pub fn log(&self) -> String {
        tail(&self.program.log)
    }

    /// What a page of its monitor says.
    pub(crate) async fn monitor(&self, page: &str) -> Result<serde_json::Value> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let reply = http.get(format!("{}/{page}", self.monitor_url())).send().await?;
        Ok(reply.error_for_status()?.json().await?)
    }

    /// Waits until it says that it is well.
    pub(crate) async fn ready(&self) -> Result<()> {
        let outcome = within(START, async || {
            if let Some(status) = self.with(Process::ended) {
                return Some(Err(anyhow!("nats-server ended with {status}")));
            }
            self.monitor("healthz").await.is_ok().then_some(Ok(()))
        });
        let outcome = outcome.await.unwrap_or_else(|| Err(anyhow!("no answer after {START:?}")));
        outcome.with_context(|| format!("start of nats-server:\n{}", self.log()))
    }

    fn with<T>(&self, act: impl FnOnce(&Process) -> T) -> T {
        act(&self.process.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn configuration(store: &Path, port: u16, monitor_port: u16, sync_interval: &str) -> String {
    // A stream's `max_bytes` is reserved, not used: the limit is what it may promise.
    format!(
        "listen: 127.0.0.1:{port}\n\
         http: 127.0.0.1:{monitor_port}\n\
         jetstream {{ store_dir: '{}', sync_interval: {sync_interval}, max_file: 1TB }}\n",
        store.display()
    )
}

/// The first server that is new enough: `$NATS_SERVER`, then `.tools/`, then the search path.
fn server() -> Result<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/nats-server");
    let named = std::env::var_os("NATS_SERVER").map(PathBuf::from);
    let candidates: Vec<_> = named
        .into_iter()
        .chain([tools])
        .chain(find("nats-server"))
        .filter(|file| file.is_file())
        .collect();
    for file in &candidates {
        if version(file)? >= OLDEST {
            return Ok(file.clone());
        }
    }
    let (major, minor) = OLDEST;
    bail!("no nats-server {major}.{minor} or newer (found {candidates:?}): run `make tools`")
}

/// Major and minor version of a nats-server.
fn version(file: &Path) -> Result<(u32, u32)> {
    let output = Command::new(file).arg("--version").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    parse(&text).with_context(|| format!("{} is of no known version: {text}", file.display()))
}

/// Reads `nats-server: v2.15.1`.
fn parse(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().rsplit_once('v')?.1.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use async_nats::jetstream;

    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(parse("nats-server: v2.9.10\n").unwrap() < OLDEST);
        assert!(parse("nats-server: v2.12.0\n").unwrap() >= OLDEST);
        assert_eq!(parse("something else"), None);
    }

    #[tokio::test]
    async fn only_the_synced_broker_is_durable() {
        let (synced, unsynced) = tokio::try_join!(Nats::start(), Nats::start_unsynced()).unwrap();
        assert!(synced.durable().await.unwrap());
        assert!(!unsynced.durable().await.unwrap());
        assert!(synced.version().await.unwrap().starts_with("2."));
    }

    #[tokio::test]
    async fn a_stream_survives_a_kill_and_a_freeze_but_no_wipe() {
        let nats = Nats::start().await.unwrap();
        let context = jetstream::new(nats.client().await.unwrap());
        let kept = jetstream::stream::Config { name: "KEPT".into(), ..Default::default() };
        context.create_stream(kept).await.unwrap();

        nats.kill();
        assert!(nats.client().await.is_err());
        nats.restart().await.unwrap();
        nats.stop().unwrap();
        nats.resume().unwrap();
        let context = jetstream::new(nats.client().await.unwrap());
        context.get_stream("KEPT").await.unwrap();

        nats.wipe().await.unwrap();
        let context = jetstream::new(nats.client().await.unwrap());
        assert!(context.get_stream("KEPT").await.is_err());
    }
}
