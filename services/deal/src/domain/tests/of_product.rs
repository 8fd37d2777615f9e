//! A deal on pieces of a product: the stock has them, or not, or can't be asked.

use jangteo::inventory::v1::{
    HoldStockRequest, HoldStockResponse, StockLine, UndoHoldStockRequest, UndoHoldStockResponse,
    hold_stock_response::Line,
};
use jangteo_kit::decide::{Heard, Pending, Question, Unanswered};
use proptest::{prelude::*, sample::select};
use prost::{Message, Name};

use super::*;

/// What was heard of a question, with a yes in bytes.
type Answer = Heard<Vec<u8>>;

const KEY: &str = "deals/00000000-0000-0000-0000-000000000007";
const PRODUCT: Uuid = Uuid::from_u128(9);

/// Two watches.
fn subject() -> Subject {
    Subject::Product { id: PRODUCT, quantity: 2 }
}

fn purchase(state: State) -> Deal {
    Deal { subject: subject(), asker: "buyer03".to_owned(), ..deal(state) }
}

fn bought() -> Terms {
    Terms { post: None, price_krw: 100_000, ..terms() }
}

fn begin() -> Deal {
    let id = Uuid::from_u128(7);
    let reserve =
        Command::Reserve { id, subject: subject(), by: buyer(), meeting: meeting(), at: NOW };
    let (deal, events) = Deal::decide(None, reserve).unwrap();
    assert_eq!(events, [], "nobody hears of a deal that may not come about");
    assert_eq!(deal, purchase(State::Reserving(Step::Stocking)));
    deal
}

fn held() -> HoldStockResponse {
    let line = Line {
        product_id: PRODUCT.to_string(),
        name: "애플워치".to_owned(),
        quantity: 2,
        price_krw: 50_000,
    };
    let (owner, store_id) = ("seller01".to_owned(), String::new());
    HoldStockResponse { owner, lines: vec![line], store_id }
}

fn yes(message: &impl Message) -> Answer {
    Heard::Yes(message.encode_to_vec())
}

fn out_of_stock() -> No {
    No { reason: "OUT_OF_STOCK".to_owned(), ..no() }
}

fn question(deal: &Deal) -> Pending<Command> {
    deal.pending().expect("it waits")
}

fn hears(deal: &Deal, heard: Answer) -> (Deal, Vec<Event>) {
    let command = question(deal).heard(heard, NOW + 1);
    Deal::decide(Some(deal.clone()), command).expect("an answer is never refused")
}

fn asks(deal: &Deal, rpc: &str, request: &impl Name, unanswered: Unanswered) {
    let asked = question(deal);
    assert_eq!(asked.question, Question::of(rpc, request));
    assert_eq!((asked.key.as_str(), asked.unanswered), (KEY, unanswered));
}

/// C-F2, C-F3
#[test]
fn a_deal_holds_its_pieces_and_is_told_of() {
    let deal = begin();
    let hold = HoldStockRequest {
        holder_id: deal.id.to_string(),
        buyer: "buyer03".to_owned(),
        lines: vec![StockLine { product_id: PRODUCT.to_string(), quantity: 2 }],
        call_key: KEY.to_owned(),
        counted_only: true,
    };
    asks(&deal, "InventoryService/HoldStock", &hold, Unanswered::Undo);
    let (deal, events) = hears(&deal, yes(&held()));
    assert_eq!(deal, purchase(State::Reserved(bought())));
    let told = DealReserved {
        deal_id: deal.id.to_string(),
        product_id: PRODUCT.to_string(),
        quantity: 2,
        seller: "seller01".to_owned(),
        buyer: "buyer03".to_owned(),
        price_krw: 100_000,
        meeting_time: Some(timestamp(NOW + HOUR)),
        time: Some(timestamp(NOW + 1)),
        ..DealReserved::default()
    };
    assert_eq!(events, [told.into()]);
    assert!(deal.pending().is_none() && deal.outcome().is_ok());
}

/// C-F7, C-T5
#[test]
fn whoever_cannot_have_it_is_told_why() {
    let (deal, events) = hears(&begin(), Heard::No(out_of_stock()));
    assert_eq!(deal, purchase(State::Refused { why: out_of_stock() }));
    let [Event::DealRefused(told)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((told.reason.as_str(), told.buyer.as_str()), ("OUT_OF_STOCK", "buyer03"));
    assert_eq!((told.product_id.as_str(), told.quantity), (PRODUCT.to_string().as_str(), 2));
    assert!(deal.pending().is_none() && deal.outcome().is_ok(), "the deal says it itself");
    assert!(deal.is_seen_by("buyer03") && !deal.is_seen_by("seller01"));
    for command in [cancel(buyer()), complete(buyer()), reschedule(buyer(), Meeting::default())] {
        assert_eq!(Deal::decide(Some(deal.clone()), command), Err(Rejection::Refused));
    }
}

#[test]
fn a_stock_that_was_not_asked_has_nothing_to_undo() {
    let (deal, events) = hears(&begin(), Heard::NotSent);
    assert_eq!(events, []);
    let Err(Rejection::Peer(why)) = deal.outcome() else { panic!("{deal:?}") };
    assert_eq!((why.reason.as_str(), why.kind()), ("INVENTORY_UNAVAILABLE", Kind::Unavailable));
    assert_eq!(deal.state, State::Abandoned { why });
    assert!(!deal.is_seen_by("buyer03"));
}

#[test]
fn a_stock_that_does_not_answer_or_not_clearly_lets_go() {
    let none = HoldStockResponse { lines: vec![], ..held() };
    let priceless = Line { price_krw: i64::MAX, ..held().lines.remove(0) };
    let priceless = HoldStockResponse { lines: vec![priceless], ..held() };
    for heard in [Heard::Nothing, Heard::Yes(vec![0xff]), yes(&none), yes(&priceless)] {
        let (deal, _) = hears(&begin(), heard);
        let Err(Rejection::Peer(why)) = deal.outcome() else { panic!("{deal:?}") };
        let undo = UndoHoldStockRequest {
            holder_id: deal.id.to_string(),
            product_ids: vec![PRODUCT.to_string()],
            call_key: KEY.to_owned(),
        };
        asks(&deal, "InventoryService/UndoHoldStock", &undo, Unanswered::Finish);
        for heard in [Heard::No(no()), Heard::NotSent, Heard::Nothing] {
            assert_eq!(hears(&deal, heard), (deal.clone(), vec![]));
        }
        let (deal, events) = hears(&deal, yes(&UndoHoldStockResponse {}));
        assert_eq!((deal.state, events), (State::Abandoned { why }, vec![]));
    }
}

/// C-F4, C-T4, C.12-10: who may complete?
#[test]
fn whoever_owns_the_product_completes_the_deal() {
    let deal = purchase(State::Reserved(bought()));
    let no = Deal::decide(Some(deal.clone()), complete(buyer()));
    assert_eq!(no, Err(Rejection::SellerOnly));
    let (deal, events) = Deal::decide(Some(deal), complete(seller())).unwrap();
    assert_eq!(deal.state, State::Ended(bought()));
    let [Event::DealEnded(told)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((told.product_id.as_str(), told.quantity), (PRODUCT.to_string().as_str(), 2));
    assert_eq!((told.post_id.as_str(), told.offer_id.as_str()), ("", ""));
}

/// C-F6, C-T6
#[test]
fn either_side_calls_it_off() {
    for by in [seller(), buyer()] {
        let deal = purchase(State::Reserved(bought()));
        let (deal, events) = Deal::decide(Some(deal), cancel(by)).unwrap();
        assert_eq!(deal.state, State::Cancelled(bought()));
        let [Event::DealCancelled(told)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(told.product_id, PRODUCT.to_string());
    }
}

/// All that may be heard of a question.
fn any_heard() -> impl Strategy<Value = Answer> {
    select(vec![yes(&held()), Heard::No(out_of_stock()), Heard::NotSent, Heard::Nothing])
}

proptest! {
    /// C-N1: an answer that comes late, or twice, changes nothing.
    #[test]
    fn the_first_answer_stands(first in any_heard(), late in any_heard()) {
        let asked = question(&begin());
        let (deal, _) = hears(&begin(), first);
        let (same, events) = Deal::decide(Some(deal.clone()), asked.heard(late, NOW + 2)).unwrap();
        prop_assert_eq!((same, events), (deal, vec![]));
    }
}
