//! Two buyers want one post: each time exactly one gets it.

use serde_json::json;
use tonic::Code;

use super::{
    market::{Client, Layout, Market, Reply, SECOND_HAND},
    refusal::{refused, says_when_to_retry},
};
use crate::mesh::Database;

const ROUNDS: usize = 100;
/// Where each takes longer.
const SOME_ROUNDS: usize = 40;
/// One round of so many ends with the sale of the post; after the others it is open again.
const SALE: usize = 4;

/// Who takes part, each over a connection of his own.
struct Scene {
    market: Market,
    /// The seller, here and elsewhere.
    seller: [Client; 2],
    buyers: [Client; 2],
}

impl Scene {
    async fn new(database: Database) -> Self {
        let market = Market::gated(Layout::apart(SECOND_HAND, database), &[]).await;
        let seller = market.person("seller01");
        let seller = [seller.elsewhere(&market), seller];
        let buyers = ["buyer01", "buyer02"].map(|name| market.person(name).elsewhere(&market));
        Self { market, seller, buyers }
    }

    /// A post that both have asked for.
    async fn wanted(&self) -> (String, [String; 2]) {
        let post = self.seller[0].sells_phone().await;
        let [one, other] = self.buyers.each_ref().map(|buyer| buyer.requests(&post));
        let (one, other) = tokio::join!(one, other);
        (post, [one, other].map(|offer| offer.unwrap().id().to_owned()))
    }

    /// Reserves for both. Neither question gets through before both requests are inside the server,
    /// where each has written that it has begun.
    async fn race(&self, offers: &[String; 2]) -> (usize, Reply) {
        let gate = self.market.gate("deal", "offer");
        gate.blackhole();
        let [one, other] = [0, 1].map(|it| self.seller[it].reserves(&offers[it]));
        let release = async {
            self.market.has("deal", 2, "state = 'taking'").await;
            gate.restore().await.unwrap();
        };
        let (one, other, ()) = tokio::join!(one, other, release);
        let (won, deal, lost) = match (one, other) {
            (Ok(deal), lost) => (0, deal, lost),
            (lost, Ok(deal)) => (1, deal, lost),
            neither => panic!("one gets it: {neither:?}"),
        };
        let lost = refused(lost, Code::FailedPrecondition, "ANOTHER_OFFER_ACCEPTED");
        assert!(says_when_to_retry(&lost), "{lost:?}");
        (won, deal)
    }

    /// The deal is called off: the post can be bought again, and both offers are open.
    async fn cancels(&self, post: &str, offers: &[String; 2], won: usize, deal: &Reply) {
        self.buyers[won].deal("CancelDeal", json!({"id": deal.id()})).await.unwrap();
        tokio::join!(
            self.buyers[0].sees_offer(&offers[0], "STATE_PENDING"),
            self.buyers[1].sees_offer(&offers[1], "STATE_PENDING"),
            self.seller[0].sees_post(post, "STATE_AVAILABLE"),
            self.seller[0].sees_sale(post, "STATE_AVAILABLE"),
        );
        // What asks about its post again is shown as what it will be.
        self.market.rests().await;
    }

    /// The deal is completed: the winner's offer with it, and the loser's closes by itself.
    async fn completes(&self, post: &str, offers: &[String; 2], won: usize, deal: &Reply) {
        self.seller[0].deal("CompleteDeal", json!({"id": deal.id()})).await.unwrap();
        tokio::join!(
            self.buyers[won].sees_offer(&offers[won], "STATE_COMPLETED"),
            self.buyers[1 - won].sees_offer(&offers[1 - won], "STATE_AUTO_CANCELLED"),
            self.seller[0].sees_post(post, "STATE_SOLD"),
            self.seller[0].sees_sale(post, "STATE_SOLD"),
        );
    }
}

/// A-F3, A-F4, A-F5, A-F12, A-N1
async fn exactly_one_gets_the_post(database: Database, rounds: usize) {
    let scene = Scene::new(database).await;
    let (mut post, mut offers) = scene.wanted().await;
    let mut ended = 0;
    for round in 1..=rounds {
        let (won, deal) = scene.race(&offers).await;
        assert_eq!(deal.text("offerId"), offers[won]);
        scene.seller[0].sees_post(&post, "STATE_RESERVED").await;
        if round % SALE == 0 {
            scene.completes(&post, &offers, won, &deal).await;
            ended += 1;
            (post, offers) = scene.wanted().await;
        } else {
            scene.cancels(&post, &offers, won, &deal).await;
        }
    }
    scene.market.rests().await;
    let now = |state| scene.market.rows("deal", state);
    let counts = [now("state = 'ended'").await, now("state = 'cancelled'").await];
    let lost = now("state = 'abandoned'").await;
    let many = |number: usize| i64::try_from(number).unwrap();
    assert_eq!(counts, [many(ended), many(rounds - ended)], "one deal a round");
    assert_eq!(lost, many(rounds), "and one that came to nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_gets_the_post_on_sqlite() {
    exactly_one_gets_the_post(Database::Sqlite, ROUNDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_gets_the_post_on_postgres() {
    exactly_one_gets_the_post(Database::Postgres, SOME_ROUNDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_gets_the_post_on_mariadb() {
    exactly_one_gets_the_post(Database::MariaDb, SOME_ROUNDS).await;
}
