//! Deliveries in their table: the one place where columns meet states.

use jangteo::delivery::v1::delivery::State as Shown;
use jangteo_kit::execute::{Stored, Versioned};

use crate::{
    domain::{Delivery, Destination, State},
    grpc::shown,
};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "delivery")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub customer: String,
        pub seller: String,
        pub courier: Option<String>,
        pub address: Option<String>,
        pub phone_number: Option<String>,
        pub state: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Delivery {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::delivery::v1::Delivery;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        shown(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let named = |why: String| format!("delivery {}: {why}", row.id);
        let state = state(&row).map_err(named)?;
        let destination = destination(&row).map_err(named)?;
        let head = jangteo_kit::head!(row);
        let entity::Model { id, customer, seller, .. } = row;
        Ok(Versioned { state: Self { id, customer, seller, destination, state }, head })
    }

    fn write(Versioned { state: delivery, head }: &Versioned<Self>) -> entity::ActiveModel {
        let destination = delivery.destination.as_ref();
        jangteo_kit::row!(entity::ActiveModel of head {
            customer: delivery.customer.clone(),
            seller: delivery.seller.clone(),
            courier: delivery.courier().map(str::to_owned),
            address: destination.map(|destination| destination.address.clone()),
            phone_number: destination.map(|destination| destination.phone_number.clone()),
            state: name(&delivery.state).to_owned(),
        })
    }
}

/// The name of the state that waits for a courier.
pub(crate) const STARTED: &str = "started";

fn name(state: &State) -> &'static str {
    match state {
        State::Started => STARTED,
        State::PickedUp { .. } => "picked_up",
        State::Delivered { .. } => "delivered",
        State::Cancelled => "cancelled",
    }
}

fn state(row: &entity::Model) -> Result<State, String> {
    match (row.state.as_str(), row.courier.clone()) {
        (STARTED, None) => Ok(State::Started),
        ("picked_up", Some(courier)) => Ok(State::PickedUp { courier }),
        ("delivered", Some(courier)) => Ok(State::Delivered { courier }),
        ("cancelled", None) => Ok(State::Cancelled),
        (state, _) => Err(format!("state `{state}` does not fit its columns")),
    }
}

fn destination(row: &entity::Model) -> Result<Option<Destination>, String> {
    match (row.address.clone(), row.phone_number.clone()) {
        (None, None) => Ok(None),
        (Some(address), Some(phone_number)) => Ok(Some(Destination { address, phone_number })),
        _ => Err("half a destination".to_owned()),
    }
}

/// The names under which the table keeps a contract's state; of no state in particular: all.
pub(crate) fn names(state: Shown) -> &'static [&'static str] {
    match state {
        Shown::Unspecified => &[STARTED, "picked_up", "delivered", "cancelled"],
        Shown::Started => &[STARTED],
        Shown::PickedUp => &["picked_up"],
        Shown::Delivered => &["delivered"],
        Shown::Cancelled => &["cancelled"],
    }
}

#[cfg(test)]
pub(crate) mod tests;
