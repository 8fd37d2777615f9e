//! Read models: filled from events, rebuilt live from the journals of their sources.

mod generation;
mod projector;
mod rebuild;
mod see;
mod serve;
pub(crate) mod simulated;
mod slot;
mod source;
mod watch;

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
    slot::{Slot, clear},
    source::Sources,
    watch::{Place, Told, Watched},
};

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
