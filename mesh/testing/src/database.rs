//! What the database servers have in common.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use tempfile::TempDir;

use crate::{
    Disk,
    process::{Process, Program, Signal, tail},
    until::within,
};

const START: Duration = Duration::from_mins(1);
/// The children of a killed server may still hold its files: a start that fails is tried again.
const PATIENCE: Duration = Duration::from_secs(10);

/// A database server that can be killed and started again.
#[derive(Debug)]
pub(crate) struct Server {
    // Above the directory: a server must be gone before its files are.
    process: Mutex<Process>,
    program: Program,
    base_url: String,
    /// A database that is always there.
    home: &'static str,
    databases: AtomicU32,
    _dir: TempDir,
}

impl Server {
    pub(crate) async fn start(
        program: Program,
        base_url: String,
        home: &'static str,
        dir: TempDir,
    ) -> Result<Self> {
        let process = Mutex::new(Process::start(&program)?);
        let databases = AtomicU32::new(0);
        let server = Self { process, program, base_url, home, databases, _dir: dir };
        server.ready().await?;
        Ok(server)
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.base_url)
    }

    /// Makes a database that nobody else has.
    pub(crate) async fn database(&self) -> Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let connection = connect(&self.url(self.home)).await?;
        connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
        connection.close().await?;
        Ok(self.url(&name))
    }

    pub(crate) fn kill(&self) {
        self.with(Process::kill);
    }

    pub(crate) fn cut_power(&self, disk: &Disk) -> Result<()> {
        self.with(|process| disk.cut_power(process))
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        self.with(|process| process.signal(signal))
    }

    /// Waits for its end, but not for ever.
    pub(crate) fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(5);
        while self.with(Process::ended).is_none() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) async fn restart(&self) -> Result<()> {
        self.kill();
        self.relaunch()?;
        self.ready().await
    }

    fn relaunch(&self) -> Result<()> {
        let process = Process::start(&self.program)?;
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = process;
        Ok(())
    }

    async fn ready(&self) -> Result<()> {
        let patience = Instant::now() + PATIENCE;
        let outcome = within(START, async || {
            if let Some(status) = self.with(Process::ended) {
                if Instant::now() > patience {
                    return Some(Err(anyhow!("it ends with {status}")));
                }
                if let Err(error) = self.relaunch() {
                    return Some(Err(error));
                }
            }
            self.answers().await.then_some(Ok(()))
        });
        let outcome = outcome.await.unwrap_or_else(|| Err(anyhow!("no answer after {START:?}")));
        outcome.with_context(|| {
            format!("start of {}:\n{}", self.program.file.display(), tail(&self.program.log))
        })
    }

    async fn answers(&self) -> bool {
        let Ok(connection) = connect(&self.url(self.home)).await else { return false };
        connection.execute_unprepared("SELECT 1").await.is_ok()
    }

    fn with<T>(&self, act: impl FnOnce(&Process) -> T) -> T {
        act(&self.process.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One connection, closed with its value.
pub(crate) async fn connect(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).connect_timeout(Duration::from_secs(5)).sqlx_logging(false);
    // On the heap, or the nested futures of all servers are too deep for the compiler.
    Ok(Box::pin(Database::connect(options)).await?)
}
