//! Channels in their table: the one place where columns meet states.

use jangteo::notification::v1::Language;
use jangteo_kit::execute::{Stored, Versioned};

use super::{Channel, State};
use crate::grpc::channels::shown;

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "channel")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub owner: String,
        pub language: String,
        pub state: String,
        /// Where it leads, until it is deleted.
        pub address: Option<String>,
        /// A code to be confirmed, or what webhooks are signed with.
        pub secret: Option<String>,
        pub delete_time: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The state of a channel that speaks mail.
pub(crate) const MAIL: &str = "mail";
/// The state of one that speaks webhook.
pub(crate) const WEBHOOK: &str = "webhook";
/// The state of one that nobody sees.
pub(crate) const DELETED: &str = "deleted";

impl Stored for Channel {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::notification::v1::Channel;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        shown(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let head = jangteo_kit::head!(row);
        let language = Language::from_str_name(&row.language)
            .ok_or_else(|| format!("channel {}: no language `{}`", row.id, row.language))?;
        let state = state(&row)?;
        Ok(Versioned { state: Self { id: row.id, owner: row.owner, language, state }, head })
    }

    fn write(Versioned { state: channel, head }: &Versioned<Self>) -> entity::ActiveModel {
        let Columns { state, address, secret, delete_time } = columns(&channel.state);
        jangteo_kit::row!(entity::ActiveModel of head {
            owner: channel.owner.clone(),
            language: channel.language.as_str_name().to_owned(),
            state: state.to_owned(),
            address: address.map(str::to_owned),
            secret: secret.map(str::to_owned),
            delete_time: delete_time,
        })
    }
}

/// What a state is in the table.
struct Columns<'a> {
    state: &'static str,
    address: Option<&'a str>,
    secret: Option<&'a str>,
    delete_time: Option<i64>,
}

fn columns(state: &State) -> Columns<'_> {
    let of = |state, address, secret| Columns { state, address, secret, delete_time: None };
    match state {
        State::Unconfirmed { address, code } => of("unconfirmed", Some(address), Some(code)),
        State::Mail { address } => of(MAIL, Some(address), None),
        State::Webhook { url, secret } => of(WEBHOOK, Some(url), Some(secret)),
        State::Deleted { at } => Columns { delete_time: Some(*at), ..of(DELETED, None, None) },
    }
}

fn state(row: &entity::Model) -> Result<State, String> {
    let (address, secret) = (row.address.clone(), row.secret.clone());
    match (row.state.as_str(), address, secret, row.delete_time) {
        ("unconfirmed", Some(address), Some(code), None) => {
            Ok(State::Unconfirmed { address, code })
        }
        (MAIL, Some(address), None, None) => Ok(State::Mail { address }),
        (WEBHOOK, Some(url), Some(secret), None) => Ok(State::Webhook { url, secret }),
        (DELETED, None, None, Some(at)) => Ok(State::Deleted { at }),
        (state, ..) => Err(format!("channel {}: state `{state}` does not fit its columns", row.id)),
    }
}

#[cfg(test)]
mod tests;
