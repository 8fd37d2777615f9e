//! What a post's history says of it.

use anyhow::Result;
use jangteo::{
    post::v1::{PostEdited, PostReserved, PostSold, PostWritten},
    view::v1::my_sale::State,
};

use super::{
    journal::Event,
    rows::Row,
    source::{Column, present},
};

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

/// Folds events in order. What is of no known type changes nothing: then the rows will differ.
pub(super) fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Folded {
    events.into_iter().fold(Folded::default(), apply)
}

fn apply(post: Folded, event: &Event) -> Folded {
    match event.name() {
        "PostWritten" => written(&event.message()),
        "PostEdited" => edited(post, &event.message()),
        "PostReserved" => reserved(post, event.message()),
        "PostSold" => sold(post, event.message()),
        "PostReopened" | "PostUnhidden" => {
            Folded { state: State::Available, agreement: None, ..post }
        }
        "PostHidden" => Folded { state: State::Hidden, agreement: None, ..post },
        "PostDeleted" => Folded { removed: true, agreement: None, ..post },
        _ => post,
    }
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

/// What the row of a post must say.
pub(super) fn columns(row: &Row, post: &Folded) -> Result<Vec<Column>> {
    let agreement = post.agreement.as_ref();
    Ok(vec![
        ("seller", row.text("seller")?, post.seller.clone()),
        ("goods", row.text("goods")?, post.goods.clone()),
        ("price_krw", row.number("price_krw")?.to_string(), post.price_krw.to_string()),
        ("neighbourhood", row.text("neighbourhood")?, post.neighbourhood.clone()),
        ("state", row.text("state")?, state(post).to_string()),
        ("deal_id", row.id_or_null("deal_id")?, present(agreement, |deal| deal.deal_id.clone())),
        ("buyer", row.text_or_null("buyer")?, present(agreement, |deal| deal.buyer.clone())),
        (
            "agreed_price_krw",
            present(row.number_or_null("agreed_price_krw")?, |price| price.to_string()),
            present(agreement, |deal| deal.price_krw.to_string()),
        ),
    ])
}

fn state(post: &Folded) -> &'static str {
    match post.state {
        _ if post.removed => "deleted",
        State::Unspecified => "",
        State::Available => "available",
        State::Reserved => "reserved",
        State::Sold => "sold",
        State::Hidden => "hidden",
    }
}
