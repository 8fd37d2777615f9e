//! What a post's history says of it.

use jangteo::{
    post::v1::{PostEdited, PostReserved, PostSold, PostWritten},
    view::v1::my_sale::State,
};
use prost::Message;

use super::journal::Event;

/// A post by its history alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Folded {
    pub(super) seller: String,
    pub(super) goods: String,
    pub(super) price_krw: i64,
    pub(super) neighbourhood: String,
    pub(super) state: State,
    pub(super) removed: bool,
    pub(super) agreement: Option<Agreement>,
}

/// A deal on a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Agreement {
    pub(super) deal_id: String,
    pub(super) buyer: String,
    pub(super) price_krw: i64,
}

/// Folds events in order. What cannot be read, or is of no known type, changes nothing: then the
/// rows will differ.
pub(super) fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Folded {
    events.into_iter().fold(Folded::default(), apply)
}

fn apply(post: Folded, event: &Event) -> Folded {
    match event.name() {
        "PostWritten" => written(&read(event)),
        "PostEdited" => edited(post, &read(event)),
        "PostReserved" => reserved(post, read(event)),
        "PostSold" => sold(post, read(event)),
        "PostReopened" | "PostUnhidden" => {
            Folded { state: State::Available, agreement: None, ..post }
        }
        "PostHidden" => Folded { state: State::Hidden, agreement: None, ..post },
        "PostDeleted" => Folded { removed: true, agreement: None, ..post },
        _ => post,
    }
}

fn read<M: Message + Default>(event: &Event) -> M {
    M::decode(event.payload.as_slice()).unwrap_or_default()
}

fn written(event: &PostWritten) -> Folded {
    Folded {
        seller: event.seller.clone(),
        goods: event.goods.clone(),
        price_krw: event.price_krw,
        neighbourhood: event.neighbourhood.clone(),
        state: State::Available,
        ..Folded::default()
    }
}

fn edited(post: Folded, event: &PostEdited) -> Folded {
    Folded {
        goods: event.goods.clone(),
        price_krw: event.price_krw,
        neighbourhood: event.neighbourhood.clone(),
        ..post
    }
}

fn reserved(post: Folded, event: PostReserved) -> Folded {
    let PostReserved { deal_id, buyer, agreed_price_krw: price_krw, .. } = event;
    Folded {
        state: State::Reserved,
        agreement: Some(Agreement { deal_id, buyer, price_krw }),
        ..post
    }
}

fn sold(post: Folded, event: PostSold) -> Folded {
    let PostSold { deal_id, buyer, agreed_price_krw: price_krw, .. } = event;
    Folded { state: State::Sold, agreement: Some(Agreement { deal_id, buyer, price_krw }), ..post }
}
