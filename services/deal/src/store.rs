//! Deals in their table: the one place where columns meet states.

use jangteo_kit::{
    decide::No,
    execute::{Stored, Versioned},
};
use uuid::Uuid;

use crate::{
    domain::{Deal, Meeting, Offered, State, Step, Subject, Terms, Undo},
    grpc::shown,
};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "deal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        /// Nil of a product.
        pub offer_id: Uuid,
        /// Empty as long as the stock has not said who sells.
        pub seller: String,
        pub meeting_time: Option<i64>,
        pub meeting_place: String,
        pub state: String,
        pub post_id: Option<Uuid>,
        pub buyer: Option<String>,
        pub price_krw: Option<i64>,
        /// Why it did not come about, as JSON.
        #[sea_orm(column_type = "Text", nullable)]
        pub why: Option<String>,
        pub product_id: Option<Uuid>,
        pub quantity: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Deal {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::deal::v1::Deal;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        shown(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let subject = subject(&row)?;
        let state = state(&row)?;
        let head = jangteo_kit::head!(row);
        let asker = match subject {
            Subject::Offer(_) => row.seller,
            Subject::Product { .. } => {
                row.buyer.ok_or_else(|| format!("deal {}: nobody buys", row.id))?
            }
        };
        let meeting = Meeting { time: row.meeting_time, place: row.meeting_place };
        Ok(Versioned { state: Self { id: row.id, subject, asker, meeting, state }, head })
    }

    fn write(Versioned { state: deal, head }: &Versioned<Self>) -> entity::ActiveModel {
        let (name, why) = columns(&deal.state);
        let Facts { post, seller, buyer, price_krw } = facts(deal);
        let (offer, product) = match deal.subject {
            Subject::Offer(id) => (id, None),
            Subject::Product { id, quantity } => (Uuid::nil(), Some((id, quantity))),
        };
        jangteo_kit::row!(entity::ActiveModel of head {
            offer_id: offer,
            seller: seller,
            meeting_time: deal.meeting.time,
            meeting_place: deal.meeting.place.clone(),
            state: name.to_owned(),
            post_id: post,
            buyer: buyer,
            price_krw: price_krw,
            why: why.map(No::to_json),
            product_id: product.map(|(id, _)| id),
            quantity: product.map(|(_, quantity)| quantity),
        })
    }
}

/// What is known of the goods and the two sides.
struct Facts {
    post: Option<Uuid>,
    seller: String,
    buyer: Option<String>,
    price_krw: Option<i64>,
}

fn facts(deal: &Deal) -> Facts {
    let (post, seller, buyer, price_krw) = match (&deal.state, deal.subject) {
        (
            State::Reserving(Step::Holding(offered))
            | State::Abandoning { undo: Undo::Post(offered), .. },
            _,
        ) => {
            let Offered { post, buyer, price_krw } = offered;
            (Some(*post), &deal.asker, Some(buyer), Some(*price_krw))
        }
        (State::Reserved(terms) | State::Ended(terms) | State::Cancelled(terms), _) => {
            (terms.post, &terms.seller, Some(&terms.buyer), Some(terms.price_krw))
        }
        (_, Subject::Offer(_)) => (None, &deal.asker, None, None),
        (_, Subject::Product { .. }) => (None, &String::new(), Some(&deal.asker), None),
    };
    Facts { post, seller: seller.clone(), buyer: buyer.cloned(), price_krw }
}

fn columns(state: &State) -> (&'static str, Option<&No>) {
    match state {
        State::Reserving(Step::Taking) => ("taking", None),
        State::Reserving(Step::Holding(_)) => ("holding", None),
        State::Reserving(Step::Stocking) => ("stocking", None),
        State::Abandoning { undo: Undo::Post(_), why } => ("releasing_post", Some(why)),
        State::Abandoning { undo: Undo::Offer, why } => ("releasing_offer", Some(why)),
        State::Abandoning { undo: Undo::Stock, why } => ("releasing_stock", Some(why)),
        State::Abandoned { why } => ("abandoned", Some(why)),
        State::Refused { why } => ("refused", Some(why)),
        State::Reserved(_) => ("reserved", None),
        State::Ended(_) => ("ended", None),
        State::Cancelled(_) => ("cancelled", None),
    }
}

fn subject(row: &entity::Model) -> Result<Subject, String> {
    match (row.offer_id, row.product_id, row.quantity) {
        (offer, None, None) if !offer.is_nil() => Ok(Subject::Offer(offer)),
        (offer, Some(id), Some(quantity)) if offer.is_nil() => {
            Ok(Subject::Product { id, quantity })
        }
        _ => Err(format!("deal {}: neither from an offer nor of a product", row.id)),
    }
}

fn state(row: &entity::Model) -> Result<State, String> {
    use State::{Abandoned, Abandoning, Cancelled, Ended, Refused, Reserved, Reserving};
    let of_product = row.product_id.is_some();
    match (row.state.as_str(), of_product, terms(row)?, why(row)?) {
        ("taking", false, None, None) => Ok(Reserving(Step::Taking)),
        ("holding", false, Some(terms), None) => Ok(Reserving(Step::Holding(offered(row, terms)?))),
        ("stocking", true, None, None) => Ok(Reserving(Step::Stocking)),
        ("releasing_post", false, Some(terms), Some(why)) => {
            Ok(Abandoning { undo: Undo::Post(offered(row, terms)?), why })
        }
        ("releasing_offer", false, None, Some(why)) => Ok(Abandoning { undo: Undo::Offer, why }),
        ("releasing_stock", true, None, Some(why)) => Ok(Abandoning { undo: Undo::Stock, why }),
        ("abandoned", _, None, Some(why)) => Ok(Abandoned { why }),
        ("refused", true, None, Some(why)) => Ok(Refused { why }),
        ("reserved", _, Some(terms), None) => Ok(Reserved(terms)),
        ("ended", _, Some(terms), None) => Ok(Ended(terms)),
        ("cancelled", _, Some(terms), None) => Ok(Cancelled(terms)),
        (state, ..) => Err(format!("deal {}: state `{state}` does not fit its columns", row.id)),
    }
}

/// What was agreed on, or would be: from an offer all at once, of a product the buyer is known before.
fn terms(row: &entity::Model) -> Result<Option<Terms>, String> {
    let of_product = row.product_id.is_some();
    match (of_product, row.post_id, &row.buyer, row.price_krw) {
        (false, None, None, None) | (true, None, Some(_), None) => Ok(None),
        (false, post @ Some(_), Some(buyer), Some(price_krw))
        | (true, post @ None, Some(buyer), Some(price_krw)) => {
            let (seller, buyer) = (row.seller.clone(), buyer.clone());
            Ok(Some(Terms { post, seller, buyer, price_krw }))
        }
        _ => Err(format!("deal {}: half its terms", row.id)),
    }
}

fn offered(row: &entity::Model, terms: Terms) -> Result<Offered, String> {
    let post = terms.post.ok_or_else(|| format!("deal {}: an offer on no post", row.id))?;
    Ok(Offered { post, buyer: terms.buyer, price_krw: terms.price_krw })
}

fn why(row: &entity::Model) -> Result<Option<No>, String> {
    let read = row.why.as_deref().map(No::from_json).transpose();
    read.map_err(|error| format!("deal {}: no reason: {error}", row.id))
}

/// The names under which the table keeps a contract's state; of no state in particular: all that
/// somebody may see.
pub(crate) fn names(state: jangteo::deal::v1::deal::State) -> &'static [&'static str] {
    use jangteo::deal::v1::deal::State as Shown;
    match state {
        Shown::Unspecified => &["reserved", "ended", "cancelled", "refused"],
        Shown::Reserved => &["reserved"],
        Shown::Ended => &["ended"],
        Shown::Cancelled => &["cancelled"],
        Shown::Refused => &["refused"],
    }
}

#[cfg(test)]
pub(crate) mod tests;
