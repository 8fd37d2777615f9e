//! What the kit asks of an aggregate, and how it loads and saves one.

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    PrimaryKeyTrait, QuerySelect,
};
use uuid::Uuid;

use crate::{
    event::Emitted,
    status::Reject,
    store::{Failure, Tx},
};

/// What a command comes to.
pub type Decision<A> = Result<(A, Vec<<A as Aggregate>::Event>), <A as Aggregate>::Rejection>;

/// The rules of an aggregate.
pub trait Aggregate: Clone + PartialEq + Send + Sync + 'static {
    /// Its kind, as events name it.
    const KIND: &'static str;
    /// What it can be told.
    type Command: Clone + Send + Sync + 'static;
    /// What it tells.
    type Event: Emitted + Send + Sync;
    /// How it refuses.
    type Rejection: Reject + Send + 'static;

    /// Decides one command. No events and the same state: the command was a replay.
    ///
    /// # Errors
    /// The rule that forbids it.
    fn decide(state: Option<Self>, command: Self::Command) -> Decision<Self>;
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

    /// Reads a row.
    ///
    /// # Errors
    /// What makes the row no state of the aggregate.
    fn read(row: <Self::Entity as EntityTrait>::Model) -> Result<Versioned<Self>, String>;

    /// Writes all columns.
    fn write(versioned: &Versioned<Self>) -> Self::Row;
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

/// Loads an aggregate and locks its row, where the database has such locks.
pub(super) async fn load<A: Stored, R>(
    tx: &Tx,
    id: Uuid,
) -> Result<Option<Versioned<A>>, Failure<R>> {
    read(A::Entity::find_by_id(id).lock_exclusive().one(tx).await?)
}

fn read<A: Stored, R>(
    row: Option<<A::Entity as EntityTrait>::Model>,
) -> Result<Option<Versioned<A>>, Failure<R>> {
    row.map(A::read).transpose().map_err(Failure::Inconsistent)
}

/// Writes the row of an aggregate that was just born, or one that `load` has locked.
pub(super) async fn save<A: Stored, R>(
    tx: &Tx,
    versioned: &Versioned<A>,
) -> Result<(), Failure<R>> {
    let row = A::write(versioned);
    if versioned.head.revision == 1 {
        A::Entity::insert(row).exec_without_returning(tx).await.map_err(crate::store::raced)?;
    } else {
        A::Entity::update(row).exec(tx).await?;
    }
    Ok(())
}
