//! pgbench, which comes with PostgreSQL: the least that a durable command could be, two inserts in
//! a prepared transaction, by a client written in C.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, ensure};
use jangteo_testing::{Postgres, scratch};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};
use tempfile::TempDir;
use tokio::process::Command;

/// What a post and its event are, without what makes them ours.
const TABLES: &str = "
    CREATE TABLE aggregate (id BIGSERIAL PRIMARY KEY, seller TEXT, goods TEXT, price BIGINT, time BIGINT);
    CREATE TABLE outbox (id BIGSERIAL PRIMARY KEY, aggregate BIGINT, payload BYTEA, sent BIGINT);
";
const TRANSACTION: &str = "\
BEGIN;
INSERT INTO aggregate (seller, goods, price, time) VALUES ('seller01', 'a telephone', 600000, 1750000000000);
INSERT INTO outbox (aggregate, payload) VALUES (lastval(), decode(repeat('5a', 120), 'hex'));
COMMIT;
";
/// Threads of pgbench: it shares the machine with the server.
const THREADS: u32 = 2;

/// pgbench beside a server.
pub(crate) struct Pgbench {
    program: PathBuf,
    url: String,
    dir: TempDir,
}

impl Pgbench {
    /// Makes its tables in a database of their own, and checks that the server syncs commits.
    pub(crate) async fn on(server: &Postgres) -> Result<Self> {
        let (program, url) = (Postgres::pgbench()?, server.database().await?);
        let connection = Database::connect(&url).await?;
        durable(&connection).await?;
        connection.execute_unprepared(TABLES).await?;
        connection.close().await?;
        let dir = scratch::directory("pgbench")?;
        fs::write(dir.path().join("transaction.sql"), TRANSACTION)?;
        Ok(Self { program, url, dir })
    }

    /// Transactions per second of as many clients; pgbench counts whole seconds.
    pub(crate) async fn rate(&self, clients: u32, length: Duration) -> Result<f64> {
        let seconds = length.as_secs().max(1);
        let output = Command::new(&self.program)
            .args(["--no-vacuum", "--protocol=prepared", "--file"])
            .arg(self.dir.path().join("transaction.sql"))
            .arg(format!("--client={clients}"))
            .arg(format!("--jobs={THREADS}"))
            .arg(format!("--time={seconds}"))
            .arg(&self.url)
            .kill_on_drop(true)
            .output()
            .await?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "pgbench ended with {}: {said}", output.status);
        let text = String::from_utf8_lossy(&output.stdout);
        tps(&text).with_context(|| format!("pgbench tells no rate: {text}"))
    }
}

/// Asks the server what it promises.
async fn durable(connection: &DatabaseConnection) -> Result<()> {
    for setting in ["fsync", "synchronous_commit"] {
        let backend = connection.get_database_backend();
        let show = Statement::from_string(backend, format!("SHOW {setting}"));
        let row = connection.query_one_raw(show).await?.context("SHOW has a row")?;
        let value: String = row.try_get_by_index(0)?;
        ensure!(value == "on", "{setting} of PostgreSQL is {value}");
    }
    Ok(())
}

/// Reads `tps = 6182.1 (without initial connection time)`.
fn tps(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_found_in_what_pgbench_says() {
        let text = "latency average = 2.588 ms\ntps = 6182.055 (without initial connection time)\n";
        assert!((tps(text).unwrap() - 6182.055).abs() < 1e-9);
        assert_eq!(tps("pgbench: error"), None);
    }
}
