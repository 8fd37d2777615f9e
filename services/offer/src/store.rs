//! Offers in their table: the one place where columns meet states.

use jangteo_kit::{
    decide::No,
    execute::{Stored, Versioned},
};
use uuid::Uuid;

use crate::{
    domain::{Offer, Open, Rejection, Standing, State, Terms},
    grpc::shown,
};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "offer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub post_id: Uuid,
        pub buyer: String,
        pub proposed_krw: Option<i64>,
        pub open_since: i64,
        pub checks: i64,
        /// Its name; while an offer asks again, of what it will be.
        pub state: String,
        pub asks_again: bool,
        /// None until post has said yes.
        pub seller: Option<String>,
        pub list_price_krw: Option<i64>,
        pub deal_id: Option<Uuid>,
        /// In a deal, the name of what it was before.
        pub was: Option<String>,
        /// Abandoned, the reason as JSON.
        #[sea_orm(column_type = "Text", nullable)]
        pub why: Option<String>,
        /// The post of which this is the one accepted offer.
        pub accepted_post: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The names of states. Clients filter by those of the contract, policies by the open ones.
pub(crate) mod name {
    pub(crate) const ASKING: &str = "asking";
    pub(crate) const ABANDONED: &str = "abandoned";
    pub(crate) const PENDING: &str = "pending";
    pub(crate) const ACCEPTED: &str = "accepted";
    pub(crate) const IN_DEAL: &str = "in_deal";
    pub(crate) const REFUSED: &str = "refused";
    pub(crate) const WITHDRAWN: &str = "withdrawn";
    pub(crate) const COMPLETED: &str = "completed";
    pub(crate) const AUTO_CANCELLED: &str = "auto_cancelled";
    pub(crate) const EXPIRED: &str = "expired";
}

impl Stored for Offer {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::offer::v1::Offer;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        shown(versioned)
    }

    fn unique(&self) -> Option<(&'static str, Uuid)> {
        self.accepted_post().map(|post| ("accepted_post", post))
    }

    fn taken(what: &str) -> Option<Rejection> {
        what.contains("accepted_post").then_some(Rejection::AnotherAccepted)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let state = state(&row).map_err(|why| format!("offer {}: {why}", row.id))?;
        let head = jangteo_kit::head!(row);
        let offer = Self {
            id: row.id,
            post: row.post_id,
            buyer: row.buyer,
            proposed_krw: row.proposed_krw,
            open_since: row.open_since,
            checks: row.checks,
            state,
        };
        Ok(Versioned { state: offer, head })
    }

    fn write(Versioned { state: offer, head }: &Versioned<Self>) -> entity::ActiveModel {
        let columns = columns(&offer.state);
        jangteo_kit::row!(entity::ActiveModel of head {
            post_id: offer.post,
            buyer: offer.buyer.clone(),
            proposed_krw: offer.proposed_krw,
            open_since: offer.open_since,
            checks: offer.checks,
            state: columns.name.to_owned(),
            asks_again: columns.asks_again,
            seller: columns.terms.map(|terms| terms.seller.clone()),
            list_price_krw: columns.terms.map(|terms| terms.list_price_krw),
            deal_id: columns.deal,
            was: columns.was.map(str::to_owned),
            why: columns.why.map(No::to_json),
            accepted_post: offer.accepted_post(),
        })
    }
}

/// What the columns hold of a state.
#[derive(Default)]
struct Columns<'a> {
    name: &'static str,
    asks_again: bool,
    terms: Option<&'a Terms>,
    deal: Option<Uuid>,
    was: Option<&'static str>,
    why: Option<&'a No>,
}

fn columns(state: &State) -> Columns<'_> {
    match state {
        State::Asking => Columns { name: name::ASKING, ..Columns::default() },
        State::Abandoned(why) => {
            Columns { name: name::ABANDONED, why: Some(why), ..Columns::default() }
        }
        State::Made(terms, standing) => Columns { terms: Some(terms), ..of(*standing) },
    }
}

fn of(standing: Standing) -> Columns<'static> {
    let plain = |name| Columns { name, ..Columns::default() };
    match standing {
        Standing::Open(open) => plain(open_name(open)),
        Standing::AskingAgain(open) => Columns { asks_again: true, ..plain(open_name(open)) },
        Standing::InDeal { deal, was } => {
            Columns { deal: Some(deal), was: Some(open_name(was)), ..plain(name::IN_DEAL) }
        }
        Standing::Refused => plain(name::REFUSED),
        Standing::Withdrawn => plain(name::WITHDRAWN),
        Standing::Completed { deal } => Columns { deal: Some(deal), ..plain(name::COMPLETED) },
        Standing::AutoCancelled => plain(name::AUTO_CANCELLED),
        Standing::Expired => plain(name::EXPIRED),
    }
}

fn open_name(open: Open) -> &'static str {
    match open {
        Open::Pending => name::PENDING,
        Open::Accepted => name::ACCEPTED,
    }
}

fn state(row: &entity::Model) -> Result<State, String> {
    let terms = match (&row.seller, row.list_price_krw) {
        (None, None) => return unmade(row),
        (Some(seller), Some(list_price_krw)) => Terms { seller: seller.clone(), list_price_krw },
        _ => return Err("half of its terms".to_owned()),
    };
    Ok(State::Made(terms, standing(row)?))
}

fn unmade(row: &entity::Model) -> Result<State, String> {
    match (row.state.as_str(), row.asks_again, row.deal_id, &row.was, &row.why) {
        (name::ASKING, false, None, None, None) => Ok(State::Asking),
        (name::ABANDONED, false, None, None, Some(why)) => No::from_json(why).map(State::Abandoned),
        _ => Err(misfit(row)),
    }
}

fn standing(row: &entity::Model) -> Result<Standing, String> {
    let name = row.state.as_str();
    match (name, row.asks_again, row.deal_id, row.was.as_deref(), &row.why) {
        (_, false, None, None, None) => match name {
            name::REFUSED => Ok(Standing::Refused),
            name::WITHDRAWN => Ok(Standing::Withdrawn),
            name::AUTO_CANCELLED => Ok(Standing::AutoCancelled),
            name::EXPIRED => Ok(Standing::Expired),
            _ => open(row, name).map(Standing::Open),
        },
        (_, true, None, None, None) => open(row, name).map(Standing::AskingAgain),
        (name::IN_DEAL, false, Some(deal), Some(was), None) => {
            Ok(Standing::InDeal { deal, was: open(row, was)? })
        }
        (name::COMPLETED, false, Some(deal), None, None) => Ok(Standing::Completed { deal }),
        _ => Err(misfit(row)),
    }
}

fn open(row: &entity::Model, name: &str) -> Result<Open, String> {
    match name {
        name::PENDING => Ok(Open::Pending),
        name::ACCEPTED => Ok(Open::Accepted),
        _ => Err(misfit(row)),
    }
}

fn misfit(row: &entity::Model) -> String {
    format!("state `{}` does not fit the other columns", row.state)
}

#[cfg(test)]
pub(crate) mod tests;
