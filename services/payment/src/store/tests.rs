//! Payments come back from their table.

use jangteo_kit::execute::Head;
use sea_orm::TryIntoModel;
use uuid::Uuid;

use super::*;

fn no() -> No {
    No {
        code: 9,
        reason: "PAYMENT_DECLINED".repeat(10),
        message: "'\\\"%_; \n거절됨".repeat(500),
        retry_after_ms: Some(5),
    }
}

fn samples(id: Uuid) -> Vec<Versioned<Payment>> {
    let refunding = |counted| Step::Refunding { counted };
    let states = [
        State::Approving,
        State::Approved,
        State::Declined { why: no() },
        State::Cancelling { step: Step::Charging, why: no() },
        State::Cancelling { step: refunding(false), why: no() },
        State::Cancelling { step: refunding(true), why: no() },
        State::Cancelled { refunded: false, why: no() },
        State::Cancelled { refunded: true, why: no() },
    ];
    let head = Head {
        id,
        revision: 3,
        sequence: i64::MAX,
        correlation_id: Uuid::max(),
        create_time: i64::MIN,
        update_time: 2,
    };
    let order =
        Order { payer: "🥕".repeat(64), payee: "🥕".repeat(64), amount_krw: 1_000_000_000 };
    let with = |state| {
        let key = format!("rentals/{}/payments/{}", Uuid::max(), i64::MAX);
        Versioned { state: Payment { id, key, order: order.clone(), state }, head: head.clone() }
    };
    states.map(with).into()
}

jangteo_testing::rows_come_back!("payment", crate::migration::all, samples);

#[test]
fn a_row_that_is_no_state_is_named() {
    for (sample, state) in [(0, "declined"), (2, "approved"), (2, "paid")] {
        let mut row = Payment::write(&samples(Uuid::nil())[sample]).try_into_model().unwrap();
        state.clone_into(&mut row.state);
        assert!(Payment::read(row).unwrap_err().contains("does not fit"));
    }
    let mut row = Payment::write(&samples(Uuid::nil())[2]).try_into_model().unwrap();
    row.why = Some("later".to_owned());
    assert!(Payment::read(row).unwrap_err().contains("no reason"));
}
