//! The sale as it is seen from outside: one trace, and one timeline.

use std::collections::BTreeSet;

use jangteo_testing::{
    Collector,
    collector::{Span, SpanKind},
    until,
};
use serde_json::{Value, json};

use super::{SOON, client};
use crate::{
    mesh::Database,
    stories::{
        market::{Layout, Market, SECOND_HAND},
        trade::listed,
    },
};

const TRACE: &str = "2af7651916cd43dd8448eb211c80319c";
const RESERVE: &str = "jangteo.deal.v1.DealService/ReserveDeal";
const TAKE: &str = "jangteo.offer.v1.OfferService/TakeOffer";
const HOLD: &str = "jangteo.post.v1.PostService/ReservePost";

/// A market apart whose contexts export to a collector, and are told of events by the broker alone.
pub(super) async fn observed() -> (Market, Collector) {
    let collector = Collector::start().await.unwrap();
    let url = collector.url();
    let envs = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("JANGTEO_COMPARE_MS", "3600000"),
    ];
    let market =
        Market::start_with(Layout::apart(SECOND_HAND, Database::Sqlite), &envs).await.unwrap();
    (market, collector)
}

/// How many processes the trace goes through.
fn processes(spans: &[Span]) -> usize {
    let trace = spans.iter().filter(|span| span.trace == TRACE);
    let each: BTreeSet<_> = trace.map(|span| &span.process["service.instance.id"]).collect();
    each.len()
}

/// The spans of the trace of this name and kind.
fn named<'a>(spans: &'a [Span], name: &str, kind: SpanKind) -> Vec<&'a Span> {
    spans.iter().filter(|it| it.trace == TRACE && it.name == name && it.kind == kind).collect()
}

fn one<'a>(spans: &'a [Span], name: &str, kind: SpanKind) -> Option<&'a Span> {
    named(spans, name, kind).first().copied()
}

/// What the trace must hold before it is looked at.
const PARTS: [(&str, SpanKind); 9] = [
    (RESERVE, SpanKind::Server),
    (TAKE, SpanKind::Client),
    (TAKE, SpanKind::Server),
    (HOLD, SpanKind::Client),
    (HOLD, SpanKind::Server),
    ("publish jangteo.post", SpanKind::Producer),
    ("publish jangteo.deal", SpanKind::Producer),
    ("process jangteo.post", SpanKind::Consumer),
    ("process jangteo.deal", SpanKind::Consumer),
];

/// A-N1, A-N3
#[tokio::test(flavor = "multi_thread")]
async fn one_trace_goes_from_a_client_through_deal_offer_and_post_to_the_view() {
    let (market, collector) = observed().await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    let offer = buyer.requests(&post).await.unwrap();
    let (span, header) = client(TRACE);
    let body = json!({"offerId": offer.id()});
    let metadata = [("traceparent", header.as_str())];
    seller.call("deal.v1.DealService/ReserveDeal", body, &metadata).await.unwrap();
    seller.sees_sale(&post, "STATE_RESERVED").await;
    let spans = until(SOON, async || {
        let spans = collector.spans();
        let there = PARTS.iter().all(|(name, kind)| one(&spans, name, *kind).is_some());
        // Deal, offer, post and view have a part in it each, and inventory hears of every deal.
        (there && processes(&spans) == 5).then_some(spans)
    })
    .await;
    let [call, asks_offer, takes, asks_post, holds, tells_post, tells_deal, ..] =
        PARTS.map(|(name, kind)| one(&spans, name, kind).unwrap());
    for (part, of) in [
        (call, &span),
        (asks_offer, &call.id),
        (takes, &asks_offer.id),
        (asks_post, &call.id),
        (holds, &asks_post.id),
        (tells_post, &holds.id),
        (tells_deal, &call.id),
    ] {
        assert_eq!(&part.parent, of, "{}", part.name);
    }
    for (told, name) in [(tells_post, "process jangteo.post"), (tells_deal, "process jangteo.deal")]
    {
        let heard = named(&spans, name, SpanKind::Consumer);
        // Who compares may have read it from the journal, a moment before the message came.
        let from = [&told.id, &told.parent];
        assert!(heard.iter().all(|span| from.contains(&&span.parent)), "{told:?}: {heard:?}");
    }
}

/// The timeline, once it has so many entries.
async fn timeline(market: &Market, correlation_id: &str, many: usize) -> Vec<Value> {
    let (operator, rpc) = (market.operator(), "TimelineService/ListTimelineEntries");
    let asked = json!({"correlationId": correlation_id, "pageSize": 100});
    until(SOON, async || {
        // There is none before the view has heard of anything.
        let entries = listed(&operator.view(rpc, asked.clone(), "").await.ok()?, "entries");
        (entries.len() >= many).then_some(entries)
    })
    .await
}

fn events(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["event"].as_str().unwrap()).collect()
}

/// Where an event stands in a timeline.
fn place(entries: &[Value], event: &str) -> usize {
    events(entries).iter().position(|it| *it == event).unwrap_or_else(|| panic!("no {event}"))
}

/// A-T1 … A-T11
#[tokio::test(flavor = "multi_thread")]
async fn the_timeline_of_a_post_reads_like_its_story() {
    let market = Market::start(Layout::apart(SECOND_HAND, Database::Sqlite)).await.unwrap();
    let (seller, one) = (market.person("seller01"), market.person("buyer01"));
    let [low, high] = ["buyer02", "buyer03"].map(|name| market.person(name));
    let (phone, mouse) = (seller.sells_phone().await, seller.writes("무선마우스", 10_000).await);
    let asked = one.requests(&mouse).await.unwrap();
    let lost = low.proposes(&phone, 500_000).await.unwrap();
    let won = high.agrees(&seller, &phone, 510_000).await;
    let called_off = seller.reserves(asked.id()).await.unwrap();
    let deal = seller.reserves(&won).await.unwrap();
    seller.deal("CompleteDeal", json!({"id": deal.id()})).await.unwrap();
    one.deal("CancelDeal", json!({"id": called_off.id()})).await.unwrap();
    let told = [
        "PostWritten",
        "PriceProposed",
        "PriceProposed",
        "OfferAccepted",
        "PostReserved",
        "DealReserved",
        "DealEnded",
    ];
    let (sold, freed) =
        (timeline(&market, &phone, told.len() + 3).await, timeline(&market, &mouse, 7).await);
    assert_eq!(events(&sold)[..told.len()], told);
    assert_eq!(sold.len(), told.len() + 3, "{:?}", events(&sold));
    let (ended, over) = (place(&sold, "DealEnded"), place(&sold, "PostSold"));
    assert!(ended < place(&sold, "OfferCompleted"));
    assert!(ended < over && over < place(&sold, "OfferAutoCancelled"), "{:?}", events(&sold));
    let closed = &sold[place(&sold, "OfferAutoCancelled")];
    assert_eq!(closed["aggregateId"], lost.body["id"]);
    assert_eq!(sold[over]["causationId"], sold[ended]["id"]);
    assert_eq!(closed["causationId"], sold[over]["id"]);
    let told = ["PostWritten", "DealOffered", "PostReserved", "DealReserved", "DealCancelled"];
    assert_eq!(events(&freed)[..told.len()], told);
    let mut rest = events(&freed)[told.len()..].to_vec();
    rest.sort_unstable();
    assert_eq!(rest, ["OfferReopened", "PostReopened"]);

    // The view has all of this to itself, and has written nothing of it.
    for context in ["post", "offer", "deal"] {
        market.node(context).kill();
    }
    assert_eq!(timeline(&market, &phone, sold.len()).await, sold);
    let mine = json!({"correlationId": phone});
    let page = low.view("TimelineService/ListMyTimelineEntries", mine, "").await.unwrap();
    assert_eq!(events(&listed(&page, "entries")), ["PriceProposed", "OfferAutoCancelled"]);
}
