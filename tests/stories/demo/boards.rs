//! What the demo shows of a rental.

use serde_json::{Value, json};

use super::{state, text};

/// Asserts what the boards showed of the rental, the money, the review and the lists.
pub(super) fn boards_are_told(steps: &[Value]) {
    let shown = |step: usize, rpc: &str| {
        let mut rows = steps[step - 1]["myPage"].as_array().unwrap().iter();
        let row = rows.find(|row| text(&row["rpc"]).ends_with(rpc));
        row.unwrap_or_else(|| panic!("{rpc} in {}", steps[step - 1]))["shows"].clone()
    };
    for (step, rental, payments) in [
        (2, "CONFIRMED", None),
        (5, "PAID", Some((1, 0))),
        (6, "PAID", Some((1, 0))),
        (9, "CONFIRMED", Some((0, 1))),
        (10, "PAID", Some((1, 1))),
        (11, "LENT", Some((1, 1))),
        (13, "RETURNED", Some((1, 1))),
    ] {
        assert_eq!(state(&shown(step, "/GetRental")), rental, "{step}");
        let Some((approved, cancelled)) = payments else { continue };
        let page = shown(step, "/ListPayments");
        let paid = page["payments"].as_array().unwrap();
        let many = |stands: &str| paid.iter().filter(|payment| state(payment) == stands).count();
        // Others may have come to nothing, since the machine was busy.
        assert!(many("APPROVED") == approved && many("CANCELLED") >= cancelled, "{step}: {page}");
        assert!(paid.iter().all(|payment| payment["amountKrw"] == "100"), "{step}: {page}");
    }
    let refused = &steps[2]["myPage"].as_array().unwrap().last().unwrap()["shows"];
    assert_eq!((state(refused), &refused["reason"]), ("REFUSED", &json!("ITEM_RESERVED")));
    assert_eq!(shown(1, "/ListItems")["name"], "Camera");
    assert_eq!(state(&shown(13, "/GetReview")), "REQUESTED");
    assert_eq!(shown(14, "/ListItems"), Value::Null);
    assert_eq!(shown(14, "/GetReviewBoardRow")["score"], 5);
    let told: Vec<_> = steps[16]["myPage"].as_array().unwrap().iter().collect();
    let kinds: Vec<_> = told.iter().map(|row| text(&row["shows"]["kind"])).collect();
    assert_eq!(
        (kinds.first(), kinds.last()),
        (Some(&"rental_confirmed"), Some(&"review_requested"))
    );
    assert_eq!(kinds.iter().filter(|kind| **kind == "rental_paid").count(), 2);
}
