//! `jangteo demo`: what it shows of the stories, and what it says when one goes wrong.

mod boards;
mod breaker;
mod orders;
mod told;

use std::path::Path;

use jangteo_testing::{ports, scratch};
use serde_json::{Value, json};

use self::{
    boards::boards_are_told,
    orders::{meals_are_told, orders_are_told},
    told::{FLOWERS, KITCHEN, MEET_UP, RENTAL, SECOND_HAND, Told},
};
use super::{
    market::{ALL, BOTH, Layout, Market},
    shell::{Ended, jangteo, run},
    trade::listed,
};
use crate::mesh::Database;

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

/// Where an item with its rental and payment stands, as its owner's board shows it.
fn board(row: &Value) -> String {
    let words = ["itemStatus", "rentalStatus", "paymentStatus"].map(|field| {
        let word = text(&row[field]).split_once("_STATUS_");
        word.map_or("", |(_, word)| word)
    });
    words.join(" ").trim_end().to_owned()
}

/// A number of pieces; none is left out.
fn pieces(number: &Value) -> &str {
    number.as_str().unwrap_or("0")
}

/// Asserts that a step is what the story tells.
fn is_told(step: &Value, (cases, who, rpc, answer, events, shown): Told) {
    assert_eq!(step["cases"], json!(cases), "{step}");
    let asked = &step["asked"];
    assert_eq!(asked["who"], who, "{step}");
    assert!(text(&asked["rpc"]).ends_with(&format!("Service/{rpc}")), "{step}");
    let refused = &step["answer"]["refused"];
    if let Some(reason) = answer.strip_prefix("not: ") {
        assert_eq!(refused["reason"], reason, "{step}");
    } else {
        let mut answers = answer.split('|');
        assert!(answers.any(|it| it == state(&step["answer"]["granted"])), "{step}");
    }
    followed(step, events);
    assert!(entries(step).all(|event| is_about(step, &event["correlationId"])), "{step}");
    let row = &step["myPage"][0]["shows"];
    let stands = match text(&step["story"]) {
        "A" | "D" => state(row).to_owned(),
        "B" => board(row),
        _ => format!("{} of {}", pieces(&row["available"]), pieces(&row["onHand"])),
    };
    assert_eq!(stands, shown, "{step}");
}

/// Asserts that these events followed, and besides at most those of payments that came to nothing, since
/// the machine was busy.
fn followed(step: &Value, events: &[&str]) {
    let name = |event: &Value| format!("{}.{}", text(&event["context"]), text(&event["event"]));
    let mut names: Vec<_> = entries(step).map(name).collect();
    for event in events {
        let there = names.iter().position(|name| name == event);
        names.remove(there.unwrap_or_else(|| panic!("{event} in {step}")));
    }
    assert!(names.iter().all(|name| may_be_undone(name.split_once('.').unwrap().0)), "{step}");
}

/// Whether a context's events may be of a try to pay that came to nothing.
fn may_be_undone(context: &str) -> bool {
    ["payment", "provider"].contains(&context)
}

/// Whether this is a timeline of the step's.
fn is_about(step: &Value, timeline: &Value) -> bool {
    step["correlationIds"].as_array().is_some_and(|ids| ids.contains(timeline))
}

fn entries(step: &Value) -> impl Iterator<Item = &Value> {
    step["events"].as_array().expect("events are a list").iter()
}

/// Asserts that these steps are the story of this name.
fn is_story(name: &str, steps: &[Value], story: &[Told]) {
    assert_eq!(steps.len(), story.len());
    for (number, (step, told)) in (1..).zip(steps.iter().zip(story)) {
        assert_eq!((&step["story"], &step["step"]), (&json!(name), &json!(number)), "{step}");
        is_told(step, *told);
    }
}

/// How many steps are about the timelines of what the first ones made.
fn about(steps: &[Value], made: &[usize]) -> Vec<usize> {
    let id = |step: &usize| &steps[step - 1]["answer"]["granted"]["id"];
    let about = |timeline| steps.iter().filter(|step| is_about(step, timeline)).count();
    made.iter().map(id).map(about).collect()
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

/// Asserts that each event of the timelines of what these steps made was told once; but for those that
/// people were told of it, and what came later of a payment that came to nothing.
async fn timelines_are_told(market: &Market, steps: &[Value], made: &[usize]) {
    for timeline in made.iter().map(|step| &steps[step - 1]["answer"]["granted"]["id"]) {
        let asked = json!({"correlationId": timeline, "pageSize": 100});
        let page = market.operator().view("TimelineService/ListTimelineEntries", asked, "").await;
        let all = steps.iter().flat_map(entries);
        let about = all.filter(|event| &event["correlationId"] == timeline);
        let mut told: Vec<_> = about.map(|event| text(&event["id"])).collect();
        let page = listed(&page.unwrap(), "entries");
        let is_told = |event: &&Value| {
            let (id, context) = (text(&event["id"]), text(&event["context"]));
            context != "notification" && (told.contains(&id) || !may_be_undone(context))
        };
        let there = page.iter().filter(is_told);
        let mut there: Vec<_> = there.map(|event| text(&event["id"])).collect();
        told.sort_unstable();
        there.sort_unstable();
        assert_eq!(told, there);
    }
}

/// Plays it twice at this address: the second time it is all stories of their own.
async fn plays(market: &Market, to: &str) {
    let mut made = vec![];
    for _ in 0..2 {
        let said = demo(market.key_dir(), &["--json", "--to", to], &[]).await.well();
        let steps = steps(&said);
        let (second_hand, others) = steps.split_at(SECOND_HAND.len());
        let (rental, others) = others.split_at(RENTAL.len());
        let (meet_up, others) = others.split_at(MEET_UP.len());
        let (kitchen, flowers) = others.split_at(KITCHEN.len());
        is_story("A", second_hand, &SECOND_HAND);
        assert_eq!(about(second_hand, &[1, 2]), [12, 8]);
        pages_are_told(second_hand);
        timelines_are_told(market, second_hand, &[1, 2]).await;
        is_story("B", rental, &RENTAL);
        assert_eq!(about(rental, &[1, 2, 3, 16]), [17, 14, 1, 1]);
        boards_are_told(rental);
        timelines_are_told(market, rental, &[1, 2, 3, 16]).await;
        is_story("C", meet_up, &MEET_UP);
        assert_eq!(about(meet_up, &[1, 2, 3, 7]), [2, 3, 1, 2]);
        timelines_are_told(market, meet_up, &[1, 2, 3, 7]).await;
        is_story("D", kitchen, &KITCHEN);
        assert_eq!(about(kitchen, &[1, 2, 3, 10, 13]), [1, 1, 8, 3, 2]);
        meals_are_told(kitchen);
        timelines_are_told(market, kitchen, &[1, 2, 3, 10, 13]).await;
        is_story("E", flowers, &FLOWERS);
        assert_eq!(about(flowers, &[1, 2, 4]), [2, 2, 4]);
        orders_are_told(flowers);
        timelines_are_told(market, flowers, &[1, 2, 4]).await;
        made.extend([&second_hand[0], &rental[0]].map(|step| step["correlationIds"].clone()));
    }
    assert!(made[0] != made[2] && made[1] != made[3], "{made:?}");
}

/// A-T1, A-T2, A-T3, A-T4, A-T5, A-T6, A-T7, A-T8, A-T9, A-T10, A-T11, A-T12, B-T1, B-T2, B-T3, B-T4,
/// B-T5, B-T6, B-T7, B-T11, B-T12, C-T1, C-T2, C-T3, C-T4, C-T5, C-T6, D-T1, D-T3, D-T4, D-T5, E-T1,
/// E-T2, E-T3, E-T4, E-T5, E-T7
#[tokio::test(flavor = "multi_thread")]
async fn it_is_played_in_one_process_again_and_again() {
    let market = Market::of(ALL, Database::Sqlite).await;
    plays(&market, &market.post().url()).await;
}

/// A-T1, A-T2, A-T3, A-T4, A-T5, A-T6, A-T7, A-T8, A-T9, A-T10, A-T11, A-T12, B-T1, B-T2, B-T3, B-T4,
/// B-T5, B-T6, B-T7, B-T11, B-T12, C-T1, C-T2, C-T3, C-T4, C-T5, C-T6, D-T1, D-T3, D-T4, D-T5, E-T1,
/// E-T2, E-T3, E-T4, E-T5, E-T7
#[tokio::test(flavor = "multi_thread")]
async fn it_is_played_through_the_gateway_before_contexts_that_are_apart() {
    let market = Market::start(Layout::apart(ALL, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    plays(&market, &gateway.http_url()).await;
}

/// People read it where the gateway is by default, in colours at a terminal only.
#[tokio::test(flavor = "multi_thread")]
async fn people_read_it_step_by_step() {
    let market = Market::of(ALL, Database::Sqlite).await;
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
        "Story B: a rental (근거리 대여)\n",
        "\n 2  JangHyemi reserves the camera  B-T2, B-T3\n",
        "rental RentalConfirmed\n",
        "    my-page   YoungEunSong rents out Camera at 100 won: not to be had (대여불가); kept for JangHyemi",
        "renter01 rents nothing: refused with ITEM_RESERVED\n",
        "JangHyemi pays 100 won (approved); before that 100 won (cancelled, the money is back)\n",
        "\n13  YoungEunSong says that the camera is back  B-T6, B-T7\n",
        "to be had (대여가능); returned by JangHyemi (반납됨), paid (결제 승인)\n",
        "renter01 reads on the review board: JangHyemi gives Camera of YoungEunSong 5 of 5\n",
        "renter01 finds no Camera among the items of YoungEunSong\n",
        "    my-page   JangHyemi is told: ",
        "\nStory B: 17 steps, 5 of them refused, all as the story says\n",
        "Story C: a meet-up (예약거래)\n",
        "\n 2  abc reserves the watch, to be met in 방배동  C-T3\n",
        "buyer02 finds 애플워치 at 50,000 won: 1 there, 0 to be had\n",
        "\n 5  seller01 says that the watch was handed over to abc  C-T4\n",
        "inventory StockDecreased\n",
        "abc buys 애플워치",
        "\nStory C: 8 steps, 1 of them refused, all as the story says\n",
        "Story D: food (음식 배달)\n",
        "\n 1  cook01 opens 스토어99  D-T1\n",
        "    granted   done\n",
        "store StoreOpened\n    my-page   customer01 finds 스토어99, the store of cook01\n",
        "customer01 finds 비빔밥 at 22,000 won, made to order\n",
        "\n 3  customer01 orders 21 portions and pays them in one step: 462,000 won  D-T1\n",
        "customer01 orders 21 비빔밥 of cook01 for 462,000 won: paid (주문됨)\n",
        "cook01 has 21 비빔밥 to cook for customer01: to be answered\n",
        "customer01 orders 21 비빔밥 of cook01 for 462,000 won: being made (상점 접수)\n",
        "cook01 has 21 비빔밥 to cook for customer01: cooked (조리 완료)\n",
        "    refused   ORDER_DELIVERING: ",
        "customer01 orders 21 비빔밥 of cook01 for 462,000 won: arrived (배송 완료)\n",
        "customer02 orders 1 비빔밥 of cook01 for 22,000 won: called off (주문 취소)\n",
        "cook01 has 2 비빔밥 to cook for customer02: turned down (상점 거절)\n",
        "customer01 is told: ",
        "\nStory D: 15 steps, 1 of them refused, all as the story says\n",
        "Story E: flowers (꽃 주문)\n",
        "\n 2  customer01 orders three of them, for 150,000 won  E-T2\n",
        "order     OrderPlaced\n",
        "customer02 finds 장미 at 50,000 won: 7 there, 7 to be had\n",
        "customer01 orders 3 장미 of florist01 for 150,000 won: paid (주문됨)\n",
        "    refused   OUT_OF_STOCK: ",
        "customer01 orders 3 장미 of florist01 for 150,000 won: called off (주문 취소)\n",
        "customer02 orders 7 장미 of florist01 for 350,000 won: on its way\n",
        "customer02 orders 7 장미 of florist01 for 350,000 won: arrived (배송 완료)\n",
        "customer02 is told: ",
        "\nStory E: 8 steps, 1 of them refused, all as the story says\n",
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
    let market = Market::of(BOTH, Database::Sqlite).await;
    let keys = scratch::directory("other-keys").unwrap();
    let ended = demo(keys.path(), &["--json", "--to", &market.post().url()], &[]).await;
    let folder = keys.path().to_str().unwrap();
    fails(&ended, 0, &["step 1 of story A", "TOKEN_INVALID", folder, "--key-dir"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_comes_to_nothing_ends_it() {
    let market = Market::start(Layout::apart(BOTH, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    market.node("deal").kill();
    let ended = demo(market.key_dir(), &["--json", "--to", &gateway.http_url()], &[]).await;
    let words = ["step 9 of story A", "reserves the mouse", "granted", "CONTEXT_UNAVAILABLE"];
    fails(&ended, 8, &words);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_does_not_come_ends_it() {
    let layout = Layout::together(BOTH, Database::Sqlite);
    let market = Market::start_with(layout, &[("JANGTEO_TOKEN_WAIT_MS", "500")]).await.unwrap();
    market.nats.kill();
    let ended = demo(market.key_dir(), &["--json", "--to", &market.post().url()], &[]).await;
    fails(&ended, 0, &["step 1 of story A", "expected the events [\"post.PostWritten\"]", "seen"]);
}
