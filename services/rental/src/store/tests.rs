//! Rentals come back from their table.

use jangteo_kit::{decide::No, execute::Head};
use sea_orm::TryIntoModel;
use uuid::Uuid;

use super::*;
use crate::domain::{Refund, Standing, State, Terms, Then, Why};

fn terms() -> Terms {
    Terms { owner: "🥕".repeat(64), item_name: "🥕".repeat(100), price_krw: i64::MAX }
}

fn no() -> No {
    let message = "'\\\"%_; \n거절됨".repeat(500);
    No { code: 9, reason: "ITEM_LENT".repeat(20), message, retry_after_ms: Some(5) }
}

fn standings() -> Vec<Standing> {
    let payment = Uuid::max();
    let refund = |then| Refund { payment, then };
    vec![
        Standing::Confirmed { pay_by: 9, failed: None },
        Standing::Confirmed { pay_by: i64::MIN, failed: Some(no()) },
        Standing::Paying { pay_by: 9 },
        Standing::Unpaying { pay_by: i64::MAX, why: no() },
        Standing::Paid { payment, failed: None },
        Standing::Paid { payment, failed: Some(no()) },
        Standing::Withholding(refund(Then::Cancel)),
        Standing::Withholding(refund(Then::Keep)),
        Standing::Rearming(refund(Then::Keep), no()),
        Standing::Refunding { refund: refund(Then::Cancel), again: false },
        Standing::Refunding { refund: refund(Then::Keep), again: true },
        Standing::Lent { failed: None },
        Standing::Lent { failed: Some(no()) },
        Standing::Returned,
    ]
}

fn samples(id: Uuid) -> Vec<Versioned<Rental>> {
    let mut states = vec![
        State::Requested,
        State::Refused { reason: "R".repeat(64) },
        State::Cancelled { terms: None, why: Why::ByRenter },
        State::Cancelled { terms: Some(terms()), why: Why::NotPaid },
    ];
    states.extend(standings().into_iter().map(|it| State::Kept(terms(), it)));
    let head = Head {
        id,
        revision: 3,
        sequence: 2,
        correlation_id: Uuid::max(),
        create_time: i64::MIN,
        update_time: i64::MAX,
    };
    let rental = |state| Rental {
        id,
        item: Uuid::max(),
        renter: "🥕".repeat(64),
        payments: i64::MAX,
        withholds: 1,
        state,
    };
    let with = |state| Versioned { state: rental(state), head: head.clone() };
    states.into_iter().map(with).collect()
}

jangteo_testing::rows_come_back!("rental", crate::migration::all, samples);

#[test]
fn a_row_that_is_no_state_is_named() {
    let refused = |sample: usize, change: fn(&mut entity::Model)| {
        let mut row = Rental::write(&samples(Uuid::nil())[sample]).try_into_model().unwrap();
        change(&mut row);
        Rental::read(row).unwrap_err()
    };
    assert!(refused(4, |row| row.owner = None).contains("half its terms"));
    assert!(refused(5, |row| row.why = Some("later".to_owned())).contains("no reason"));
    assert!(refused(4, |row| row.pay_by = None).contains("does not fit"));
    assert!(refused(10, |row| row.and_then = Some("wait".to_owned())).contains("does not fit"));
    assert!(refused(0, |row| row.state = "returned".to_owned()).contains("does not fit"));
}
