//! Reviews come back from their table, on every database that jangteo runs on.

use jangteo_kit::execute::Head;
use sea_orm::TryIntoModel;
use uuid::Uuid;

use super::*;

fn failed() -> No {
    No::unavailable("ITEM_UNAVAILABLE", "the item can't be asked")
}

/// Every state.
pub(crate) fn states() -> [State; 5] {
    [
        State::Requested { failed: None },
        State::Requested { failed: Some(failed()) },
        State::Writing { score: 5, asked: Asked::First },
        State::Writing { score: 4, asked: Asked::Again },
        State::Written { score: 1 },
    ]
}

pub(crate) fn stored(id: Uuid, state: State) -> Versioned<Review> {
    let head = Head {
        id,
        revision: 3,
        sequence: 2,
        correlation_id: Uuid::from_u128(3),
        create_time: 1,
        update_time: 2,
    };
    let review = Review {
        id,
        item: Uuid::from_u128(u128::MAX),
        item_name: "Camera".to_owned(),
        renter: "renter01".to_owned(),
        owner: "owner01".to_owned(),
        state,
    };
    Versioned { state: review, head }
}

/// Every state, and what strains a column.
fn samples(id: Uuid) -> Vec<Versioned<Review>> {
    let mut samples: Vec<_> = states().map(|state| stored(id, state)).into();
    let long = No {
        code: 14,
        reason: "ITEM_UNAVAILABLE".repeat(20),
        message: "'\\\"%_; \n예약됨".repeat(500),
        retry_after_ms: None,
    };
    samples.push(stored(id, State::Requested { failed: Some(long) }));
    let mut wide = stored(id, State::Written { score: i32::MAX });
    wide.state.item_name = "🥕".repeat(100);
    wide.state.renter = "🥕".repeat(64);
    wide.state.owner = "🥕".repeat(64);
    (wide.head.revision, wide.head.sequence) = (i64::MAX, i64::MAX);
    (wide.head.create_time, wide.head.update_time) = (i64::MIN, i64::MAX);
    samples.push(wide);
    samples
}

jangteo_testing::rows_come_back!("review", crate::migration::all, samples);

#[test]
fn a_row_that_is_no_state_is_named() {
    let review = stored(Uuid::from_u128(1), State::Written { score: 5 });
    let row = Review::write(&review).try_into_model().unwrap();
    let refused = |change: fn(&mut entity::Model)| {
        let mut row = row.clone();
        change(&mut row);
        Review::read(row).unwrap_err()
    };
    assert!(refused(|row| row.failed = Some("later".to_owned())).contains("no reason"));
    for change in [
        |row: &mut entity::Model| row.score = None,
        |row: &mut entity::Model| row.state = "requested".to_owned(),
        |row: &mut entity::Model| row.state = "Written".to_owned(),
        |row: &mut entity::Model| row.failed = Some(failed().to_json()),
    ] {
        assert!(refused(change).contains("does not fit"));
    }
}
