//! Stores in their table: the one place where columns meet states.

use jangteo_kit::execute::{Stored, Versioned};

use super::Store;
use crate::grpc::render::store;

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "store")]
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
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Store {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::store::v1::Store;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        store(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let head = jangteo_kit::head!(row);
        let entity::Model { id, owner, name, .. } = row;
        Ok(Versioned { state: Self { id, owner, name }, head })
    }

    fn write(Versioned { state: store, head }: &Versioned<Self>) -> entity::ActiveModel {
        jangteo_kit::row!(entity::ActiveModel of head {
            owner: store.owner.clone(),
            name: store.name.clone(),
            name_folded: store.name.to_lowercase(),
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
