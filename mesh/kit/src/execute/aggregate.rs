//! What the kit asks of an aggregate, and how it loads and saves one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    str::FromStr as _,
    sync::Arc,
};

use prost::Message;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, Condition, ConnectionTrait, EntityTrait,
    IntoActiveModel, PrimaryKeyTrait, QuerySelect, SqlErr, Value,
};
use tonic::Status;
use uuid::Uuid;

use crate::{
    context::Context,
    decide::Pending,
    event::{Emitted, Event, Unfit},
    status::{Reject, failed},
    store::{Arrow, Failure, Never, Rows, Store, Tx},
};

/// What a command comes to.
pub type Decision<A> = Result<(A, Vec<<A as Aggregate>::Event>), <A as Aggregate>::Rejection>;

/// The rules of an aggregate.
pub trait Aggregate: Clone + PartialEq + Send + Sync + 'static {
    /// Its kind, as events name it.
    const KIND: &'static str;
    /// Whether many causes act on it that have nothing to do with each other, as purchases do on a
    /// stock: its events then belong to what caused them, not to its own history.
    const SHARED: bool = false;
    /// What it can be told.
    type Command: Clone + Debug + Send + Sync + 'static;
    /// What it tells.
    type Event: Emitted + Send + Sync;
    /// How it refuses.
    type Rejection: Reject + Send + 'static;

    /// Decides one command. No events and the same state: the command was a replay.
    ///
    /// # Errors
    /// The rule that forbids it.
    fn decide(state: Option<Self>, command: Self::Command) -> Decision<Self>;

    /// The question to a peer that this state waits for. No timer fires meanwhile.
    fn pending(&self) -> Option<Pending<Self::Command>> {
        None
    }

    /// When the state must wake, in ms since 1970, and what it is told then.
    fn due(&self) -> Option<(i64, Self::Command)> {
        None
    }

    /// What becomes of the request that the state answers, once it is decided.
    ///
    /// # Errors
    /// Why it came to nothing.
    fn outcome(&self) -> Result<(), Self::Rejection> {
        Ok(())
    }
}

/// What every aggregate's row carries beside its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The aggregate.
    pub id: Uuid,
    /// Grows with every save; the etag.
    pub revision: i64,
    /// Counts the events that it has emitted.
    pub sequence: i64,
    /// One id for everything that one cause set in motion.
    pub correlation_id: Uuid,
    /// When it was born, in ms since 1970.
    pub create_time: i64,
    /// When it was last saved, in ms since 1970.
    pub update_time: i64,
}

impl Head {
    /// The version of the aggregate as clients see it.
    pub fn etag(&self) -> String {
        format!("\"{}\"", self.revision)
    }
}

/// A state with its row's numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned<A> {
    /// The state.
    pub state: A,
    /// Its row's numbers.
    pub head: Head,
}

/// How an aggregate lies in its table.
pub trait Stored: Aggregate {
    /// The table.
    type Entity: EntityTrait<
            Model: IntoActiveModel<Self::Row> + Send + Sync,
            PrimaryKey: PrimaryKeyTrait<ValueType = Uuid>,
        >;
    /// A row to be written.
    type Row: ActiveModelTrait<Entity = Self::Entity> + ActiveModelBehavior + Send + 'static;
    /// The aggregate as its contract shows it; what its commands answer.
    type Reply: Message + Default + Clone + 'static;

    /// Reads a row.
    ///
    /// # Errors
    /// What makes the row no state of the aggregate.
    fn read(row: <Self::Entity as EntityTrait>::Model) -> Result<Versioned<Self>, String>;

    /// Writes all columns.
    fn write(versioned: &Versioned<Self>) -> Self::Row;

    /// Shows it.
    fn reply(versioned: &Versioned<Self>) -> Self::Reply;

    /// What no two of them may have in common: the value of the unique column, and the column's name.
    fn unique(&self) -> Option<(&'static str, Uuid)> {
        None
    }

    /// The rule that a second value in a unique column breaks; `what` the database says was doubled:
    /// it contains the name of the column or of its index.
    fn taken(_what: &str) -> Option<Self::Rejection> {
        None
    }
}

/// Whom a command of a policy is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target<I> {
    /// One aggregate; where there is none, nothing is done.
    One(Uuid),
    /// One aggregate; where there is none, it is born.
    Born(Uuid),
    /// All that an index finds, a page in each transaction. The command must take its target out of
    /// the index, or do nothing the second time.
    Each(I),
}

/// What an event of another context sets going here.
pub type Orders<A> = Vec<(Target<<A as Follows>::Index>, <A as Aggregate>::Command)>;

/// A way to find many aggregates at once; [`Never`] where there is none.
pub trait Index<A>: Clone + Send + Sync + 'static {
    /// The rows that it finds.
    fn select(&self) -> Condition;

    /// Whether it finds an aggregate in this state.
    fn finds(&self, state: &A) -> bool;
}

impl<A> Index<A> for Never {
    fn select(&self) -> Condition {
        match *self {}
    }

    fn finds(&self, _: &A) -> bool {
        match *self {}
    }
}

/// How an aggregate follows the events of other contexts.
pub trait Follows: Stored {
    /// The way to find many of them at once; [`Never`] where there is none.
    type Index: Index<Self>;
    /// The contexts whose events it follows.
    const SOURCES: &'static [&'static str];

    /// What `event` sets going. The commands cannot be refused: every state has an answer to them.
    ///
    /// # Errors
    /// The event says that it is one of those followed, and can't be read.
    fn policy(event: &Event) -> Result<Orders<Self>, Unfit>;
}

/// Reads an aggregate as it is, without a lock.
///
/// # Errors
/// The database can't be reached, or the row is no state.
pub async fn find<A: Stored, R>(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<Versioned<A>>, Failure<R>> {
    read(A::Entity::find_by_id(id).one(db).await?)
}

/// Reads an aggregate as it is, for whoever asks for it.
///
/// # Errors
/// The database can't be reached, or the row is no state.
pub async fn get<A: Stored>(context: &Context, id: Uuid) -> Result<Option<Versioned<A>>, Status> {
    look::<A>(context.store(), id).await.map_err(failed)
}

/// The same, as a unit of work fails.
pub(super) async fn look<A: Stored>(
    store: &Store,
    id: Uuid,
) -> Result<Option<Versioned<A>>, Failure<Never>> {
    match store.rows() {
        Some(rows) => Ok(kept(rows, id)),
        None => find(store.reader()?, id).await,
    }
}

/// Loads an aggregate and locks its row, where the database has such locks.
pub(crate) async fn load<A: Stored, R>(
    tx: &Tx,
    id: Uuid,
) -> Result<Option<Versioned<A>>, Failure<R>> {
    match tx.rows() {
        Some(rows) => Ok(kept(rows, id)),
        None => read(A::Entity::find_by_id(id).lock_exclusive().one(tx).await?),
    }
}

/// Loads several, each with its lock, in the order of their ids: those who want the same ones take
/// turns instead of waiting for each other.
pub(crate) async fn load_all<A: Stored, R>(
    tx: &Tx,
    ids: impl Iterator<Item = Uuid>,
) -> Result<BTreeMap<Uuid, Versioned<A>>, Failure<R>> {
    let mut found = BTreeMap::new();
    for id in ids.collect::<BTreeSet<_>>() {
        if let Some(aggregate) = load(tx, id).await? {
            found.insert(id, aggregate);
        }
    }
    Ok(found)
}

fn read<A: Stored, R>(
    row: Option<<A::Entity as EntityTrait>::Model>,
) -> Result<Option<Versioned<A>>, Failure<R>> {
    row.map(A::read).transpose().map_err(Failure::Inconsistent)
}

/// Writes the row of an aggregate that was just born, or one that `load` has locked.
///
/// # Errors
/// A rule that a unique column keeps ([`Stored::taken`]); an id that another unit has just taken.
pub(crate) async fn save<A: Stored>(
    tx: &Tx,
    versioned: &Versioned<A>,
) -> Result<(), Failure<A::Rejection>> {
    if let Some(rows) = tx.rows() {
        return keep(rows, versioned);
    }
    let row = A::write(versioned);
    let saved = if versioned.head.revision == 1 {
        A::Entity::insert(row).exec_without_returning(tx).await.map(drop)
    } else {
        A::Entity::update(row).exec(tx).await.map(drop)
    };
    saved.map_err(|error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(what)) => {
            A::taken(&what).map_or(Failure::Raced, Failure::Rejected)
        }
        _ => Failure::Database(error),
    })
}

/// Tells a simulation what came of a command, by the names of the states in the table.
pub(super) fn observe<A: Stored>(
    rows: &dyn Rows,
    before: Option<&Versioned<A>>,
    command: &A::Command,
    after: Option<&Versioned<A>>,
) {
    let mut command = format!("{command:?}");
    command.truncate(command.find([' ', '(', '{']).unwrap_or(command.len()));
    let (before, after) = (before.map(state), after.map(state));
    rows.arrow(Arrow { kind: A::KIND, before, command, after });
}

fn state<A: Stored>(versioned: &Versioned<A>) -> String {
    let column = <A::Entity as EntityTrait>::Column::from_str("state").ok();
    let value = column.and_then(|column| A::write(versioned).get(column).into_value());
    match value {
        Some(Value::String(Some(name))) => name,
        _ => "there".to_owned(),
    }
}

/// An aggregate as it lies in no SQL database.
fn kept<A: Stored>(rows: &dyn Rows, id: Uuid) -> Option<Versioned<A>> {
    rows.one(A::KIND, &id.to_string())
}

/// What no two aggregates have in common lies here.
pub const UNIQUE: &str = "unique";

/// Keeps it there, by the same rules.
fn keep<A: Stored>(rows: &dyn Rows, versioned: &Versioned<A>) -> Result<(), Failure<A::Rejection>> {
    let id = versioned.head.id;
    let before = kept::<A>(rows, id);
    if versioned.head.revision == 1 && before.is_some() {
        return Err(Failure::Raced);
    }
    let place = |(column, value): (&str, Uuid)| format!("{} {column} {value}", A::KIND);
    if let Some(was) = before.and_then(|before| before.state.unique()) {
        rows.remove(UNIQUE, &place(was));
    }
    if let Some(unique) = versioned.state.unique()
        && !rows.insert(UNIQUE, place(unique), id)
    {
        return Err(A::taken(unique.0).map_or(Failure::Raced, Failure::Rejected));
    }
    rows.put(A::KIND, id.to_string(), Arc::new(versioned.clone()));
    Ok(())
}
