//! A flower shop to look into while something happens: its florist, a customer and a courier.

use std::time::{Duration, Instant};

use jangteo_testing::until;

use super::{
    market::{Client, FLOWERS, Layout, Market},
    refusal::says_when_to_retry,
    trade::SOON,
};
use crate::{mesh::Database, seller::reason};

/// How many bunches of roses there are at first.
pub(super) const BUNCHES: i64 = 10;
/// How long an answer may take that says that somebody is away (500 and 610 ms), with time to spare for
/// a busy machine.
const BOUND: Duration = Duration::from_secs(10);

/// A flower shop in a market.
pub(super) struct Shop {
    pub(super) market: Market,
    pub(super) florist: Client,
    pub(super) customer: Client,
    pub(super) rider: Client,
    /// The roses, by the bunch.
    pub(super) roses: String,
}

impl Shop {
    /// One in this market.
    pub(super) async fn of(market: Market) -> Self {
        let [florist, customer] = ["florist01", "customer01"].map(|name| market.person(name));
        let rider = market.courier("rider01");
        let roses = florist.stocks_roses(BUNCHES).await;
        Self { market, florist, customer, rider, roses }
    }

    /// One in a market with these contexts apart, so that a test can stop them.
    pub(super) async fn with_alone(contexts: &[&'static str]) -> Self {
        let layout = Layout::together(FLOWERS, Database::Sqlite).alone(contexts);
        Self::of(Market::start(layout).await.unwrap()).await
    }

    /// One in a market that a test can stop between orders and whomever they ask, and between orders and
    /// the broker, by which alone they hear of events.
    pub(super) async fn gated() -> Self {
        let layout = Layout::together(FLOWERS, Database::Sqlite).alone(&["order"]);
        let market = Market::gated(layout, &[("JANGTEO_COMPARE_MS", "3600000")]).await;
        Self::of(market).await
    }

    /// An order of one bunch that waits for its courier.
    pub(super) async fn ordered(&self) -> String {
        let order = self.customer.orders_at_last(&self.roses, 1).await.id().to_owned();
        self.customer.sees_delivery(&order, "STATE_STARTED").await;
        order
    }

    /// Orders until it is refused for this reason, since a busy machine may refuse it for another one
    /// first. Each refusal comes in time, and says when to come back.
    pub(super) async fn refuses(&self, expected: &str) {
        let refused = async || {
            let since = Instant::now();
            let answer = self.customer.orders(&self.roses, 1).await;
            let status = answer.expect_err("whoever is needed is away");
            assert!(says_when_to_retry(&status), "{status:?}");
            assert!(since.elapsed() < BOUND, "it took {:?}", since.elapsed());
            (reason(&status) == expected).then_some(())
        };
        until(SOON, refused).await;
    }

    /// Asserts that nothing is held or charged, and that there is no order.
    pub(super) async fn has_sold_nothing(&self) {
        self.florist.sees_stock(&self.roses, BUNCHES, BUNCHES).await;
        assert!(self.customer.own_orders().await.is_empty());
        let charges = self.market.operator().charges().await;
        assert!(charges.iter().all(|charge| charge["state"] != "STATE_CHARGED"), "{charges:?}");
    }

    /// Waits until so many bunches are left, all of them to be had, and all money is where it belongs.
    pub(super) async fn balances(&self, left: i64) {
        self.florist.sees_stock(&self.roses, left, left).await;
        self.market.balances(&[&self.customer]).await;
    }
}
