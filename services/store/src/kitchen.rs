//! The rules of a store. Pure: time and ids arrive inside the command.

mod decide;
mod rejection;
pub(crate) mod table;
#[cfg(test)]
mod tests;

use jangteo::store::v1::StoreOpened;
use uuid::Uuid;

pub(crate) use self::rejection::Rejection;

/// A kitchen that makes what is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Store {
    /// The store.
    pub(crate) id: Uuid,
    /// Whose it is.
    pub(crate) owner: String,
    /// What it is called, in its owner's words.
    pub(crate) name: String,
}

/// What a store can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Somebody opens it.
    Open { id: Uuid, owner: String, name: String, at: i64 },
}

jangteo_kit::events! {
    /// What happens to stores.
    pub(crate) enum Event { StoreOpened }
}
