//! Between the contract's messages and the domain.

use jangteo::rental::v1::{Rental as Shown, rental::State as ShownState};
use jangteo_kit::{
    event::timestamp,
    execute::{Stored, Versioned},
    status::inconsistent,
};
use tonic::Status;

use crate::{
    domain::{Refund, Rental, Standing, State},
    store::entity,
};

/// A rental as its two sides see it.
pub(crate) fn shown(Versioned { state: rental, head }: &Versioned<Rental>) -> Shown {
    let terms = rental.terms();
    let (pay_by, payment) = match &rental.state {
        State::Kept(_, standing) => (pay_by(standing), payment(standing)),
        State::Requested | State::Refused { .. } | State::Cancelled { .. } => (None, None),
    };
    Shown {
        id: head.id.to_string(),
        item_id: rental.item.to_string(),
        renter: rental.renter.clone(),
        owner: terms.map(|terms| terms.owner.clone()).unwrap_or_default(),
        item_name: terms.map(|terms| terms.item_name.clone()).unwrap_or_default(),
        price_krw: terms.map_or(0, |terms| terms.price_krw),
        state: state(&rental.state).into(),
        pay_by: pay_by.map(timestamp),
        payment_id: payment.unwrap_or_default(),
        reason: reason(&rental.state),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
    }
}

fn state(state: &State) -> ShownState {
    match state {
        State::Requested => ShownState::Requested,
        State::Refused { .. } => ShownState::Refused,
        State::Cancelled { .. } => ShownState::Cancelled,
        State::Kept(_, standing) => match standing {
            Standing::Confirmed { .. } => ShownState::Confirmed,
            Standing::Paying { .. } | Standing::Unpaying { .. } => ShownState::Paying,
            Standing::Paid { .. } => ShownState::Paid,
            Standing::Withholding(_) | Standing::Rearming(..) => ShownState::Withholding,
            Standing::Refunding { .. } => ShownState::Refunding,
            Standing::Lent { .. } => ShownState::Lent,
            Standing::Returned => ShownState::Returned,
        },
    }
}

fn pay_by(standing: &Standing) -> Option<i64> {
    match standing {
        Standing::Confirmed { pay_by, .. }
        | Standing::Paying { pay_by }
        | Standing::Unpaying { pay_by, .. } => Some(*pay_by),
        _ => None,
    }
}

fn payment(standing: &Standing) -> Option<String> {
    match standing {
        Standing::Paid { payment, .. }
        | Standing::Withholding(Refund { payment, .. })
        | Standing::Rearming(Refund { payment, .. }, _)
        | Standing::Refunding { refund: Refund { payment, .. }, .. } => Some(payment.to_string()),
        _ => None,
    }
}

fn reason(state: &State) -> String {
    match state {
        State::Refused { reason } => reason.clone(),
        State::Cancelled { why, .. } => why.reason().to_owned(),
        State::Requested | State::Kept(..) => String::new(),
    }
}

/// A row of a list as its reader sees it.
pub(super) fn row(row: entity::Model) -> Result<Shown, Status> {
    Ok(shown(&Rental::read(row).map_err(inconsistent)?))
}
