//! Orders in their table: the one place where columns meet states.

mod columns;
mod lines;

use jangteo_kit::{
    decide::No,
    execute::{Stored, Versioned},
};

use self::columns::{Columns, state};
use crate::{
    domain::{Destination, Order},
    grpc::shown,
};

pub(crate) use self::columns::names;

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    /// `order` is a word of SQL.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "customer_order")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub customer: String,
        /// What was asked for, as JSON.
        #[sea_orm(column_type = "Text")]
        pub wanted: String,
        pub address: String,
        pub phone_number: String,
        pub expected_total_krw: Option<i64>,
        pub cancels: i64,
        pub state: String,
        /// None until the stock has answered.
        pub seller: Option<String>,
        /// The lines of what was sold, as JSON.
        #[sea_orm(column_type = "Text", nullable)]
        pub sold: Option<String>,
        pub payment_id: Option<Uuid>,
        /// The store that makes it; none: it is there.
        pub store_id: Option<Uuid>,
        /// What it goes back to if it is too late to call it off.
        pub cancelling_from: Option<String>,
        /// Why the last question came to nothing, as JSON.
        #[sea_orm(column_type = "Text", nullable)]
        pub why: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Order {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::order::v1::Order;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        shown(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let told = |why| format!("order {}: {why}", row.id);
        let state = state(&row).map_err(told)?;
        let wanted = lines::wanted(&row.wanted).map_err(told)?;
        let head = jangteo_kit::head!(row);
        let (address, phone_number) = (row.address, row.phone_number);
        let order = Self {
            id: row.id,
            customer: row.customer,
            wanted,
            destination: Destination { address, phone_number },
            expected_total_krw: row.expected_total_krw,
            cancels: row.cancels,
            state,
        };
        Ok(Versioned { state: order, head })
    }

    fn write(Versioned { state: order, head }: &Versioned<Self>) -> entity::ActiveModel {
        let columns = Columns::of(&order.state);
        jangteo_kit::row!(entity::ActiveModel of head {
            customer: order.customer.clone(),
            wanted: lines::wanted_json(&order.wanted),
            address: order.destination.address.clone(),
            phone_number: order.destination.phone_number.clone(),
            expected_total_krw: order.expected_total_krw,
            cancels: order.cancels,
            state: columns.name.to_owned(),
            seller: columns.sold.map(|sold| sold.seller.clone()),
            sold: columns.sold.map(|sold| lines::sold_json(&sold.lines)),
            payment_id: columns.payment,
            store_id: columns.sold.and_then(|sold| sold.store),
            cancelling_from: columns.from.map(str::to_owned),
            why: columns.why.map(No::to_json),
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
