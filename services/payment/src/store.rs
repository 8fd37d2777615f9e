//! Payments in their table: the one place where columns meet states.

use jangteo_kit::{
    decide::No,
    execute::{Stored, Versioned},
};

use crate::{
    domain::{Order, Payment, State, Step},
    grpc::shown,
};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "payment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub call_key: String,
        /// What it pays for.
        pub resource: String,
        pub payer: String,
        pub payee: String,
        pub amount_krw: i64,
        pub state: String,
        /// Why nothing is taken, as JSON.
        #[sea_orm(column_type = "Text", nullable)]
        pub why: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Payment {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::payment::v1::Payment;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        shown(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let state = state(&row)?;
        let head = jangteo_kit::head!(row);
        let order = Order { payer: row.payer, payee: row.payee, amount_krw: row.amount_krw };
        Ok(Versioned { state: Self { id: row.id, key: row.call_key, order, state }, head })
    }

    fn write(Versioned { state: payment, head }: &Versioned<Self>) -> entity::ActiveModel {
        let (name, why) = columns(&payment.state);
        jangteo_kit::row!(entity::ActiveModel of head {
            call_key: payment.key.clone(),
            resource: payment.resource().to_owned(),
            payer: payment.order.payer.clone(),
            payee: payment.order.payee.clone(),
            amount_krw: payment.order.amount_krw,
            state: name.to_owned(),
            why: why.map(No::to_json),
        })
    }
}

fn columns(state: &State) -> (&'static str, Option<&No>) {
    match state {
        State::Approving => ("approving", None),
        State::Approved => ("approved", None),
        State::Declined { why } => ("declined", Some(why)),
        State::Cancelling { step: Step::Charging, why } => ("charging", Some(why)),
        State::Cancelling { step: Step::Refunding { counted: false }, why } => {
            ("undoing", Some(why))
        }
        State::Cancelling { step: Step::Refunding { counted: true }, why } => {
            ("refunding", Some(why))
        }
        State::Cancelled { refunded: false, why } => ("undone", Some(why)),
        State::Cancelled { refunded: true, why } => ("refunded", Some(why)),
    }
}

fn state(row: &entity::Model) -> Result<State, String> {
    let why = row.why.as_deref().map(No::from_json).transpose();
    let why = why.map_err(|error| format!("payment {}: no reason: {error}", row.id))?;
    let refunding = |counted| Step::Refunding { counted };
    match (row.state.as_str(), why) {
        ("approving", None) => Ok(State::Approving),
        ("approved", None) => Ok(State::Approved),
        ("declined", Some(why)) => Ok(State::Declined { why }),
        ("charging", Some(why)) => Ok(State::Cancelling { step: Step::Charging, why }),
        ("undoing", Some(why)) => Ok(State::Cancelling { step: refunding(false), why }),
        ("refunding", Some(why)) => Ok(State::Cancelling { step: refunding(true), why }),
        ("undone", Some(why)) => Ok(State::Cancelled { refunded: false, why }),
        ("refunded", Some(why)) => Ok(State::Cancelled { refunded: true, why }),
        (state, _) => Err(format!("payment {}: state `{state}` does not fit its reason", row.id)),
    }
}

/// The names under which the table keeps a contract's state.
pub(crate) fn names(state: jangteo::payment::v1::payment::State) -> &'static [&'static str] {
    use jangteo::payment::v1::payment::State as Shown;
    match state {
        Shown::Unspecified => &[],
        Shown::Approving => &["approving"],
        Shown::Approved => &["approved"],
        Shown::Declined => &["declined"],
        Shown::Cancelling => &["charging", "undoing", "refunding"],
        Shown::Cancelled => &["undone", "refunded"],
    }
}

#[cfg(test)]
mod tests;
