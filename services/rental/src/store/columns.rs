//! What the columns hold of a state, both ways.

use jangteo_kit::decide::No;
use uuid::Uuid;

use super::entity;
use crate::domain::{Refund, Standing, State, Terms, Then, Why};

/// What the columns hold of a state, beside its terms.
#[derive(Default)]
pub(super) struct Columns<'a> {
    pub(super) name: &'static str,
    pub(super) pay_by: Option<i64>,
    pub(super) payment: Option<Uuid>,
    pub(super) then: Option<&'static str>,
    pub(super) reason: Option<&'a str>,
    pub(super) why: Option<&'a No>,
}

impl<'a> Columns<'a> {
    /// Those of a state.
    pub(super) fn of(state: &'a State) -> Self {
        let named = |name| Self { name, ..Self::default() };
        match state {
            State::Requested => named("requested"),
            State::Refused { reason } => Self { reason: Some(reason), ..named("refused") },
            State::Cancelled { why: Why::ByRenter, .. } => named("cancelled"),
            State::Cancelled { why: Why::NotPaid, .. } => named("not_paid"),
            State::Kept(_, standing) => Self::standing(standing),
        }
    }

    fn standing(standing: &'a Standing) -> Self {
        let named = |name| Self { name, ..Self::default() };
        match standing {
            Standing::Confirmed { pay_by, failed } => {
                Self { pay_by: Some(*pay_by), why: failed.as_ref(), ..named("confirmed") }
            }
            Standing::Paying { pay_by } => Self { pay_by: Some(*pay_by), ..named("paying") },
            Standing::Unpaying { pay_by, why } => {
                Self { pay_by: Some(*pay_by), why: Some(why), ..named("unpaying") }
            }
            Standing::Paid { payment, failed } => {
                Self { payment: Some(*payment), why: failed.as_ref(), ..named("paid") }
            }
            Standing::Withholding(refund) => Self::refund("withholding", *refund),
            Standing::Rearming(refund, why) => {
                Self { why: Some(why), ..Self::refund("rearming", *refund) }
            }
            Standing::Refunding { refund, again: false } => Self::refund("refunding", *refund),
            Standing::Refunding { refund, again: true } => Self::refund("refunding_again", *refund),
            Standing::Lent { failed } => Self { why: failed.as_ref(), ..named("lent") },
            Standing::Returned => named("returned"),
        }
    }

    fn refund(name: &'static str, refund: Refund) -> Self {
        let then = match refund.then {
            Then::Cancel => "cancel",
            Then::Keep => "keep",
        };
        Self { name, payment: Some(refund.payment), then: Some(then), ..Self::default() }
    }
}

/// The state that a row holds.
pub(super) fn state(row: &entity::Model) -> Result<State, String> {
    let terms = terms(row)?;
    match (row.state.as_str(), terms, &row.reason) {
        ("requested", None, None) => Ok(State::Requested),
        ("refused", None, Some(reason)) => Ok(State::Refused { reason: reason.clone() }),
        ("cancelled", terms, None) => Ok(State::Cancelled { terms, why: Why::ByRenter }),
        ("not_paid", terms, None) => Ok(State::Cancelled { terms, why: Why::NotPaid }),
        (_, Some(terms), None) => Ok(State::Kept(terms, standing(row)?)),
        _ => Err(misfit(row)),
    }
}

fn standing(row: &entity::Model) -> Result<Standing, String> {
    let why = row.why.as_deref().map(No::from_json).transpose();
    let why = why.map_err(|error| format!("no reason: {error}"))?;
    match (row.state.as_str(), row.pay_by, refund(row)?, row.payment_id, why) {
        ("confirmed", Some(pay_by), None, None, failed) => {
            Ok(Standing::Confirmed { pay_by, failed })
        }
        ("paying", Some(pay_by), None, None, None) => Ok(Standing::Paying { pay_by }),
        ("unpaying", Some(pay_by), None, None, Some(why)) => Ok(Standing::Unpaying { pay_by, why }),
        ("paid", None, None, Some(payment), failed) => Ok(Standing::Paid { payment, failed }),
        ("withholding", None, Some(refund), _, None) => Ok(Standing::Withholding(refund)),
        ("rearming", None, Some(refund), _, Some(why)) => Ok(Standing::Rearming(refund, why)),
        ("refunding", None, Some(refund), _, None) => {
            Ok(Standing::Refunding { refund, again: false })
        }
        ("refunding_again", None, Some(refund), _, None) => {
            Ok(Standing::Refunding { refund, again: true })
        }
        ("lent", None, None, None, failed) => Ok(Standing::Lent { failed }),
        ("returned", None, None, None, None) => Ok(Standing::Returned),
        _ => Err(misfit(row)),
    }
}

fn refund(row: &entity::Model) -> Result<Option<Refund>, String> {
    match (row.payment_id, row.and_then.as_deref()) {
        (_, None) => Ok(None),
        (Some(payment), Some("cancel")) => Ok(Some(Refund { payment, then: Then::Cancel })),
        (Some(payment), Some("keep")) => Ok(Some(Refund { payment, then: Then::Keep })),
        _ => Err(misfit(row)),
    }
}

fn terms(row: &entity::Model) -> Result<Option<Terms>, String> {
    match (&row.owner, &row.item_name, row.price_krw) {
        (None, None, None) => Ok(None),
        (Some(owner), Some(item_name), Some(price_krw)) => {
            Ok(Some(Terms { owner: owner.clone(), item_name: item_name.clone(), price_krw }))
        }
        _ => Err("half its terms".to_owned()),
    }
}

fn misfit(row: &entity::Model) -> String {
    format!("state `{}` does not fit its columns", row.state)
}

/// The names under which the table keeps a contract's state.
pub(crate) fn names(state: jangteo::rental::v1::rental::State) -> &'static [&'static str] {
    use jangteo::rental::v1::rental::State as Shown;
    match state {
        Shown::Unspecified => &[],
        Shown::Requested => &["requested"],
        Shown::Confirmed => &["confirmed"],
        Shown::Paying => &["paying", "unpaying"],
        Shown::Paid => &["paid"],
        Shown::Withholding => &["withholding", "rearming"],
        Shown::Refunding => &["refunding", "refunding_again"],
        Shown::Lent => &["lent"],
        Shown::Returned => &["returned"],
        Shown::Cancelled => &["cancelled", "not_paid"],
        Shown::Refused => &["refused"],
    }
}
