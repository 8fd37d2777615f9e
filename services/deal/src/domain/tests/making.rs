//! From the first question to a deal, or back to nothing.

use jangteo::{
    offer::v1::{Offer, ReleaseOfferRequest, ReleaseOfferResponse, TakeOfferRequest},
    post::v1::{Post, ReleasePostRequest, ReleasePostResponse, ReservePostRequest},
};
use jangteo_kit::decide::{Heard, Pending, Question, Unanswered};
use prost::{Message, Name};

use super::*;

/// What was heard of a question, with a yes in bytes.
type Answer = Heard<Vec<u8>>;

const KEY: &str = "deals/00000000-0000-0000-0000-000000000007";

fn begin() -> Deal {
    let (id, subject) = (Uuid::from_u128(7), Subject::Offer(Uuid::from_u128(3)));
    let reserve = Command::Reserve { id, subject, by: seller(), meeting: meeting(), at: NOW };
    let (deal, events) = Deal::decide(None, reserve).unwrap();
    assert_eq!(events, [], "nobody hears of a deal that may not come about");
    deal
}

fn yes(message: &impl Message) -> Answer {
    Heard::Yes(message.encode_to_vec())
}

fn taken() -> Answer {
    let Offered { post, buyer, price_krw } = offered();
    yes(&Offer { post_id: post.to_string(), buyer, price_krw, ..Offer::default() })
}

/// What the deal waits for.
fn question(deal: &Deal) -> Pending<Command> {
    deal.pending().expect("it waits")
}

/// The deal once it has heard this, and what told of it.
fn hears(deal: &Deal, heard: Answer) -> (Deal, Vec<Event>) {
    let command = question(deal).heard(heard, NOW + 1);
    Deal::decide(Some(deal.clone()), command).expect("an answer is never refused")
}

/// The same, where nothing is told of it.
fn silently(deal: &Deal, heard: Answer) -> Deal {
    let (deal, events) = hears(deal, heard);
    assert_eq!(events, []);
    deal
}

/// Asserts that the deal asks just this, under its own key.
fn asks(deal: &Deal, rpc: &str, request: &impl Name, unanswered: Unanswered) {
    let asked = question(deal);
    assert_eq!(asked.question, Question::of(rpc, request));
    assert_eq!((asked.key.as_str(), asked.unanswered), (KEY, unanswered));
}

fn lets_go_of_the_post(deal: &Deal) {
    let (id, deal_id) = (offered().post.to_string(), deal.id.to_string());
    let release = ReleasePostRequest { id, deal_id, call_key: KEY.to_owned() };
    asks(deal, "PostService/ReleasePost", &release, Unanswered::Finish);
}

fn lets_go_of_the_offer(deal: &Deal) {
    let (id, deal_id) = (deal.offer_id(), deal.id.to_string());
    let release = ReleaseOfferRequest { id, deal_id, call_key: KEY.to_owned() };
    asks(deal, "OfferService/ReleaseOffer", &release, Unanswered::Finish);
}

/// Asserts that the deal is at rest and came to nothing, for this reason.
fn came_to_nothing(deal: &Deal, why: &No) {
    assert_eq!(deal.state, State::Abandoned { why: why.clone() });
    assert!(deal.pending().is_none());
    assert_eq!(deal.outcome(), Err(Rejection::Peer(why.clone())));
}

fn is_away(deal: &Deal, reason: &str) -> No {
    let Err(Rejection::Peer(why)) = deal.outcome() else { panic!("{deal:?}") };
    assert_eq!((why.reason.as_str(), Kind::Unavailable), (reason, why.kind()));
    assert!(why.retry_after().is_some());
    why
}

/// A-F3, A-T8
#[test]
fn a_deal_takes_the_offer_then_the_post_and_is_told_of() {
    let deal = begin();
    let (id, deal_id) = (deal.offer_id(), deal.id.to_string());
    let take =
        TakeOfferRequest { id, deal_id, seller: "seller01".to_owned(), call_key: KEY.to_owned() };
    asks(&deal, "OfferService/TakeOffer", &take, Unanswered::Undo);

    let deal = silently(&deal, taken());
    let reserve = ReservePostRequest {
        id: offered().post.to_string(),
        deal_id: deal.id.to_string(),
        offer_id: deal.offer_id(),
        seller: "seller01".to_owned(),
        buyer: "buyer03".to_owned(),
        agreed_price_krw: 510_000,
        call_key: KEY.to_owned(),
    };
    asks(&deal, "PostService/ReservePost", &reserve, Unanswered::Undo);

    let (deal, events) = hears(&deal, yes(&Post::default()));
    assert_eq!(deal, super::deal(State::Reserved(terms())));
    let told = DealReserved {
        deal_id: deal.id.to_string(),
        offer_id: deal.offer_id(),
        post_id: offered().post.to_string(),
        product_id: String::new(),
        quantity: 1,
        seller: "seller01".to_owned(),
        buyer: "buyer03".to_owned(),
        price_krw: 510_000,
        meeting_time: Some(timestamp(NOW + HOUR)),
        time: Some(timestamp(NOW + 1)),
    };
    assert_eq!(events, [told.into()]);
    assert!(deal.pending().is_none());
    assert_eq!(deal.outcome(), Ok(()));
}

#[test]
fn a_deal_that_asked_nobody_has_nothing_to_undo() {
    let deal = silently(&begin(), Heard::NotSent);
    came_to_nothing(&deal, &is_away(&deal, "OFFER_UNAVAILABLE"));
}

/// Also a refused question may have been heard twice, and answered otherwise the first time.
#[test]
fn a_refused_offer_is_let_go_and_the_reason_passed_on() {
    let deal = silently(&begin(), Heard::No(no()));
    assert_eq!(deal.outcome(), Err(Rejection::Peer(no())));
    lets_go_of_the_offer(&deal);
    came_to_nothing(&silently(&deal, yes(&ReleaseOfferResponse {})), &no());
}

#[test]
fn an_offer_that_does_not_answer_or_not_clearly_is_let_go() {
    let unclear = Offer { post_id: "1".to_owned(), ..Offer::default() };
    for heard in [Heard::Nothing, Heard::Yes(vec![0xff]), yes(&unclear)] {
        let deal = silently(&begin(), heard);
        let why = is_away(&deal, "OFFER_UNAVAILABLE");
        lets_go_of_the_offer(&deal);
        came_to_nothing(&silently(&deal, yes(&ReleaseOfferResponse {})), &why);
    }
}

#[test]
fn a_post_that_refuses_or_does_not_answer_is_let_go_before_the_offer() {
    for heard in [Heard::No(no()), Heard::Nothing] {
        let deal = silently(&silently(&begin(), taken()), heard);
        let Err(Rejection::Peer(why)) = deal.outcome() else { panic!("{deal:?}") };
        lets_go_of_the_post(&deal);
        let deal = silently(&deal, yes(&ReleasePostResponse {}));
        lets_go_of_the_offer(&deal);
        came_to_nothing(&silently(&deal, yes(&ReleaseOfferResponse {})), &why);
    }
}

#[test]
fn the_offer_does_not_wait_for_a_post_that_was_never_asked() {
    let deal = silently(&silently(&begin(), taken()), Heard::NotSent);
    let why = is_away(&deal, "POST_UNAVAILABLE");
    lets_go_of_the_offer(&deal);
    came_to_nothing(&silently(&deal, yes(&ReleaseOfferResponse {})), &why);
}

#[test]
fn what_was_taken_is_let_go_of_until_its_owner_says_so() {
    for undo in [Undo::Post(offered()), Undo::Offer] {
        let deal = deal(State::Abandoning { undo, why: no() });
        for heard in [Heard::No(no()), Heard::NotSent, Heard::Nothing] {
            assert_eq!(silently(&deal, heard), deal);
        }
    }
}

#[test]
fn nobody_begins_a_deal_for_a_time_that_has_passed_or_twice() {
    let (id, subject) = (Uuid::from_u128(7), Subject::Offer(Uuid::from_u128(3)));
    let time = Some(NOW - HOUR);
    let past = Meeting { time, ..meeting() };
    let reserve = |meeting| Command::Reserve { id, subject, by: seller(), meeting, at: NOW };
    assert_eq!(Deal::decide(None, reserve(past)), Err(Rejection::MeetingTimePast));
    let again = Deal::decide(Some(begin()), reserve(meeting()));
    assert_eq!(again, Err(Rejection::Exists));
}
