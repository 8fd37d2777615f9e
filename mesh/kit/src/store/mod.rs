//! The database of one context: connections, migrations and the unit of work.
//!
//! SQLite has one writer, so a task of its own drains a queue and commits what waits together;
//! PostgreSQL and MariaDB give every unit a transaction. Callers see neither.

mod clock;
mod failure;
mod lease;
mod migrate;
mod open;
mod row;
mod rows;
pub mod schema;
mod text;
mod tx;
mod unit;
mod writer;

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use sea_orm::{DatabaseConnection, DbBackend, DbErr};
use tokio_util::task::TaskTracker;

use self::writer::Writer;
pub use self::{
    clock::now_ms,
    failure::{Failure, Never, raced},
    lease::Lease,
    migrate::Migrations,
    rows::{Arrow, Row, Rows},
    text::containing,
    tx::Tx,
    unit::Work,
};
pub(crate) use self::{clock::now_sql, failure::is_full};

/// The database of one context. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    context: &'static str,
    /// Kept beside the queue for migrations, which run before any unit.
    writer: DatabaseConnection,
    write: Write,
    read: DatabaseConnection,
    units: TaskTracker,
    stage: AtomicU8,
}

/// How units get their transaction.
enum Write {
    /// SQLite: through the one writer.
    Queue(Writer),
    /// PostgreSQL, MariaDB: from the pool.
    Pool,
    /// No SQL database at all.
    Rows(Arc<dyn Rows>),
}

/// Units of work that share one commit of SQLite at most, unless it is said otherwise.
pub const GROUP: NonZeroUsize = NonZeroUsize::new(128).expect("128 is not 0");

/// How long a database that is there may take to say so.
const SILENCE: Duration = Duration::from_secs(5);

const STARTING: u8 = 0;
const OPEN: u8 = 1;
const CLOSED: u8 = 2;

impl Store {
    /// Connects lazily: nothing is asked of the database before [`Store::migrate`].
    ///
    /// # Errors
    /// The URL names no database that jangteo knows.
    pub async fn connect(context: &'static str, url: &str) -> Result<Self, DbErr> {
        Self::grouping(context, url, GROUP).await
    }

    /// Like [`Store::connect`]; on SQLite at most `most` units share a commit.
    ///
    /// # Errors
    /// Those of [`Store::connect`].
    pub async fn grouping(
        context: &'static str,
        url: &str,
        most: NonZeroUsize,
    ) -> Result<Self, DbErr> {
        let (writer, read) = open::connect(url).await?;
        let units = TaskTracker::new();
        let write = match writer.get_database_backend() {
            DbBackend::Sqlite => Write::Queue(Writer::start(writer.clone(), most, &units)),
            _ => Write::Pool,
        };
        let stage = AtomicU8::new(STARTING);
        Ok(Self(Arc::new(Inner { context, writer, write, read, units, stage })))
    }

    /// A store whose rows lie in no SQL database. It is open at once, and a unit ends when it is asked
    /// for the first time: nothing in it waits.
    pub fn simulated(context: &'static str, rows: Arc<dyn Rows>) -> Self {
        let none = DatabaseConnection::default;
        let (write, stage) = (Write::Rows(rows), AtomicU8::new(OPEN));
        let units = TaskTracker::new();
        Self(Arc::new(Inner { context, writer: none(), write, read: none(), units, stage }))
    }

    /// Its rows, where they lie in no SQL database.
    pub(crate) fn rows(&self) -> Option<&dyn Rows> {
        match &self.0.write {
            Write::Queue(_) | Write::Pool => None,
            Write::Rows(rows) => Some(&**rows),
        }
    }

    /// Whether SQLite is being asked anything just now, so far as the connections tell.
    pub(crate) fn is_busy(&self) -> bool {
        let busy = |connection: &DatabaseConnection| {
            let pool = connection.get_sqlite_connection_pool();
            u32::try_from(pool.num_idle()).is_ok_and(|idle| idle < pool.size())
        };
        match &self.0.write {
            Write::Queue(_) => busy(&self.0.writer) || busy(&self.0.read),
            Write::Pool | Write::Rows(_) => false,
        }
    }

    /// Brings the schema up to date; two processes at once take turns.
    ///
    /// # Errors
    /// The database can't be reached, or its schema is newer than this program.
    pub async fn migrate(&self, migrations: Migrations) -> Result<(), DbErr> {
        migrate::run(&self.0.writer, migrations).await?;
        self.0.stage.store(OPEN, Ordering::Release);
        Ok(())
    }

    /// The name of the context that owns this database.
    pub fn context(&self) -> &'static str {
        self.0.context
    }

    /// Which database this is.
    pub fn backend(&self) -> DbBackend {
        match &self.0.write {
            Write::Queue(_) | Write::Pool => self.0.read.get_database_backend(),
            Write::Rows(_) => DbBackend::Sqlite,
        }
    }

    /// The connection for reads outside of units.
    ///
    /// # Errors
    /// [`Failure::Starting`] before the schema is up to date.
    pub fn reader(&self) -> Result<&DatabaseConnection, Failure<Never>> {
        match self.0.stage.load(Ordering::Acquire) {
            OPEN => Ok(&self.0.read),
            CLOSED => Err(Failure::Stopping),
            _ => Err(Failure::Starting),
        }
    }

    /// Asks the database whether it is there, by the way that units take. Silence is a no.
    pub async fn ping(&self) -> bool {
        let asked = self.unit(|tx| {
            Box::pin(async move { clock::now_ms(tx).await.map_err(Failure::<Never>::Database) })
        });
        matches!(tokio::time::timeout(SILENCE, asked).await, Ok(Ok(_)))
    }

    /// Lets the units that run finish, then closes all connections.
    pub async fn close(&self) {
        self.0.stage.store(CLOSED, Ordering::Release);
        if let Write::Queue(writer) = &self.0.write {
            writer.stop();
        }
        self.0.units.close();
        self.0.units.wait().await;
        close(&self.0.writer).await;
        close(&self.0.read).await;
    }
}

async fn close(connection: &DatabaseConnection) {
    if let Err(error) = connection.clone().close().await {
        tracing::warn!(%error, "database connection did not close");
    }
}
