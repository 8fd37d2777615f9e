//! `PostgreSQL`, from the binaries of this machine.

use std::{
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use sea_orm::ConnectionTrait as _;
use tokio::sync::OnceCell;

use crate::{
    Disk,
    database::{Server, connect},
    ports,
    process::{NOBODY, Program, Signal, find},
    scratch,
};

/// The URL of a fresh database on a server that all tests of this process share.
pub async fn database() -> Result<String> {
    static SHARED: OnceCell<Postgres> = OnceCell::const_new();
    SHARED.get_or_try_init(Postgres::start).await?.database().await
}

/// The URL of a new copy of a database that nobody is connected to.
pub async fn copy(url: &str) -> Result<String> {
    let (server, name) = url.rsplit_once('/').context("a database URL ends with its name")?;
    let home = connect(&format!("{server}/postgres")).await?;
    home.execute_unprepared(&format!("CREATE DATABASE {name}_copy TEMPLATE {name}")).await?;
    home.close().await?;
    Ok(format!("{url}_copy"))
}

/// A server of one's own, killed and cleared away when dropped.
#[derive(Debug)]
pub struct Postgres(Server);

impl Postgres {
    /// Makes and starts one; it syncs every commit.
    pub async fn start() -> Result<Self> {
        Self::launch("fsync=on", None).await
    }

    /// The same with its data on a disk.
    pub async fn start_on(disk: &Disk) -> Result<Self> {
        Self::launch("fsync=on", Some(disk)).await
    }

    /// Makes and starts one on a disk that syncs nothing.
    pub async fn start_unsynced_on(disk: &Disk) -> Result<Self> {
        Self::launch("fsync=off", Some(disk)).await
    }

    async fn launch(fsync: &str, disk: Option<&Disk>) -> Result<Self> {
        let binaries = binaries()?;
        let dir = scratch::directory("postgres")?;
        let data = disk.map_or_else(|| dir.path().to_owned(), Disk::path).join("data");
        initialise(&binaries, &data, &dir.path().join("initdb.log")).await?;
        disk.map(Disk::sync).transpose()?;
        let port = ports::free();
        let program = Program::new(&binaries.join("postgres"), dir.path().join("log"))
            .nobody(scratch::user()? == 0)
            .args(["-D".as_ref(), data.as_os_str()])
            .args(["-p", &port.to_string()])
            .args(settings(fsync));
        let url = format!("postgres://jangteo@127.0.0.1:{port}");
        Ok(Self(Server::start(program, url, "postgres", dir).await?))
    }

    /// The URL of a database of this name, which need not exist.
    pub fn url(&self, database: &str) -> String {
        self.0.url(database)
    }

    /// Makes a fresh database and answers its URL.
    pub async fn database(&self) -> Result<String> {
        self.0.database().await
    }

    /// Where the program `pgbench` is that comes with the server.
    pub fn pgbench() -> Result<PathBuf> {
        let beside = binaries().ok().map(|dir| dir.join("pgbench")).filter(|file| file.is_file());
        beside
            .or_else(|| find("pgbench"))
            .context("no pgbench here: run `apt-get install postgresql`")
    }

    /// SIGKILL. The data stays.
    pub fn kill(&self) {
        self.0.kill();
    }

    /// Its power is cut, and that of the disk that its data is on.
    pub fn cut_power(&self, disk: &Disk) -> Result<()> {
        self.0.cut_power(disk)
    }

    /// Starts again with the same data and port, killing it first if it runs.
    pub async fn restart(&self) -> Result<()> {
        self.0.restart().await
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Else the children of a killed server write on while its directory is removed.
        if self.0.signal(Signal::Quit).is_ok() {
            self.0.wait();
        }
    }
}

async fn initialise(binaries: &Path, data: &Path, log: &Path) -> Result<()> {
    let root = scratch::user()? == 0;
    fs::create_dir(data)?;
    if root {
        chown(data, Some(NOBODY), Some(NOBODY))?;
    }
    Program::new(&binaries.join("initdb"), log.to_path_buf())
        .nobody(root)
        .args(["-D".as_ref(), data.as_os_str()])
        .args(["-U", "jangteo", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])
        // Only the making is not synced; the server is.
        .args(["--no-sync"])
        .run_aside()
        .await
}

/// Small, but as durable as in earnest.
fn settings(fsync: &str) -> impl Iterator<Item = String> {
    [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        fsync,
        "synchronous_commit=on",
        "shared_buffers=32MB",
        "max_connections=300",
    ]
    .into_iter()
    .flat_map(|setting| ["-c".to_string(), setting.to_string()])
}

/// The folder of the newest server: from the search path, else where Debian keeps them.
fn binaries() -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())))
        .max()
        .map(|(_, dir)| dir.join("bin"));
    let found = find("postgres").and_then(|file| Some(file.parent()?.to_path_buf())).or(newest);
    match found {
        Some(dir) if dir.join("initdb").is_file() => Ok(dir),
        _ => bail!("no PostgreSQL server here: run `apt-get install postgresql`"),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

    use super::*;
    use crate::database::connect;

    #[tokio::test]
    async fn every_test_has_a_database_of_its_own() {
        let (one, other) = tokio::try_join!(database(), database()).unwrap();
        assert_ne!(one, other);
        connect(&one)
            .await
            .unwrap()
            .execute_unprepared("CREATE TABLE mine (id INT)")
            .await
            .unwrap();
        let other = connect(&other).await.unwrap();
        assert!(other.execute_unprepared("SELECT * FROM mine").await.is_err());
    }

    #[tokio::test]
    async fn what_was_committed_survives_a_kill() {
        let postgres = Postgres::start().await.unwrap();
        let url = postgres.database().await.unwrap();
        let before = connect(&url).await.unwrap();
        before.execute_unprepared("CREATE TABLE kept (id INT)").await.unwrap();

        postgres.kill();
        assert!(before.execute_unprepared("SELECT * FROM kept").await.is_err());
        postgres.restart().await.unwrap();

        let after = connect(&url).await.unwrap();
        after.execute_unprepared("SELECT * FROM kept").await.unwrap();
    }

    #[tokio::test]
    async fn commits_are_synced() {
        let connection = connect(&database().await.unwrap()).await.unwrap();
        for setting in ["fsync", "synchronous_commit"] {
            let show = Statement::from_string(DbBackend::Postgres, format!("SHOW {setting}"));
            let row = connection.query_one_raw(show).await.unwrap().unwrap();
            assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "on");
        }
    }
}
