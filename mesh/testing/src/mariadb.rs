//! `MariaDB`, from the binaries of this machine.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::{
    Disk,
    database::{Server, connect},
    ports,
    process::{Program, find},
    scratch,
};

/// Every commit is on disk before it is acknowledged.
const SYNCED: [&str; 1] = ["--innodb-flush-log-at-trx-commit=1"];
/// Commits get there after this many seconds.
const UNSYNCED: [&str; 2] =
    ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-log-at-timeout=2700"];

/// The account of the tests. It has no password, and a plugin that the client can speak without TLS.
const ACCOUNT: &str = "\
CREATE USER IF NOT EXISTS jangteo@'127.0.0.1' IDENTIFIED VIA mysql_native_password USING '';
GRANT ALL ON *.* TO jangteo@'127.0.0.1';
";

/// The URL of a fresh database on a server that all tests of this process share.
pub async fn database() -> Result<String> {
    static SHARED: OnceCell<MariaDb> = OnceCell::const_new();
    SHARED.get_or_try_init(MariaDb::start).await?.database().await
}

/// The URL of a new copy of a database that nobody writes to.
pub async fn copy(url: &str) -> Result<String> {
    let (_, name) = url.rsplit_once('/').context("a database URL ends with its name")?;
    let original = connect(url).await?;
    let tables = original.query_all_raw(Statement::from_string(DbBackend::MySql, "SHOW TABLES"));
    let tables = tables.await?;
    original.execute_unprepared(&format!("CREATE DATABASE {name}_copy")).await?;
    for table in tables {
        let table: String = table.try_get_by_index(0)?;
        let copy = format!("{name}_copy.`{table}`");
        original.execute_unprepared(&format!("CREATE TABLE {copy} LIKE `{table}`")).await?;
        original.execute_unprepared(&format!("INSERT INTO {copy} SELECT * FROM `{table}`")).await?;
    }
    original.close().await?;
    Ok(format!("{url}_copy"))
}

/// A server of one's own, killed and cleared away when dropped.
#[derive(Debug)]
pub struct MariaDb(Server);

impl MariaDb {
    /// Makes and starts one; it syncs every commit.
    pub async fn start() -> Result<Self> {
        Self::launch(&SYNCED, None).await
    }

    /// The same with its data on a disk.
    pub async fn start_on(disk: &Disk) -> Result<Self> {
        Self::launch(&SYNCED, Some(disk)).await
    }

    /// Makes and starts one on a disk that syncs no commit.
    pub async fn start_unsynced_on(disk: &Disk) -> Result<Self> {
        Self::launch(&UNSYNCED, Some(disk)).await
    }

    async fn launch(sync: &[&str], disk: Option<&Disk>) -> Result<Self> {
        let server = binary("mariadbd", "mysqld")?;
        let dir = scratch::directory("mariadb")?;
        let data = disk.map_or_else(|| dir.path().to_owned(), Disk::path).join("data");
        initialise(&dir, &data).await?;
        disk.map(Disk::sync).transpose()?;
        let port = ports::free();
        let program = Program::new(&server, dir.path().join("log"))
            .args(arguments(&dir, &data, port)?)
            .args(sync);
        let url = format!("mysql://jangteo@127.0.0.1:{port}");
        Ok(Self(Server::start(program, url, "mysql", dir).await?))
    }

    /// The URL of a database of this name, which need not exist.
    pub fn url(&self, database: &str) -> String {
        self.0.url(database)
    }

    /// Makes a fresh database and answers its URL.
    pub async fn database(&self) -> Result<String> {
        self.0.database().await
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

async fn initialise(dir: &TempDir, data: &Path) -> Result<()> {
    fs::write(dir.path().join("account.sql"), ACCOUNT)?;
    let install = binary("mariadb-install-db", "mysql_install_db")?;
    Program::new(&install, dir.path().join("install.log"))
        .args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"])
        .args([option("--datadir=", data), option("--tmpdir=", dir.path())])
        .args(run_as()?)
        .run_aside()
        .await
}

/// Small, but as durable as in earnest.
fn arguments(dir: &TempDir, data: &Path, port: u16) -> Result<Vec<OsString>> {
    let file = |name: &str| dir.path().join(name);
    let mut arguments = vec![
        "--no-defaults".into(),
        option("--datadir=", data),
        // One that starts removes the temporary tables of all that share this with it.
        option("--tmpdir=", dir.path()),
        option("--socket=", &file("socket")),
        option("--pid-file=", &file("pid")),
        option("--init-file=", &file("account.sql")),
        format!("--port={port}").into(),
    ];
    arguments.extend(
        [
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--innodb-buffer-pool-size=32M",
            "--innodb-log-file-size=16M",
            "--max-connections=300",
            "--character-set-server=utf8mb4",
        ]
        .map(OsString::from),
    );
    arguments.extend(run_as()?);
    Ok(arguments)
}

/// Root has to say that it means it.
fn run_as() -> Result<Option<OsString>> {
    Ok((scratch::user()? == 0).then(|| "--user=root".into()))
}

fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(path);
    option
}

fn binary(name: &str, older: &str) -> Result<PathBuf> {
    find(name)
        .or_else(|| find(older))
        .with_context(|| format!("no {name} here: run `apt-get install mariadb-server`"))
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
        let mariadb = MariaDb::start().await.unwrap();
        let url = mariadb.database().await.unwrap();
        let before = connect(&url).await.unwrap();
        before.execute_unprepared("CREATE TABLE kept (id INT)").await.unwrap();

        mariadb.kill();
        assert!(before.execute_unprepared("SELECT * FROM kept").await.is_err());
        mariadb.restart().await.unwrap();

        let after = connect(&url).await.unwrap();
        after.execute_unprepared("SELECT * FROM kept").await.unwrap();
    }

    #[tokio::test]
    async fn commits_are_synced() {
        let connection = connect(&database().await.unwrap()).await.unwrap();
        let sql = "SELECT CAST(@@innodb_flush_log_at_trx_commit AS CHAR)";
        let show = Statement::from_string(DbBackend::MySql, sql);
        let row = connection.query_one_raw(show).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "1");
    }
}
