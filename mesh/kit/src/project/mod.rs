//! Read models: filled from events, rebuilt live from the journals of their sources.

mod compare;
mod follow;
mod generation;
mod lag;
mod position;
mod rebuild;
mod see;
mod source;

use futures::future::BoxFuture;
use sea_orm::DbErr;

pub use crate::inbox::Unfit;
use crate::{
    event::Event,
    store::{Failure, Tx},
};

pub(crate) use self::{compare::Comparer, follow::follow};
pub use self::{
    generation::{Generation, Stage, consumer, serving},
    rebuild::{find_generation, start_rebuild},
    see::wait_for,
    source::Sources,
};

/// Where a read model writes what an event says.
pub struct Slot<'a> {
    /// The transaction of the event's gate.
    pub tx: &'a Tx,
    /// The generation of rows that is filled.
    pub generation: i64,
    /// The number of this change, greater than all before it.
    pub change: i64,
}

/// A read model.
pub trait ReadModel: Send + Sync + 'static {
    /// Its name, such as `my_sales`.
    fn name(&self) -> &'static str;

    /// The contexts whose events it follows.
    fn sources(&self) -> &'static [&'static str];

    /// Writes what `event` says; whatever is of no interest is passed over.
    fn project<'a>(
        &'a self,
        slot: Slot<'a>,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<(), Failure<Unfit>>>;

    /// Removes the rows of a generation.
    fn clear<'a>(&'a self, tx: &'a Tx, generation: i64) -> BoxFuture<'a, Result<(), DbErr>>;
}
