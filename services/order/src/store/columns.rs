//! What the columns hold of a state, both ways.

use jangteo_kit::decide::No;
use uuid::Uuid;

use super::{entity, lines};
use crate::domain::{Purchase, Rank, Sold, Standing, State, Undo, Why};

/// What the columns hold of a state.
#[derive(Default)]
pub(super) struct Columns<'a> {
    pub(super) name: &'static str,
    pub(super) sold: Option<&'a Sold>,
    pub(super) payment: Option<Uuid>,
    pub(super) from: Option<&'static str>,
    pub(super) why: Option<&'a No>,
}

impl<'a> Columns<'a> {
    /// Those of a state.
    pub(super) fn of(state: &'a State) -> Self {
        match state {
            State::Holding => Self::named("holding"),
            State::Paying(sold) => Self { sold: Some(sold), ..Self::named("paying") },
            State::Abandoning { undo, why } => Self { why: Some(why), ..Self::undo(undo) },
            State::Abandoned { why } => Self { why: Some(why), ..Self::named("abandoned") },
            State::Bought(Purchase { sold, payment }, standing) => {
                Self { sold: Some(sold), payment: Some(*payment), ..Self::standing(standing) }
            }
        }
    }

    fn undo(undo: &'a Undo) -> Self {
        match undo {
            Undo::Stock => Self::named("undoing_stock"),
            Undo::StockThenPayment(sold) => {
                Self { sold: Some(sold), ..Self::named("undoing_both") }
            }
            Undo::Payment(sold) => Self { sold: Some(sold), ..Self::named("undoing_payment") },
        }
    }

    fn standing(standing: &'a Standing) -> Self {
        match standing {
            Standing::Reached { rank, failed } => {
                Self { why: failed.as_ref(), ..Self::named(rank_name(*rank)) }
            }
            Standing::Cancelling { from, again } => {
                let name = if *again { "cancelling_again" } else { "cancelling" };
                Self { from: Some(rank_name(*from)), ..Self::named(name) }
            }
            Standing::Cancelled { why } => Self::named(cancelled_name(*why)),
        }
    }

    fn named(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }
}

fn cancelled_name(why: Why) -> &'static str {
    match why {
        Why::ByCustomer => "cancelled",
        Why::StoreRejected => "store_rejected",
        Why::StoreCancelled => "store_cancelled",
        Why::DeliveryCancelled => "delivery_cancelled",
    }
}

fn rank_name(rank: Rank) -> &'static str {
    match rank {
        Rank::Placed => "placed",
        Rank::Preparing => "preparing",
        Rank::Delivering => "delivering",
        Rank::Delivered => "delivered",
    }
}

/// The state that a row holds.
pub(super) fn state(row: &entity::Model) -> Result<State, String> {
    match (row.state.as_str(), sold(row)?, row.payment_id, from(row)?, why(row)?) {
        ("holding", None, None, None, None) => Ok(State::Holding),
        ("paying", Some(sold), None, None, None) => Ok(State::Paying(sold)),
        ("undoing_stock", None, None, None, Some(why)) => {
            Ok(State::Abandoning { undo: Undo::Stock, why })
        }
        ("undoing_both", Some(sold), None, None, Some(why)) => {
            Ok(State::Abandoning { undo: Undo::StockThenPayment(sold), why })
        }
        ("undoing_payment", Some(sold), None, None, Some(why)) => {
            Ok(State::Abandoning { undo: Undo::Payment(sold), why })
        }
        ("abandoned", None, None, None, Some(why)) => Ok(State::Abandoned { why }),
        (name, Some(sold), Some(payment), from, why) => {
            let standing = standing(name, from, why).ok_or_else(|| misfit(name))?;
            Ok(State::Bought(Purchase { sold, payment }, standing))
        }
        (name, ..) => Err(misfit(name)),
    }
}

fn standing(name: &str, from: Option<Rank>, why: Option<No>) -> Option<Standing> {
    match (name, from, why) {
        ("cancelling", Some(from), None) => Some(Standing::Cancelling { from, again: false }),
        ("cancelling_again", Some(from), None) => Some(Standing::Cancelling { from, again: true }),
        (name, None, failed) => match (cancelled(name), failed) {
            (Some(why), None) => Some(Standing::Cancelled { why }),
            (Some(_), Some(_)) => None,
            (None, failed) => Some(Standing::Reached { rank: rank(name)?, failed }),
        },
        _ => None,
    }
}

fn cancelled(name: &str) -> Option<Why> {
    match name {
        "cancelled" => Some(Why::ByCustomer),
        "store_rejected" => Some(Why::StoreRejected),
        "store_cancelled" => Some(Why::StoreCancelled),
        "delivery_cancelled" => Some(Why::DeliveryCancelled),
        _ => None,
    }
}

fn rank(name: &str) -> Option<Rank> {
    match name {
        "placed" => Some(Rank::Placed),
        "preparing" => Some(Rank::Preparing),
        "delivering" => Some(Rank::Delivering),
        "delivered" => Some(Rank::Delivered),
        _ => None,
    }
}

fn sold(row: &entity::Model) -> Result<Option<Sold>, String> {
    match (&row.seller, row.store_id, &row.sold) {
        (None, None, None) => Ok(None),
        (Some(seller), store, Some(sold)) => {
            Ok(Some(Sold { seller: seller.clone(), store, lines: lines::sold(sold)? }))
        }
        _ => Err("half of what was sold".to_owned()),
    }
}

fn from(row: &entity::Model) -> Result<Option<Rank>, String> {
    let Some(name) = row.cancelling_from.as_deref() else { return Ok(None) };
    rank(name).map(Some).ok_or_else(|| format!("nothing goes back to `{name}`"))
}

fn why(row: &entity::Model) -> Result<Option<No>, String> {
    let why = row.why.as_deref().map(No::from_json).transpose();
    why.map_err(|error| format!("no reason: {error}"))
}

fn misfit(name: &str) -> String {
    format!("state `{name}` does not fit its columns")
}

/// The names under which the table keeps a contract's state; of no state in particular: all that
/// somebody may see.
pub(crate) fn names(state: jangteo::order::v1::order::State) -> &'static [&'static str] {
    use jangteo::order::v1::order::State as Shown;
    match state {
        Shown::Unspecified => &[
            "placed",
            "preparing",
            "delivering",
            "delivered",
            "cancelling",
            "cancelling_again",
            "cancelled",
            "store_rejected",
            "store_cancelled",
            "delivery_cancelled",
        ],
        Shown::Placed => &["placed"],
        Shown::Preparing => &["preparing"],
        Shown::Delivering => &["delivering"],
        Shown::Delivered => &["delivered"],
        Shown::Cancelling => &["cancelling", "cancelling_again"],
        Shown::Cancelled => {
            &["cancelled", "store_rejected", "store_cancelled", "delivery_cancelled"]
        }
    }
}
