//! Rentals in their table: the one place where columns meet states.

mod columns;

use jangteo_kit::execute::{Stored, Versioned};

use self::columns::{Columns, state};
use crate::{domain::Rental, grpc::shown};

pub(crate) use self::columns::names;

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "rental")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub item_id: Uuid,
        pub renter: String,
        pub payments: i64,
        pub withholds: i64,
        pub state: String,
        /// None until the item has answered.
        pub owner: Option<String>,
        pub item_name: Option<String>,
        pub price_krw: Option<i64>,
        pub pay_by: Option<i64>,
        pub payment_id: Option<Uuid>,
        /// What becomes of it when its money is back.
        pub and_then: Option<String>,
        /// Why it was refused.
        pub reason: Option<String>,
        /// Why the last question came to nothing, as JSON.
        #[sea_orm(column_type = "Text", nullable)]
        pub why: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Rental {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::rental::v1::Rental;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        shown(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let state = state(&row).map_err(|why| format!("rental {}: {why}", row.id))?;
        let head = jangteo_kit::head!(row);
        let rental = Self {
            id: row.id,
            item: row.item_id,
            renter: row.renter,
            payments: row.payments,
            withholds: row.withholds,
            state,
        };
        Ok(Versioned { state: rental, head })
    }

    fn write(Versioned { state: rental, head }: &Versioned<Self>) -> entity::ActiveModel {
        let columns = Columns::of(&rental.state);
        let terms = rental.terms();
        jangteo_kit::row!(entity::ActiveModel of head {
            item_id: rental.item,
            renter: rental.renter.clone(),
            payments: rental.payments,
            withholds: rental.withholds,
            state: columns.name.to_owned(),
            owner: terms.map(|terms| terms.owner.clone()),
            item_name: terms.map(|terms| terms.item_name.clone()),
            price_krw: terms.map(|terms| terms.price_krw),
            pay_by: columns.pay_by,
            payment_id: columns.payment,
            and_then: columns.then.map(str::to_owned),
            reason: columns.reason.map(str::to_owned),
            why: columns.why.map(jangteo_kit::decide::No::to_json),
        })
    }
}

#[cfg(test)]
mod tests;
