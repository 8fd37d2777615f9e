//! Charges in their table: the one place where columns meet states.

use jangteo_kit::execute::{Stored, Versioned};

use crate::{domain::Charge, grpc::shown};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "charge")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub call_key: String,
        pub payer: String,
        pub amount_krw: i64,
        pub refunded: bool,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Charge {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::provider::v1::Charge;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        shown(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let head = jangteo_kit::head!(row);
        let state = Self {
            id: row.id,
            key: row.call_key,
            payer: row.payer,
            amount_krw: row.amount_krw,
            refunded: row.refunded,
        };
        Ok(Versioned { state, head })
    }

    fn write(Versioned { state: charge, head }: &Versioned<Self>) -> entity::ActiveModel {
        jangteo_kit::row!(entity::ActiveModel of head {
            call_key: charge.key.clone(),
            payer: charge.payer.clone(),
            amount_krw: charge.amount_krw,
            refunded: charge.refunded,
        })
    }
}

#[cfg(test)]
mod tests;
