//! What the demo shows of orders.

use serde_json::Value;

use super::{state, text};

/// What a step shows of what this RPC answers, in its order.
fn shown<'a>(step: &'a Value, rpc: &str) -> Vec<&'a Value> {
    let rows = step["myPage"].as_array().expect("rows are a list").iter();
    let rows = rows.filter(|row| text(&row["rpc"]).ends_with(rpc));
    rows.map(|row| &row["shows"]).collect()
}

/// Asserts what customers and the cook saw of what was to be cooked, and what the first one was told.
pub(super) fn meals_are_told(steps: &[Value]) {
    for (step, quantity, total, why, ticket) in [
        (3, "21", "462000", "", "RECEIVED"),
        (5, "21", "462000", "", "COOKING"),
        (9, "21", "462000", "", "COOKED"),
        (12, "1", "22000", "BY_CUSTOMER", "CANCELLED"),
        (14, "2", "44000", "STORE_REJECTED", "REJECTED"),
    ] {
        let step = &steps[step - 1];
        let (order, cooked) = (shown(step, "/GetOrder")[0], shown(step, "/GetTicket")[0]);
        assert_eq!(
            (text(&order["totalKrw"]), text(&order["cancelReason"])),
            (total, why),
            "{step}"
        );
        assert_eq!(text(&cooked["lines"][0]["quantity"]), quantity, "{step}");
        assert_eq!((state(cooked), &cooked["id"]), (ticket, &order["id"]), "{step}");
    }
    let all = [
        "delivery_started",
        "order_accepted",
        "order_delivered",
        "order_delivering",
        "order_placed",
    ];
    assert_eq!(kinds(&steps[14]), all);
}

/// What kinds of things somebody reads that he was told, in the order of their names.
fn kinds(step: &Value) -> Vec<&str> {
    let told = shown(step, "/ListNotifications");
    let mut kinds: Vec<_> = told.into_iter().map(|told| text(&told["kind"])).collect();
    kinds.sort_unstable();
    kinds
}

/// Asserts what both customers saw of their orders, and what the second one was told.
pub(super) fn orders_are_told(steps: &[Value]) {
    for (step, stand) in [
        (1, ""),
        (2, "PLACED"),
        (3, "PLACED"),
        (4, "PLACED PLACED"),
        (5, "CANCELLED PLACED"),
        (6, "CANCELLED DELIVERING"),
        (7, "CANCELLED DELIVERED"),
    ] {
        let orders = shown(&steps[step - 1], "/GetOrder");
        let stands: Vec<_> = orders.into_iter().map(state).collect();
        assert_eq!(stands.join(" "), stand, "{step}");
    }
    let orders = shown(&steps[4], "/GetOrder");
    let prices: Vec<_> = orders.iter().map(|order| text(&order["totalKrw"])).collect();
    assert_eq!(prices, ["150000", "350000"]);
    assert_eq!(orders[0]["cancelReason"], "BY_CUSTOMER");
    let all = ["delivery_started", "order_delivered", "order_delivering", "order_placed"];
    assert_eq!(kinds(&steps[7]), all);
}
