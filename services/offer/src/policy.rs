//! What becomes of offers when posts are sold or deleted, and deals come to their end.

use jangteo::{
    deal::v1::{DealCancelled, DealEnded},
    post::v1::{PostDeleted, PostSold},
};
use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Index, Orders, Target},
};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use crate::{
    domain::{Command, Gone, Offer},
    store::{entity::Column, name},
};

/// The offers for a post that close when the post goes: those that are open, or ask about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenFor {
    /// The post.
    pub(crate) post: Uuid,
    /// But not this one.
    pub(crate) but: Option<Uuid>,
}

impl Follows for Offer {
    type Index = OpenFor;
    const SOURCES: &'static [&'static str] = &["post", "deal"];

    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        let (id, at) = (event.aggregate_id, event.time);
        if let Some(sold) = event.message::<PostSold>()? {
            return post_sold(id, &sold, at);
        }
        if event.message::<PostDeleted>()?.is_some() {
            return Ok(post_deleted(id, at));
        }
        if let Some(DealEnded { offer_id, .. }) = event.message()? {
            return one(&offer_id, Command::Complete { deal: id, at });
        }
        if let Some(DealCancelled { offer_id, .. }) = event.message()? {
            return one(&offer_id, Command::Reopen { deal: id });
        }
        Ok(vec![])
    }
}

impl Index<Offer> for OpenFor {
    fn select(&self) -> Condition {
        Condition::all()
            .add(Column::PostId.eq(self.post))
            .add(Column::State.is_in([name::ASKING, name::PENDING, name::ACCEPTED]))
            .add_option(self.but.map(|but| Column::Id.ne(but)))
    }

    fn finds(&self, offer: &Offer) -> bool {
        offer.post == self.post && offer.closes_with_post() && self.but != Some(offer.id)
    }
}

/// A-F12: all close but the one that won; that one completes.
fn post_sold(post: Uuid, sold: &PostSold, at: i64) -> Result<Orders<Offer>, Unfit> {
    let (won, deal) = (sold.offer_id.parse()?, sold.deal_id.parse()?);
    let others = OpenFor { post, but: Some(won) };
    Ok(vec![
        (Target::One(won), Command::Complete { deal, at }),
        (Target::Each(others), Command::Close { why: Gone::Sold, at }),
    ])
}

fn post_deleted(post: Uuid, at: i64) -> Orders<Offer> {
    let all = OpenFor { post, but: None };
    vec![(Target::Each(all), Command::Close { why: Gone::Deleted, at })]
}

/// For the offer that a deal comes from; one that names none comes from something else.
fn one(offer: &str, command: Command) -> Result<Orders<Offer>, Unfit> {
    if offer.is_empty() {
        return Ok(vec![]);
    }
    Ok(vec![(Target::One(offer.parse()?), command)])
}

#[cfg(test)]
mod tests;
