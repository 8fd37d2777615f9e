//! Items in their table: the one place where columns meet states.

use jangteo_kit::execute::{Stored, Versioned};

use crate::{
    domain::{Hold, Item, Listing, Payments, State},
    grpc::shown,
};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub owner: String,
        pub name: String,
        /// In lower case, to be searched.
        pub name_folded: String,
        pub price_krw: i64,
        /// Its name; of one that is retired under a rental, that it is held for the last time.
        pub state: String,
        pub rental_id: Option<Uuid>,
        pub renter: Option<String>,
        pub paid: Option<i64>,
        pub withheld: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Item {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::item::v1::Item;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        shown(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let state = state(&row).map_err(|why| format!("item {}: {why}", row.id))?;
        let head = jangteo_kit::head!(row);
        let listing = Listing { name: row.name, price_krw: row.price_krw };
        Ok(Versioned { state: Self { id: row.id, owner: row.owner, listing, state }, head })
    }

    fn write(Versioned { state: item, head }: &Versioned<Self>) -> entity::ActiveModel {
        let (name, hold, payments) = columns(&item.state);
        jangteo_kit::row!(entity::ActiveModel of head {
            owner: item.owner.clone(),
            name: item.listing.name.clone(),
            name_folded: item.listing.name.to_lowercase(),
            price_krw: item.listing.price_krw,
            state: name.to_owned(),
            rental_id: hold.map(|hold| hold.rental),
            renter: hold.map(|hold| hold.renter.clone()),
            paid: payments.map(|payments| payments.paid),
            withheld: payments.map(|payments| payments.withheld),
        })
    }
}

fn columns(state: &State) -> (&'static str, Option<&Hold>, Option<&Payments>) {
    match state {
        State::Rentable => ("rentable", None, None),
        State::Reserved(hold, payments) => {
            let name = if hold.retired { "reserved_last" } else { "reserved" };
            (name, Some(hold), Some(payments))
        }
        State::Lent(hold) => (if hold.retired { "lent_last" } else { "lent" }, Some(hold), None),
        State::Retired => ("retired", None, None),
        State::Deleted => ("deleted", None, None),
        State::Unknown => ("unknown", None, None),
    }
}

fn state(row: &entity::Model) -> Result<State, String> {
    match (row.state.as_str(), hold(row)?, payments(row)?) {
        ("rentable", None, None) => Ok(State::Rentable),
        ("reserved" | "reserved_last", Some(hold), Some(payments)) => {
            Ok(State::Reserved(hold, payments))
        }
        ("lent" | "lent_last", Some(hold), None) => Ok(State::Lent(hold)),
        ("retired", None, None) => Ok(State::Retired),
        ("deleted", None, None) => Ok(State::Deleted),
        ("unknown", None, None) => Ok(State::Unknown),
        (state, ..) => Err(format!("state `{state}` does not fit its columns")),
    }
}

fn hold(row: &entity::Model) -> Result<Option<Hold>, String> {
    let retired = matches!(row.state.as_str(), "reserved_last" | "lent_last");
    match (row.rental_id, &row.renter) {
        (None, None) => Ok(None),
        (Some(rental), Some(renter)) => Ok(Some(Hold { rental, renter: renter.clone(), retired })),
        _ => Err("half a hold".to_owned()),
    }
}

fn payments(row: &entity::Model) -> Result<Option<Payments>, String> {
    match (row.paid, row.withheld) {
        (None, None) => Ok(None),
        (Some(paid), Some(withheld)) => Ok(Some(Payments { paid, withheld })),
        _ => Err("half its payments".to_owned()),
    }
}

/// The names under which the table keeps a contract's state; of no state in particular: all that
/// everybody is shown. What is retired under a rental is among the retired.
pub(crate) fn names(state: jangteo::item::v1::item::State) -> &'static [&'static str] {
    use jangteo::item::v1::item::State as Shown;
    match state {
        Shown::Unspecified => &["rentable", "reserved", "lent"],
        Shown::Rentable => &["rentable"],
        Shown::Reserved => &["reserved"],
        Shown::Lent => &["lent"],
        Shown::Retired => &["retired", "reserved_last", "lent_last"],
        Shown::Deleted => &["deleted"],
    }
}

#[cfg(test)]
pub(crate) mod tests;
