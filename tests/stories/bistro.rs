//! A kitchen to look into while something happens: its cook, a customer and a courier.

use std::time::{Duration, Instant};

use jangteo_testing::until;

use super::{
    market::{Client, KITCHENS, Layout, Market},
    refusal::says_when_to_retry,
    trade::SOON,
};
use crate::{mesh::Database, seller::reason};

/// How long an answer may take that says that somebody is away (500 and 610 ms), with time to spare for
/// a busy machine.
const BOUND: Duration = Duration::from_secs(10);

/// A kitchen in a market.
pub(super) struct Bistro {
    pub(super) market: Market,
    pub(super) cook: Client,
    pub(super) customer: Client,
    pub(super) rider: Client,
    pub(super) store: String,
    /// What is on its menu.
    pub(super) dish: String,
}

impl Bistro {
    /// One in this market.
    pub(super) async fn of(market: Market) -> Self {
        let [cook, customer] = ["cook01", "customer01"].map(|name| market.person(name));
        let rider = market.courier("rider01");
        let store = cook.opens_store().await;
        let dish = cook.serves_dish(&store).await;
        Self { market, cook, customer, rider, store, dish }
    }

    /// One in a market with these contexts apart, so that a test can stop them.
    pub(super) async fn with_alone(contexts: &[&'static str]) -> Self {
        let layout = Layout::together(KITCHENS, Database::Sqlite).alone(contexts);
        Self::of(Market::start(layout).await.unwrap()).await
    }

    /// One in a market that a test can stop between orders and whomever they ask, and between orders and
    /// the broker, by which alone they hear of events.
    pub(super) async fn gated() -> Self {
        let layout = Layout::together(KITCHENS, Database::Sqlite).alone(&["order"]);
        let market = Market::gated(layout, &[("JANGTEO_COMPARE_MS", "3600000")]).await;
        Self::of(market).await
    }

    /// An order of one portion that its store has to answer.
    pub(super) async fn ordered(&self) -> String {
        let order = self.customer.orders_at_last(&self.dish, 1).await.id().to_owned();
        self.cook.sees_ticket(&order, "STATE_RECEIVED").await;
        order
    }

    /// An order that its store has taken on, and that knows it.
    pub(super) async fn accepted(&self) -> String {
        let order = self.ordered().await;
        self.cook.accepts(&order).await.unwrap();
        self.customer.sees_order(&order, "STATE_PREPARING").await;
        order
    }

    /// An order that is cooked, and waits for its courier.
    pub(super) async fn cooked(&self) -> String {
        let order = self.accepted().await;
        self.cook.starts_cooking(&order).await.unwrap();
        self.cook.finishes_cooking(&order).await.unwrap();
        self.customer.sees_delivery(&order, "STATE_STARTED").await;
        order
    }

    /// Has a courier bring what is cooked.
    pub(super) async fn brings(&self, order: &str) {
        self.customer.sees_delivery(order, "STATE_STARTED").await;
        self.rider.picks_up(order).await.unwrap();
        self.customer.sees_order(order, "STATE_DELIVERING").await;
        self.rider.completes(order).await.unwrap();
        self.customer.sees_order(order, "STATE_DELIVERED").await;
    }

    /// Orders until it is refused for this reason, since a busy machine may refuse it for another one
    /// first. Each refusal comes in time, and says when to come back.
    pub(super) async fn refuses(&self, expected: &str) {
        let refused = async || {
            let since = Instant::now();
            let answer = self.customer.orders(&self.dish, 1).await;
            let status = answer.expect_err("whoever is needed is away");
            assert!(says_when_to_retry(&status), "{status:?}");
            assert!(since.elapsed() < BOUND, "it took {:?}", since.elapsed());
            (reason(&status) == expected).then_some(())
        };
        until(SOON, refused).await;
    }

    /// Asserts that there is no order, no ticket and no charge, and that nobody heard of any.
    pub(super) async fn has_sold_nothing(&self) {
        let operator = self.market.operator();
        assert!(self.customer.own_orders().await.is_empty());
        assert!(operator.events("order").await.is_empty(), "nobody heard of it");
        assert!(self.cook.tickets().await.is_empty());
        // What was on its way to payment may arrive late, and goes back.
        let uncharged = async || {
            let charges = operator.charges().await;
            charges.iter().all(|charge| charge["state"] != "STATE_CHARGED").then_some(())
        };
        until(SOON, uncharged).await;
    }

    /// Waits until all money is where it belongs; nothing is ever counted.
    pub(super) async fn balances(&self) {
        self.market.balances(&[&self.customer]).await;
        self.cook.sees_stock(&self.dish, 0, 0).await;
    }
}
