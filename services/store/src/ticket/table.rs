//! Tickets in their table: the one place where columns meet states.

mod lines;

use jangteo::store::v1::ticket::State as Shown;
use jangteo_kit::execute::{Stored, Versioned};

use super::{State, Ticket, Why};
use crate::grpc::render::ticket;

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub store_id: Uuid,
        pub customer: String,
        pub seller: String,
        /// What to cook, as JSON.
        #[sea_orm(column_type = "Text")]
        pub lines: String,
        pub state: String,
        /// Why it is not made.
        pub reject_reason: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Ticket {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::store::v1::Ticket;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        ticket(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let named = |why: String| format!("ticket {}: {why}", row.id);
        let state = state(&row).map_err(named)?;
        let lines = lines::read(&row.lines).map_err(named)?;
        let head = jangteo_kit::head!(row);
        let entity::Model { id, store_id: store, customer, seller, .. } = row;
        Ok(Versioned { state: Self { id, store, customer, seller, lines, state }, head })
    }

    fn write(Versioned { state: ticket, head }: &Versioned<Self>) -> entity::ActiveModel {
        let (state, reject_reason) = columns(ticket.state);
        jangteo_kit::row!(entity::ActiveModel of head {
            store_id: ticket.store,
            customer: ticket.customer.clone(),
            seller: ticket.seller.clone(),
            lines: lines::json(&ticket.lines),
            state: state.to_owned(),
            reject_reason: reject_reason.map(str::to_owned),
        })
    }
}

/// The name of the state that nobody sees.
pub(crate) const ARRIVING: &str = "arriving";

fn columns(state: State) -> (&'static str, Option<&'static str>) {
    match state {
        State::Arriving => (ARRIVING, None),
        State::Received => ("received", None),
        State::Accepted => ("accepted", None),
        State::Cooking => ("cooking", None),
        State::Cooked => ("cooked", None),
        State::Rejected { why } => ("rejected", Some(why.name())),
        State::Cancelled => ("cancelled", None),
    }
}

fn state(row: &entity::Model) -> Result<State, String> {
    match (row.state.as_str(), row.reject_reason.as_deref()) {
        (ARRIVING, None) => Ok(State::Arriving),
        ("received", None) => Ok(State::Received),
        ("accepted", None) => Ok(State::Accepted),
        ("cooking", None) => Ok(State::Cooking),
        ("cooked", None) => Ok(State::Cooked),
        ("rejected", Some("BY_STORE")) => Ok(State::Rejected { why: Why::ByStore }),
        ("rejected", Some("STORE_NOT_FOUND")) => Ok(State::Rejected { why: Why::StoreNotFound }),
        ("cancelled", None) => Ok(State::Cancelled),
        (state, _) => Err(format!("state `{state}` does not fit its columns")),
    }
}

/// The name under which the table keeps a contract's state; none: any that somebody may see.
pub(crate) fn name(state: Shown) -> Option<&'static str> {
    match state {
        Shown::Unspecified => None,
        Shown::Received => Some("received"),
        Shown::Accepted => Some("accepted"),
        Shown::Cooking => Some("cooking"),
        Shown::Cooked => Some("cooked"),
        Shown::Rejected => Some("rejected"),
        Shown::Cancelled => Some("cancelled"),
    }
}

#[cfg(test)]
pub(crate) mod tests;
