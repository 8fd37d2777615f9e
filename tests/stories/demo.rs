//! `jangteo demo`: what it shows of story A, and what it says when the story goes wrong.

use std::path::Path;

use jangteo_testing::{ports, scratch};
use serde_json::{Value, json};

use super::{
    market::{Layout, Market},
    shell::{Ended, jangteo, run},
    trade::listed,
};
use crate::mesh::Database;

/// A step: its cases, who asks for what, whether he gets it, the events, and where the sale stands then.
type Told<'a> = (&'a [&'a str], &'a str, &'a str, &'a str, &'a [&'a str], &'a str);

const STORY: [Told; 20] = [
    (&["A-T1"], "seller01", "CreatePost", "AVAILABLE", &["post.PostWritten"], "AVAILABLE"),
    (&["A-T2"], "seller02", "CreatePost", "AVAILABLE", &["post.PostWritten"], "AVAILABLE"),
    (&["A-T3"], "seller02", "CreateOffer", "not: OWN_POST", &[], "AVAILABLE"),
    (&["A-T3"], "buyer01", "CreateOffer", "PENDING", &["offer.DealOffered"], "AVAILABLE"),
    (&["A-T4"], "buyer02", "CreateOffer", "PENDING", &["offer.PriceProposed"], "AVAILABLE"),
    (&["A-T5"], "buyer03", "CreateOffer", "PENDING", &["offer.PriceProposed"], "AVAILABLE"),
    (&["A-T6"], "seller01", "AcceptOffer", "ACCEPTED", &["offer.OfferAccepted"], "AVAILABLE"),
    (&["A-T6"], "seller01", "AcceptOffer", "not: ANOTHER_OFFER_ACCEPTED", &[], "AVAILABLE"),
    (&["A-T7", "A-T10"], "seller02", "ReserveDeal", "RESERVED", RESERVED, "RESERVED"),
    (&["A-T8"], "seller01", "ReserveDeal", "not: OFFER_NOT_ACCEPTED", &[], "AVAILABLE"),
    (&["A-T8", "A-T10"], "seller01", "ReserveDeal", "RESERVED", RESERVED, "RESERVED"),
    (&["A-T8"], "seller01", "UpdatePost", "not: POST_RESERVED", &[], "RESERVED"),
    (&["A-T9"], "buyer03", "CompleteDeal", "not: SELLER_ONLY", &[], "RESERVED"),
    (&["A-T9"], "seller01", "CompleteDeal", "ENDED", SOLD, "SOLD"),
    (&["A-T11"], "buyer01", "CancelDeal", "CANCELLED", CALLED_OFF, "AVAILABLE"),
    (&["A-T12"], "buyer01", "CreateOffer", "not: POST_SOLD", &[], "SOLD"),
    (&["A-T12"], "seller01", "ReserveDeal", "not: OFFER_COMPLETED", &[], "SOLD"),
    (&["A-F11"], "seller02", "RefuseOffer", "REFUSED", &["offer.OfferRefused"], "AVAILABLE"),
    (&["A-F6"], "seller02", "UpdatePost", "AVAILABLE", &["post.PostEdited"], "AVAILABLE"),
    (&["A-F7"], "seller02", "DeletePost", "DELETED", &["post.PostDeleted"], ""),
];
const RESERVED: &[&str] = &["deal.DealReserved", "post.PostReserved"];
const SOLD: &[&str] =
    &["deal.DealEnded", "offer.OfferAutoCancelled", "offer.OfferCompleted", "post.PostSold"];
const CALLED_OFF: &[&str] = &["deal.DealCancelled", "offer.OfferReopened", "post.PostReopened"];

/// Plays the demo with the keys of this folder.
async fn demo(keys: &Path, args: &[&str], envs: &[(&str, &str)]) -> Ended {
    let mut command = jangteo(&["demo"]);
    command.args(args).env("JANGTEO_KEY_DIR", keys).env_remove("NO_COLOR");
    command.envs(envs.iter().copied());
    run(command).await
}

/// What it says to programs, step by step.
fn steps(said: &str) -> Vec<Value> {
    said.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Where something stands; empty where it is not there.
fn state(of: &Value) -> &str {
    text(&of["state"]).trim_start_matches("STATE_")
}

/// Asserts that a step is what the story tells.
fn is_told(step: &Value, (cases, who, rpc, answer, events, sale): Told) {
    assert_eq!((&step["story"], &step["cases"]), (&json!("A"), &json!(cases)), "{step}");
    let asked = &step["asked"];
    assert_eq!(asked["who"], who, "{step}");
    assert!(text(&asked["rpc"]).ends_with(&format!("Service/{rpc}")), "{step}");
    let refused = &step["answer"]["refused"];
    match answer.strip_prefix("not: ") {
        Some(reason) => assert_eq!(refused["reason"], reason, "{step}"),
        None => assert_eq!(state(&step["answer"]["granted"]), answer, "{step}"),
    }
    let name = |event: &Value| format!("{}.{}", text(&event["context"]), text(&event["event"]));
    let mut followed: Vec<_> = entries(step).map(name).collect();
    followed.sort();
    assert_eq!(followed, events, "{step}");
    assert!(entries(step).all(|event| event["correlationId"] == step["correlationId"]), "{step}");
    assert_eq!(state(&step["myPage"][0]["shows"]), sale, "{step}");
}

fn entries(step: &Value) -> impl Iterator<Item = &Value> {
    step["events"].as_array().expect("events are a list").iter()
}

/// Asserts that these steps are the story.
fn is_story(steps: &[Value]) {
    assert_eq!(steps.len(), STORY.len());
    for (number, (step, told)) in (1..).zip(steps.iter().zip(STORY)) {
        assert_eq!(step["step"], number, "{step}");
        is_told(step, told);
    }
    let [phone, mouse] = [0, 1].map(|it| &steps[it]["answer"]["granted"]["id"]);
    let about = |post| steps.iter().filter(move |step| &step["correlationId"] == post).count();
    assert_eq!((about(phone), about(mouse)), (12, 8));
}

/// Asserts what my-page showed of the prices agreed on, and of the deals.
fn pages_are_told(steps: &[Value]) {
    let rows = |step: usize| (&steps[step - 1]["myPage"][0], &steps[step - 1]["myPage"][1]);
    for (step, seller, agreed, buyer, stands) in [
        (9, "seller02", json!("10000"), "buyer01", "RESERVED"),
        (11, "seller01", json!("510000"), "buyer03", "RESERVED"),
        (14, "seller01", json!("510000"), "buyer03", "ENDED"),
        (15, "seller02", Value::Null, "buyer01", "CANCELLED"),
    ] {
        let (sale, deal) = rows(step);
        assert_eq!((&sale["of"], &deal["of"]), (&json!(seller), &json!(buyer)), "{step}");
        assert_eq!(sale["shows"]["agreedPriceKrw"], agreed, "{step}");
        assert_eq!(state(&deal["shows"]), stands, "{step}");
        assert_eq!(deal["rpc"], "jangteo.view.v1.MyDealsService/GetMyDeal");
    }
    let (sale, _) = rows(19);
    assert_eq!(sale["shows"]["priceKrw"], "9000");
    assert_eq!(rows(20).0["shows"], Value::Null);
}

/// Asserts that each event of the two timelines was told once.
async fn timelines_are_told(market: &Market, steps: &[Value]) {
    for post in [0, 1].map(|it| &steps[it]["answer"]["granted"]["id"]) {
        let asked = json!({"correlationId": post, "pageSize": 100});
        let page = market.operator().view("TimelineService/ListTimelineEntries", asked, "").await;
        let about = steps.iter().filter(|step| &step["correlationId"] == post);
        let mut told: Vec<_> = about.flat_map(entries).map(|event| text(&event["id"])).collect();
        let page = listed(&page.unwrap(), "entries");
        let mut there: Vec<_> = page.iter().map(|event| text(&event["id"])).collect();
        told.sort_unstable();
        there.sort_unstable();
        assert_eq!(told, there);
    }
}

/// Plays it twice at this address: the second time is a story of its own.
async fn plays(market: &Market, to: &str) {
    let mut posts = vec![];
    for _ in 0..2 {
        let said = demo(market.key_dir(), &["--json", "--to", to], &[]).await.well();
        let steps = steps(&said);
        is_story(&steps);
        pages_are_told(&steps);
        timelines_are_told(market, &steps).await;
        posts.push(steps[0]["correlationId"].clone());
    }
    assert_ne!(posts[0], posts[1]);
}

/// A-T1, A-T2, A-T3, A-T4, A-T5, A-T6, A-T7, A-T8, A-T9, A-T10, A-T11, A-T12
#[tokio::test(flavor = "multi_thread")]
async fn it_is_played_in_one_process_again_and_again() {
    let market = Market::on(Database::Sqlite).await;
    plays(&market, &market.post().url()).await;
}

/// A-T1, A-T2, A-T3, A-T4, A-T5, A-T6, A-T7, A-T8, A-T9, A-T10, A-T11, A-T12
#[tokio::test(flavor = "multi_thread")]
async fn it_is_played_through_the_gateway_before_contexts_that_are_apart() {
    let market = Market::start(Layout::apart(Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    plays(&market, &gateway.http_url()).await;
}

/// People read it where the gateway is by default, in colours at a terminal only.
#[tokio::test(flavor = "multi_thread")]
async fn people_read_it_step_by_step() {
    let market = Market::on(Database::Sqlite).await;
    let url = market.post().http_url();
    let addr = ("JANGTEO_HTTP_ADDR", url.trim_start_matches("http://"));
    let said = demo(market.key_dir(), &[], &[addr]).await.well();
    assert!(!said.contains('\u{1b}'), "{said}");
    let mut rest = said.as_str();
    for words in [
        "Story A: second-hand goods (중고거래)\n",
        "\n 1  seller01 writes a post: 아이폰13 공기계, 600,000 won, 방배동  A-T1\n",
        "    asked     jangteo.post.v1.PostService/CreatePost\n    granted   available\n    timeline  0",
        "post  PostWritten\n    my-page   seller01 sells 아이폰13 공기계 at 600,000 won: for sale",
        "    refused   ANOTHER_OFFER_ACCEPTED: another offer for the post is accepted: refuse that one first (FAILED_PRECONDITION)\n",
        ": nothing followed\n",
        "\n 9  seller02 reserves the mouse for buyer01  A-T7, A-T10\n",
        "reserved (거래예정) for buyer01, who pays 10,000 won\n              buyer01 buys 무선마우스",
        "\n14  seller01 says that the phone was handed over to buyer03  A-T9\n",
        "offer OfferAutoCancelled\n",
        "sold (거래완료) to buyer03 for 510,000 won\n",
        "\n15  buyer01 calls the deal on the mouse off  A-T11\n",
        "called off (거래취소)\n",
        "    refused   POST_SOLD: ",
        "    my-page   seller02 gone\n",
        "\nStory A: 20 steps, 7 of them refused, all as the story says\n",
    ] {
        let found = rest.split_once(words);
        rest = found.unwrap_or_else(|| panic!("{words:?} should come in:\n{rest}")).1;
    }
    assert_eq!(rest, "");

    let forced = ("CLICOLOR_FORCE", "1");
    let loud = demo(market.key_dir(), &[], &[addr, forced]).await.well();
    assert!(loud.contains("\u{1b}["), "{loud}");
    let quiet = demo(market.key_dir(), &[], &[addr, forced, ("NO_COLOR", "1")]).await.well();
    assert!(!quiet.contains('\u{1b}'), "{quiet}");
}

/// Asserts that it failed with these words, after so many steps.
#[track_caller]
fn fails(ended: &Ended, after: usize, words: &[&str]) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(steps(&ended.out).len(), after, "{ended:?}");
    for words in words {
        assert!(ended.err.contains(words), "{words} in {ended:?}");
    }
}

#[tokio::test]
async fn where_nobody_answers_it_says_what_to_start() {
    let dir = scratch::directory("nobody").unwrap();
    let keys = dir.path().join("keys");
    let to = format!("http://127.0.0.1:{}", ports::free());
    let ended = demo(&keys, &["--json", "--to", &to], &[]).await;
    fails(&ended, 0, &["nobody answers at", &to, "`make run`", "--to"]);
    assert!(!keys.exists(), "no keys are made for nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_other_keys_it_says_where_to_find_the_right_ones() {
    let market = Market::on(Database::Sqlite).await;
    let keys = scratch::directory("other-keys").unwrap();
    let ended = demo(keys.path(), &["--json", "--to", &market.post().url()], &[]).await;
    let folder = keys.path().to_str().unwrap();
    fails(&ended, 0, &["step 1 of story A", "TOKEN_INVALID", folder, "--key-dir"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_comes_to_nothing_ends_it() {
    let market = Market::start(Layout::apart(Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    market.node("deal").kill();
    let ended = demo(market.key_dir(), &["--json", "--to", &gateway.http_url()], &[]).await;
    let words = ["step 9 of story A", "reserves the mouse", "granted", "CONTEXT_UNAVAILABLE"];
    fails(&ended, 8, &words);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_does_not_come_ends_it() {
    let layout = Layout::together(Database::Sqlite);
    let market = Market::start_with(layout, &[("JANGTEO_TOKEN_WAIT_MS", "500")]).await.unwrap();
    market.nats.kill();
    let ended = demo(market.key_dir(), &["--json", "--to", &market.post().url()], &[]).await;
    fails(&ended, 0, &["step 1 of story A", "expected the events [\"post.PostWritten\"]", "seen"]);
}
