//! Posts in their table: the one place where columns meet states.

use jangteo_kit::execute::{Stored, Versioned};

use crate::{
    domain::{Agreement, Listing, Post, State},
    grpc::shown,
};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "post")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub seller: String,
        pub goods: String,
        /// In lower case, to be searched.
        pub goods_folded: String,
        pub price_krw: i64,
        pub neighbourhood: String,
        pub state: String,
        pub deal_id: Option<Uuid>,
        pub offer_id: Option<Uuid>,
        pub buyer: Option<String>,
        pub agreed_price_krw: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Post {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::post::v1::Post;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        shown(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let state = state(&row)?;
        let listing = Listing {
            goods: row.goods,
            price_krw: row.price_krw,
            neighbourhood: row.neighbourhood,
        };
        let head = jangteo_kit::head!(row);
        Ok(Versioned { state: Self { id: row.id, seller: row.seller, listing, state }, head })
    }

    fn write(Versioned { state: post, head }: &Versioned<Self>) -> entity::ActiveModel {
        let (name, agreement) = columns(&post.state);
        jangteo_kit::row!(entity::ActiveModel of head {
            seller: post.seller.clone(),
            goods: post.listing.goods.clone(),
            goods_folded: post.listing.goods.to_lowercase(),
            price_krw: post.listing.price_krw,
            neighbourhood: post.listing.neighbourhood.clone(),
            state: name.to_owned(),
            deal_id: agreement.map(|agreement| agreement.deal),
            offer_id: agreement.map(|agreement| agreement.offer),
            buyer: agreement.map(|agreement| agreement.buyer.clone()),
            agreed_price_krw: agreement.map(|agreement| agreement.price_krw),
        })
    }
}

fn columns(state: &State) -> (&'static str, Option<&Agreement>) {
    match state {
        State::Available => ("available", None),
        State::Reserved(agreement) => ("reserved", Some(agreement)),
        State::Sold(agreement) => ("sold", Some(agreement)),
        State::Hidden => ("hidden", None),
        State::Deleted => ("deleted", None),
    }
}

fn state(row: &entity::Model) -> Result<State, String> {
    let agreement = match (row.deal_id, row.offer_id, &row.buyer, row.agreed_price_krw) {
        (None, None, None, None) => None,
        (Some(deal), Some(offer), Some(buyer), Some(price_krw)) => {
            Some(Agreement { deal, offer, buyer: buyer.clone(), price_krw })
        }
        _ => return Err(format!("post {}: half an agreement", row.id)),
    };
    match (row.state.as_str(), agreement) {
        ("available", None) => Ok(State::Available),
        ("reserved", Some(agreement)) => Ok(State::Reserved(agreement)),
        ("sold", Some(agreement)) => Ok(State::Sold(agreement)),
        ("hidden", None) => Ok(State::Hidden),
        ("deleted", None) => Ok(State::Deleted),
        (state, _) => Err(format!("post {}: state `{state}` does not fit its agreement", row.id)),
    }
}

/// The name under which the table keeps a contract's state; none for the unspecified one.
pub(crate) fn name(state: jangteo::post::v1::post::State) -> Option<&'static str> {
    use jangteo::post::v1::post::State as Shown;
    match state {
        Shown::Unspecified => None,
        Shown::Available => Some("available"),
        Shown::Reserved => Some("reserved"),
        Shown::Sold => Some("sold"),
        Shown::Hidden => Some("hidden"),
        Shown::Deleted => Some("deleted"),
    }
}

#[cfg(test)]
mod tests;
