//! The rules of a post. Pure: time and ids arrive inside the command.

mod command;
mod decide;
mod rejection;
#[cfg(test)]
mod tests;

use jangteo::post::v1::{
    PostDeleted, PostEdited, PostHidden, PostReopened, PostReserved, PostSold, PostUnhidden,
    PostWritten,
};
use uuid::Uuid;

pub(crate) use self::{
    command::{Actor, Command, Edit},
    rejection::Rejection,
};

/// Goods offered for sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Post {
    /// The post.
    pub(crate) id: Uuid,
    /// Who sells.
    pub(crate) seller: String,
    /// What it says.
    pub(crate) listing: Listing,
    /// Where it stands.
    pub(crate) state: State,
}

/// What a post says, and its seller may edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    /// What is sold, in the seller's words.
    pub(crate) goods: String,
    /// The asking price in whole won.
    pub(crate) price_krw: i64,
    /// Where the goods can be fetched.
    pub(crate) neighbourhood: String,
}

/// Where a post stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// For sale (거래가능).
    Available,
    /// A deal on it is planned (거래예정).
    Reserved(Agreement),
    /// Handed over (거래완료).
    Sold(Agreement),
    /// Off the lists for now.
    Hidden,
    /// Removed by its seller. Final.
    Deleted,
}

/// What seller and buyer have agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agreement {
    /// The deal.
    pub(crate) deal: Uuid,
    /// The offer that it came from.
    pub(crate) offer: Uuid,
    /// Who buys.
    pub(crate) buyer: String,
    /// The price in whole won.
    pub(crate) price_krw: i64,
}

jangteo_kit::events! {
    /// What happens to posts.
    pub(crate) enum Event {
        PostWritten, PostEdited, PostReserved, PostReopened, PostSold, PostHidden, PostUnhidden,
        PostDeleted,
    }
}
