//! Read models: filled from events, rebuilt live from the journals of their sources.

mod generation;
mod projector;
mod rebuild;
mod see;
mod serve;
mod source;
mod watch;

use std::sync::atomic::{AtomicI64, Ordering};

use futures::future::BoxFuture;
use sea_orm::DbErr;

pub use crate::event::Unfit;
use crate::{
    event::Event,
    store::{Failure, Tx},
};

pub(crate) use self::projector::Projector;
pub use self::{
    generation::{Generation, Stage, consumer, serving},
    rebuild::{extent, find_generation, start_rebuild},
    see::wait_for,
    serve::Served,
    source::Sources,
    watch::{Place, Told, Watched},
};

/// Where a read model writes what an event says.
pub struct Slot<'a> {
    /// The transaction of the event's gate.
    pub tx: &'a Tx,
    /// The generation of rows that is filled.
    pub generation: i64,
    /// The number of the last change.
    pub changes: &'a AtomicI64,
}

impl Slot<'_> {
    /// The number of the next change: every row that is written takes one of its own, so whoever
    /// watches can stop after any of them.
    pub fn change(&self) -> i64 {
        1 + self.changes.fetch_add(1, Ordering::Relaxed)
    }
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
