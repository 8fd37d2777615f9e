//! Deals in their table: the one place where columns meet states.

use jangteo_kit::{
    decide::No,
    execute::{Stored, Versioned},
};

use crate::{
    domain::{Deal, Meeting, State, Step, Terms, Undo},
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
        pub offer_id: Uuid,
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
        let state = state(&row)?;
        let head = jangteo_kit::head!(row);
        let meeting = Meeting { time: row.meeting_time, place: row.meeting_place };
        let (offer, seller) = (row.offer_id, row.seller);
        Ok(Versioned { state: Self { id: row.id, offer, seller, meeting, state }, head })
    }

    fn write(Versioned { state: deal, head }: &Versioned<Self>) -> entity::ActiveModel {
        let (name, terms, why) = columns(&deal.state);
        jangteo_kit::row!(entity::ActiveModel of head {
            offer_id: deal.offer,
            seller: deal.seller.clone(),
            meeting_time: deal.meeting.time,
            meeting_place: deal.meeting.place.clone(),
            state: name.to_owned(),
            post_id: terms.map(|terms| terms.post),
            buyer: terms.map(|terms| terms.buyer.clone()),
            price_krw: terms.map(|terms| terms.price_krw),
            why: why.map(No::to_json),
        })
    }
}

fn columns(state: &State) -> (&'static str, Option<&Terms>, Option<&No>) {
    match state {
        State::Reserving(Step::Taking) => ("taking", None, None),
        State::Reserving(Step::Holding(terms)) => ("holding", Some(terms), None),
        State::Abandoning { undo: Undo::Post(terms), why } => {
            ("releasing_post", Some(terms), Some(why))
        }
        State::Abandoning { undo: Undo::Offer, why } => ("releasing_offer", None, Some(why)),
        State::Abandoned { why } => ("abandoned", None, Some(why)),
        State::Reserved(terms) => ("reserved", Some(terms), None),
        State::Ended(terms) => ("ended", Some(terms), None),
        State::Cancelled(terms) => ("cancelled", Some(terms), None),
    }
}

fn state(row: &entity::Model) -> Result<State, String> {
    match (row.state.as_str(), terms(row)?, why(row)?) {
        ("taking", None, None) => Ok(State::Reserving(Step::Taking)),
        ("holding", Some(terms), None) => Ok(State::Reserving(Step::Holding(terms))),
        ("releasing_post", Some(terms), Some(why)) => {
            Ok(State::Abandoning { undo: Undo::Post(terms), why })
        }
        ("releasing_offer", None, Some(why)) => Ok(State::Abandoning { undo: Undo::Offer, why }),
        ("abandoned", None, Some(why)) => Ok(State::Abandoned { why }),
        ("reserved", Some(terms), None) => Ok(State::Reserved(terms)),
        ("ended", Some(terms), None) => Ok(State::Ended(terms)),
        ("cancelled", Some(terms), None) => Ok(State::Cancelled(terms)),
        (state, ..) => Err(format!("deal {}: state `{state}` does not fit its columns", row.id)),
    }
}

fn terms(row: &entity::Model) -> Result<Option<Terms>, String> {
    match (row.post_id, &row.buyer, row.price_krw) {
        (None, None, None) => Ok(None),
        (Some(post), Some(buyer), Some(price_krw)) => {
            Ok(Some(Terms { post, buyer: buyer.clone(), price_krw }))
        }
        _ => Err(format!("deal {}: half its terms", row.id)),
    }
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
        Shown::Unspecified => &["reserved", "ended", "cancelled"],
        Shown::Reserved => &["reserved"],
        Shown::Ended => &["ended"],
        Shown::Cancelled => &["cancelled"],
    }
}

#[cfg(test)]
pub(crate) mod tests;
