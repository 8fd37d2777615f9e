//! Many who want the same roses, the same order or the same delivery at once: each has it once, or not at
//! all.
//!
//! E-F2, E-F4, E-F5, E-F9; E.13-2, E.13-3; S.3-3, S.3-4, S.3-5.

use std::{collections::BTreeSet, time::Duration};

use futures::{StreamExt as _, future::join_all, stream};
use jangteo_testing::until;
use serde_json::json;
use tokio::time::timeout;
use tonic::{Code, Status};

use super::{
    market::{Client, FLOWERS, Market, Reply, on_each_database},
    ordering::of_pieces,
    refusal::refused,
    renting::patiently,
    shop::{BUNCHES, Shop},
    trade::SOON,
};
use crate::{
    mesh::Database,
    pace::is_full,
    seller::{reason, request_id},
};

on_each_database!(
    FLOWERS: a_crowd_buys_exactly_what_is_there,
    ten_times_the_same_request_is_one_order_and_one_charge,
    of_two_couriers_one_has_a_delivery,
    of_a_picking_up_and_a_calling_off_at_once_one_comes_true,
);

/// How long a machine that is far too busy may take to serve a crowd.
const PATIENCE: Duration = Duration::from_mins(3);
const RIDERS: [&str; 2] = ["rider01", "rider02"];

/// Asks for a bunch, once; whether he has it. Else there is none to be had at the moment, or nobody had
/// the time to look.
async fn buys_one(customer: &Client, roses: &str) -> bool {
    let Err(status) = customer.orders(roses, 1).await else { return true };
    let later = [Code::Unavailable, Code::Aborted, Code::ResourceExhausted];
    assert!(later.contains(&status.code()) || reason(&status) == "OUT_OF_STOCK", "{status:?}");
    false
}

/// E-F9, E.13-2, E.13-3, S.3-4
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_customers_buy_exactly_fifty_bunches() {
    sells_out(Market::of(FLOWERS, Database::Sqlite).await, 200, 50).await;
}

/// E-F9, E.13-2, E.13-3, S.3-4
async fn a_crowd_buys_exactly_what_is_there(market: Market) {
    let (crowd, stock) = if is_full() { (200, 50) } else { (40, 10) };
    sells_out(market, crowd, stock).await;
}

/// All come at once, and then again, fewer at a time, as long as anything is left. Whatever a round has
/// not sold is there again after it.
async fn sells_out(market: Market, crowd: usize, stock: i64) {
    let florist = market.person("florist01");
    let roses = florist.stocks_roses(stock).await;
    let customers = (0..crowd).map(|number| market.person(&format!("customer{number:03}")));
    let customers: Vec<_> = customers.collect();
    let mut waiting: Vec<&Client> = customers.iter().collect();
    let (mut left, mut at_once) = (stock, crowd);
    let rush = async {
        while left > 0 {
            let asked = stream::iter(&waiting).map(|customer| buys_one(customer, &roses));
            let served: Vec<bool> = asked.buffered(at_once).collect().await;
            let mut has_one = served.iter();
            waiting.retain(|_| has_one.next() == Some(&false));
            let sold = served.iter().filter(|served| **served).count();
            left -= i64::try_from(sold).unwrap();
            assert!(left >= 0, "{left} are left");
            florist.sees_stock_within(PATIENCE, &roses, [left, left]).await;
            at_once = (at_once / 2).max(4);
        }
    };
    timeout(2 * PATIENCE, rush).await.expect("all are sold in the end");

    let late = market.person("late01");
    let answer = patiently(|| late.orders(&roses, 1)).await;
    refused(answer, Code::FailedPrecondition, "OUT_OF_STOCK");
    let customers: Vec<_> = customers.iter().collect();
    market.balances(&customers).await;
    let charges = market.operator().charges().await;
    let standing = charges.iter().filter(|charge| charge["state"] == "STATE_CHARGED").count();
    assert_eq!(i64::try_from(standing).unwrap(), stock);
    florist.sees_stock(&roses, 0, 0).await;
}

/// The order that came of a request, or why none did.
fn came(answer: Result<Reply, Status>) -> Result<String, String> {
    answer.map(|order| order.id().to_owned()).map_err(|status| reason(&status))
}

/// E-F2, S.3-3: they are all told the same, and so is whoever asks again later.
async fn ten_times_the_same_request_is_one_order_and_one_charge(market: Market) {
    let shop = Shop::of(market).await;
    let Shop { market, customer, roses, .. } = &shop;
    // Long enough for the others to come while it is being paid.
    market.operator().has_provider(json!({"latencyMs": 100})).await;
    let clients: Vec<_> = (0..10).map(|_| customer.elsewhere(market)).collect();
    let placed = async || {
        let mut body = of_pieces(roses, 3);
        body["requestId"] = json!(request_id().to_string());
        let calls = clients.iter().map(|client| client.order("PlaceOrder", body.clone()));
        let mut told: BTreeSet<_> = join_all(calls).await.into_iter().map(came).collect();
        // Whoever has waited for too long may ask again.
        told.remove(&Err("REQUEST_RUNNING".to_owned()));
        assert_eq!(told.len(), 1, "one answer: {told:?}");
        let order = told.pop_first()?.ok()?;
        Some((order, body))
    };
    let (order, body) = until(SOON, placed).await;
    let again = patiently(|| customer.order("PlaceOrder", body.clone())).await.unwrap();
    assert_eq!(again.id(), order);
    let orders = customer.own_orders().await;
    let ids: Vec<_> = orders.iter().map(|order| order["id"].as_str().unwrap_or_default()).collect();
    assert_eq!(ids, [order.as_str()]);
    shop.balances(BUNCHES - 3).await;
}

/// E-F4: the other one sees no delivery any more.
async fn of_two_couriers_one_has_a_delivery(market: Market) {
    let shop = Shop::of(market).await;
    let riders = RIDERS.map(|name| shop.market.courier(name).elsewhere(&shop.market));
    for _ in 0..6 {
        let order = shop.ordered().await;
        let [one, other] = riders.each_ref().map(|rider| rider.picks_up(&order));
        let (won, taken, lost) = match tokio::join!(one, other) {
            (Ok(taken), other) => (0, taken, other),
            (one, other) => (1, other.expect("one of them has it"), one),
        };
        assert_eq!(taken.text("courier"), RIDERS[won]);
        refused(lost, Code::FailedPrecondition, "DELIVERY_PICKED_UP");
        let (rider, other) = (&riders[won], &riders[1 - won]);
        for answer in [other.completes(&order).await, other.finds_delivery(&order).await] {
            refused(answer, Code::NotFound, "DELIVERY_NOT_FOUND");
        }
        rider.completes(&order).await.unwrap();
        shop.customer.sees_order(&order, "STATE_DELIVERED").await;
    }
    shop.balances(BUNCHES - 6).await;
}

/// Asserts that it was too late to call an order off; who is not told so in time finds out.
#[track_caller]
fn too_late(answer: Result<Reply, Status>) {
    match answer {
        Ok(order) => assert_eq!(order.text("state"), "STATE_CANCELLING"),
        Err(status) => {
            let known = ["DELIVERY_PICKED_UP", "ORDER_DELIVERING", "DELIVERY_UNAVAILABLE"];
            assert!(known.contains(&&*reason(&status)), "{status:?}");
        }
    }
}

/// E-F5, S.3-4, S.3-5: money and stock are where the winner says.
async fn of_a_picking_up_and_a_calling_off_at_once_one_comes_true(market: Market) {
    let shop = Shop::of(market).await;
    let rider = shop.rider.elsewhere(&shop.market);
    let mut left = BUNCHES;
    for _ in 0..8 {
        let order = shop.ordered().await;
        let (taken, back) = tokio::join!(rider.picks_up(&order), shop.customer.cancels(&order));
        let states = if taken.is_ok() {
            left -= 1;
            too_late(back);
            ["STATE_DELIVERING", "STATE_PICKED_UP"]
        } else {
            refused(taken, Code::FailedPrecondition, "DELIVERY_CANCELLED");
            back.expect("one of them comes true");
            ["STATE_CANCELLED", "STATE_CANCELLED"]
        };
        shop.customer.sees_order(&order, states[0]).await;
        shop.customer.sees_delivery(&order, states[1]).await;
    }
    shop.balances(left).await;
}
