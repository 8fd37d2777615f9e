//! Two replicas of a context: one of them publishes, and when it is gone, or only silent, the other one
//! does, with the settings that a process has as it is shipped.

use std::time::Duration;

use jangteo_testing::{Node, Signal, until};
use sea_orm::DatabaseConnection;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{
    fleet::Fleet,
    leases::{holder, name},
    rest,
};
use crate::{
    seller::{LONG, Seller, at_rest},
    stories::market::Client,
};

/// The contexts that publish something here.
const PUBLISHING: [&str; 2] = ["post", "inventory"];
/// A lease runs out in 3 s; whoever does not have it looks five times in that time.
const TAKEN_OVER: Duration = Duration::from_secs(5);
/// What is left of a lease at least: it is renewed three times in its 3 s.
const LEFT: Duration = Duration::from_secs(2);

/// Two replicas of posts, stocks and views, and somebody who sells at each of them.
struct Market {
    fleet: Fleet,
    sellers: [Seller; 2],
    florists: [Client; 2],
}

impl Market {
    async fn start() -> Self {
        let fleet = Fleet::start(&["post", "inventory", "view"], &[]).await.unwrap();
        let sellers = fleet.pair("post").map(|node| Seller::at(node, &fleet.keys, "seller01"));
        let florists = fleet.pair("inventory").map(|node| {
            Client::over([("inventory", node.channel())], fleet.keys.user("florist01"))
        });
        Self { fleet, sellers, florists }
    }

    /// Writes something at one of the two replicas; its id.
    async fn writes(&self, context: &str, replica: usize) -> Uuid {
        let id = match context {
            "post" => self.sellers[replica].write("의자").await.unwrap().id,
            _ => self.florists[replica].stocks_roses(1).await,
        };
        id.parse().unwrap()
    }

    /// Writes something at one of the two replicas, and waits until the broker has it.
    async fn publishes(&self, context: &str, replica: usize) {
        let db = rest::open(self.fleet.database(context)).await;
        published(&db, self.writes(context, replica).await).await;
        db.close().await.unwrap();
    }

    /// Which of the two replicas publishes.
    async fn publisher(&self, context: &str) -> usize {
        let names = self.fleet.pair(context).map(name);
        let publisher = async || {
            let holder = holder(self.fleet.database(context)).await;
            names.iter().position(|name| *name == holder)
        };
        until(LONG, publisher).await
    }

    fn node(&self, context: &str, replica: usize) -> &Node {
        self.fleet.pair(context)[replica]
    }

    /// Waits until all that was written is published, once and in order, and shown.
    async fn rests(&self) {
        let broker = self.fleet.nats.client().await.unwrap();
        for context in PUBLISHING {
            rest::told(&broker, context, self.fleet.database(context)).await;
        }
        let mut history = self.sellers[0].history(true);
        history.writes.extend(self.sellers[1].history(true).writes);
        let posts = ["post", "view"].map(|context| self.fleet.database(context).to_owned());
        at_rest(posts, history, Some(&self.fleet.nats)).await;
    }
}

/// Waits until the broker has all events of an aggregate.
async fn published(db: &DatabaseConnection, id: Uuid) {
    until(LONG, async || (!rest::waits(db, id).await).then_some(())).await;
}

/// Both replicas write, also the same post in turns; the events leave in the order of each aggregate, and
/// always by the same replica.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_replicas_publishes_what_both_write_in_its_order() {
    let market = Market::start().await;
    let before = [market.publisher("post").await, market.publisher("inventory").await];
    let posts = [market.writes("post", 0).await, market.writes("post", 1).await];
    for price_krw in 1..=20 {
        for (turn, post) in (price_krw..).zip(posts) {
            let replica = usize::try_from(turn % 2).unwrap();
            market.sellers[replica].reprice(&post.to_string(), price_krw).await.unwrap();
        }
        market.writes("inventory", usize::try_from(price_krw % 2).unwrap()).await;
    }
    market.rests().await;
    let after = [market.publisher("post").await, market.publisher("inventory").await];
    assert_eq!(before, after, "nobody had to take over");
}

/// The one that publishes is killed: what is written at the other one is published within 5 s. Both ways.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_takes_over_from_one_that_was_killed() {
    let market = Market::start().await;
    for context in PUBLISHING {
        let db = rest::open(market.fleet.database(context)).await;
        for _ in 0..2 {
            let killed = market.publisher(context).await;
            market.publishes(context, killed).await;
            market.node(context, killed).kill();
            let begun = Instant::now();
            let late = market.writes(context, 1 - killed).await;
            published(&db, late).await;
            let took = begun.elapsed();
            println!("{context}: taken over after {took:.1?}");
            assert!(took <= TAKEN_OVER, "{context}: it took {took:?}");
            assert_eq!(market.publisher(context).await, 1 - killed);
            market.node(context, killed).restart().await.unwrap();
        }
        db.close().await.unwrap();
    }
    market.rests().await;
}

/// The one that publishes stands still, and nobody else publishes for as long as its lease lasts; then the
/// other one does, within 5 s. When it goes on it has lost its lease and harms nobody: what it was about to
/// publish was published once.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_takes_over_from_one_that_stands_still_and_comes_back_late() {
    let market = Market::start().await;
    for context in PUBLISHING {
        let db = rest::open(market.fleet.database(context)).await;
        for _ in 0..2 {
            let still = market.publisher(context).await;
            market.publishes(context, still).await;
            market.writes(context, still).await;
            market.node(context, still).signal(Signal::Stop).unwrap();
            let begun = Instant::now();
            let late = market.writes(context, 1 - still).await;
            // It is the time itself in which nothing may happen.
            sleep(LEFT / 2).await;
            let waits = rest::waits(&db, late).await;
            assert!(waits || begun.elapsed() > LEFT, "{context}: both publish");
            published(&db, late).await;
            let took = begun.elapsed();
            println!("{context}: taken over after {took:.1?}");
            assert!(took <= TAKEN_OVER, "{context}: it took {took:?}");
            market.node(context, still).signal(Signal::Continue).unwrap();
            for replica in [still, 1 - still] {
                market.publishes(context, replica).await;
            }
            assert_eq!(market.publisher(context).await, 1 - still, "{context}: it came too late");
        }
        db.close().await.unwrap();
    }
    market.rests().await;
}
