//! What people are told: both stories, each event once, in both languages, and only to whom it
//! concerns.
//!
//! A-F9, A-F10, A-F12; B-F12; S.3-10.

use std::collections::BTreeMap;

use jangteo_testing::{until, within};
use serde_json::{Value, json};
use tonic::{Code, Status};

use super::{
    market::{BOTH, Client, Market, RENTAL, Reply},
    refusal::refused,
    renting::patiently,
    trade::SOON,
};
use crate::{mesh::Database, seller::Watch};

const KOREAN: &str = "LANGUAGE_KO";
const ENGLISH: &str = "LANGUAGE_EN";
const WATCH: &str = "notification.v1.NotificationService/WatchNotifications";

impl Client {
    /// Calls an RPC of notifications.
    async fn notification(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("notification.v1.NotificationService/{method}"), body).await
    }

    /// What the caller was told, newest first.
    async fn notifications(&self, language: &str) -> Vec<Value> {
        let asked = json!({"pageSize": 100, "language": language});
        let rpc = "notification.v1.NotificationService/ListNotifications";
        self.all(rpc, "notifications", asked).await
    }

    /// What kinds of things the caller was told of which resources, in the order of both.
    pub(crate) async fn news(&self) -> Vec<(String, String)> {
        let text = |it: &Value, field: &str| it[field].as_str().unwrap_or_default().to_owned();
        let told = self.notifications(KOREAN).await;
        let mut news: Vec<_> =
            told.iter().map(|it| (text(it, "kind"), text(it, "subject"))).collect();
        news.sort();
        news
    }

    /// Waits until the caller was told of this, and of nothing else.
    pub(crate) async fn is_told(&self, who: &str, expected: &[(&str, String)]) {
        let mut expected: Vec<_> =
            expected.iter().map(|(kind, subject)| ((*kind).to_owned(), subject.clone())).collect();
        expected.sort();
        let told = async || (self.news().await == expected).then_some(());
        let come_true = within(SOON, told).await.is_some();
        assert!(come_true, "{who} should be told {expected:#?}, not {:#?}", self.news().await);
    }
}

/// What each person was told, in the order in which it happened.
type News = BTreeMap<&'static str, Vec<(&'static str, String)>>;

fn tell(news: &mut News, people: &[&'static str], kind: &'static str, subject: &str) {
    for person in people {
        news.entry(*person).or_default().push((kind, subject.to_owned()));
    }
}

/// Story A up to a sale, with a proposal that wins and a request that loses.
async fn second_hand(market: &Market, news: &mut News) {
    let [seller, winner, loser] =
        ["seller01", "buyer03", "buyer01"].map(|name| market.person(name));
    let post = seller.sells_phone().await;
    let lost = format!("offers/{}", loser.requests(&post).await.unwrap().id());
    tell(news, &["seller01"], "deal_offered", &lost);
    let offer = winner.agrees(&seller, &post, 510_000).await;
    let won = format!("offers/{offer}");
    tell(news, &["seller01"], "price_proposed", &won);
    tell(news, &["buyer03"], "offer_accepted", &won);
    let deal = seller.reserves(&offer).await.unwrap().id().to_owned();
    seller.deal("CompleteDeal", json!({"id": deal})).await.unwrap();
    for kind in ["deal_reserved", "deal_ended"] {
        tell(news, &["seller01", "buyer03"], kind, &format!("deals/{deal}"));
    }
    tell(news, &["buyer01"], "offer_auto_cancelled", &lost);
}

/// Story B up to a review, with a payment that went back and a renter who came too late.
async fn rental(market: &Market, news: &mut News) {
    let [owner, renter, late] =
        ["owner01", "YoungEunSong", "JangHyemi"].map(|name| market.person(name));
    let camera = owner.registers_camera().await;
    let id = renter.gets(&camera).await;
    let rental = format!("rentals/{id}");
    tell(news, &["owner01"], "item_reserved", &format!("items/{camera}"));
    tell(news, &["YoungEunSong"], "rental_confirmed", &rental);
    let too_late = late.rents(&camera).await.unwrap().id().to_owned();
    late.sees_rental(&too_late, "STATE_REFUSED").await;
    tell(news, &["JangHyemi"], "rental_refused", &format!("rentals/{too_late}"));
    let payment = renter.pays_at_last(&id).await.text("paymentId").to_owned();
    patiently(|| renter.takes_money_back(&id)).await.unwrap();
    renter.sees_rental(&id, "STATE_CONFIRMED").await;
    tell(news, &["YoungEunSong"], "payment_refunded", &format!("payments/{payment}"));
    tell(news, &["owner01"], "rental_payment_cancelled", &rental);
    renter.pays_at_last(&id).await;
    owner.hands_over(&camera, &id).await;
    renter.sees_rental(&id, "STATE_LENT").await;
    owner.takes_back(&camera, &id).await.unwrap();
    renter.sees_review(&id, "STATE_REQUESTED").await;
    for kind in ["rental_paid", "rental_paid", "rental_returned"] {
        tell(news, &["owner01", "YoungEunSong"], kind, &rental);
    }
    tell(news, &["YoungEunSong"], "rental_lent", &rental);
    tell(news, &["YoungEunSong"], "review_requested", &format!("reviews/{id}"));
    renter.writes_review(&id, 5).await.unwrap();
    tell(news, &["owner01"], "review_written", &format!("reviews/{id}"));
}

/// A-F9, A-F10, A-F12, B-F12, S.3-10: also by a process that starts again and hears it all once more.
#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_once_of_what_happens_to_him() {
    let market = Market::of(BOTH, Database::Sqlite).await;
    let mut news = News::new();
    second_hand(&market, &mut news).await;
    rental(&market, &mut news).await;
    for again in [false, true] {
        for (name, told) in &news {
            market.person(name).is_told(name, told).await;
        }
        if !again {
            market.node("notification").restart().await.unwrap();
        }
    }
    assert!(market.person("nobody01").news().await.is_empty());
    for name in ["owner01", "YoungEunSong", "seller01"] {
        in_both_languages(&market.person(name)).await;
    }
}

/// Korean where nothing else is asked for. Both say what it is about.
async fn in_both_languages(person: &Client) {
    let [korean, english] = [person.notifications(KOREAN), person.notifications(ENGLISH)];
    let (korean, english) = (korean.await, english.await);
    assert_eq!(person.notifications("LANGUAGE_UNSPECIFIED").await, korean);
    assert_eq!(korean.len(), english.len());
    let hangul = |text: &str| text.chars().any(|it| ('가'..='힣').contains(&it));
    for (korean, english) in korean.iter().zip(&english) {
        assert_eq!(korean["id"], english["id"]);
        let [korean, english] = [korean, english].map(|it| it["text"].as_str().unwrap_or_default());
        assert!(hangul(korean) && !hangul(english) && !english.is_empty(), "{korean} {english}");
        for name in ["Camera", "YoungEunSong", "buyer03", "510,000"] {
            assert_eq!(korean.contains(name), english.contains(name), "{korean} {english}");
        }
    }
}

/// Two people with a message each: the owner of a camera, and who has reserved it.
async fn two_told() -> (Market, Client, Client) {
    let market = Market::of(RENTAL, Database::Sqlite).await;
    let [owner, renter] = ["owner01", "YoungEunSong"].map(|name| market.person(name));
    renter.gets(&owner.registers_camera().await).await;
    for person in [&owner, &renter] {
        until(SOON, async || (person.news().await.len() == 1).then_some(())).await;
    }
    (market, owner, renter)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reads_his_own_and_nobody_elses() {
    let (_market, owner, renter) = two_told().await;
    let own = owner.notifications(ENGLISH).await;
    assert_eq!(
        (&own[0]["recipient"], &own[0]["state"]),
        (&json!("owner01"), &json!("STATE_UNREAD"))
    );
    let id = json!({"id": own[0]["id"]});
    let answer = renter.notification("MarkNotificationRead", id.clone()).await;
    refused(answer, Code::NotFound, "NOTIFICATION_NOT_FOUND");
    // Reading it twice is reading it.
    for _ in 0..2 {
        owner.notification("MarkNotificationRead", id.clone()).await.unwrap();
    }
    let listed = async |state: &str| {
        let asked = json!({"state": state});
        let page = owner.notification("ListNotifications", asked).await.unwrap();
        page.body["notifications"].as_array().map_or(0, Vec::len)
    };
    until(SOON, async || (listed("STATE_READ").await == 1).then_some(())).await;
    assert_eq!(listed("STATE_UNREAD").await, 0);
    let others = renter.notifications(ENGLISH).await;
    assert_eq!((others.len(), &others[0]["state"]), (1, &json!("STATE_UNREAD")));
}

/// The next change: of which kind, and whether it was read; and where to go on.
async fn next(watch: &mut Watch) -> (String, String, String) {
    let change = watch.next().await.unwrap();
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let told = &change["notification"];
    let kind = if change["reset"].is_object() { "reset".to_owned() } else { text(&told["kind"]) };
    (kind, text(&told["state"]), text(&change["resumeToken"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_is_told_at_once_and_goes_on_where_he_was() {
    let (market, owner, renter) = two_told().await;
    let mut watch = renter.watch(WATCH, json!({"language": ENGLISH})).await.unwrap();
    assert_eq!(next(&mut watch).await.0, "reset");
    let (kind, state, token) = next(&mut watch).await;
    assert_eq!((kind.as_str(), state.as_str()), ("rental_confirmed", "STATE_UNREAD"));
    let first = renter.notifications(ENGLISH).await;
    renter.notification("MarkNotificationRead", json!({"id": first[0]["id"]})).await.unwrap();
    let (kind, state, _) = next(&mut watch).await;
    assert_eq!((kind.as_str(), state.as_str()), ("rental_confirmed", "STATE_READ"));
    drop(watch);

    // What concerns others is not for him.
    market.person("JangHyemi").gets(&owner.registers("Juice", 100).await).await;
    renter.gets(&owner.registers("Tent", 100).await).await;
    let resumed = json!({"language": ENGLISH, "resumeToken": token});
    let mut watch = renter.watch(WATCH, resumed).await.unwrap();
    let (kind, state, _) = next(&mut watch).await;
    assert_eq!((kind.as_str(), state.as_str()), ("rental_confirmed", "STATE_READ"));
    let change = watch.next().await.unwrap();
    let text = change["notification"]["text"].as_str().unwrap_or_default();
    assert!(text.contains("Tent"), "{change}");
    let forged = json!({"resumeToken": "no token"});
    let answer = match renter.watch(WATCH, forged).await {
        Ok(mut watch) => watch.next().await,
        Err(status) => Err(status),
    };
    refused(answer, Code::InvalidArgument, "RESUME_TOKEN_INVALID");
}
