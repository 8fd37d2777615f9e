//! Each arrow, each refusal, and what holds whatever comes.

mod always;
mod making;
mod of_product;

use jangteo_kit::{
    event::timestamp,
    execute::Aggregate,
    status::{Kind, Reject},
};

use super::*;

const NOW: i64 = 1_727_136_000_000;
const HOUR: i64 = 3_600_000;

fn seller() -> Actor {
    Actor("seller01".to_owned())
}

fn buyer() -> Actor {
    Actor("buyer03".to_owned())
}

fn offered() -> Offered {
    let post = Uuid::from_u128(1);
    Offered { post, buyer: "buyer03".to_owned(), price_krw: 510_000 }
}

fn terms() -> Terms {
    let Offered { post, buyer, price_krw } = offered();
    Terms { post: Some(post), seller: "seller01".to_owned(), buyer, price_krw }
}

fn meeting() -> Meeting {
    Meeting { time: Some(NOW + HOUR), place: "방배역 2번 출구".to_owned() }
}

fn deal(state: State) -> Deal {
    let (id, subject) = (Uuid::from_u128(7), Subject::Offer(Uuid::from_u128(3)));
    Deal { id, subject, asker: "seller01".to_owned(), meeting: meeting(), state }
}

fn no() -> No {
    No {
        code: 9,
        reason: "POST_RESERVED".to_owned(),
        message: "the post is reserved".to_owned(),
        retry_after_ms: Some(60_000),
    }
}

/// The state after the command, and what told of it.
fn after(state: State, command: Command) -> Result<(State, Vec<Event>), Rejection> {
    Deal::decide(Some(deal(state)), command).map(|(deal, events)| (deal.state, events))
}

fn cancel(by: Actor) -> Command {
    Command::Cancel { by, at: NOW }
}

fn complete(by: Actor) -> Command {
    Command::Complete { by, at: NOW }
}

fn reschedule(by: Actor, meeting: Meeting) -> Command {
    Command::Reschedule { by, meeting, at: NOW }
}

/// All states that nobody sees.
fn invisible() -> [State; 5] {
    [
        State::Reserving(Step::Taking),
        State::Reserving(Step::Holding(offered())),
        State::Abandoning { undo: Undo::Post(offered()), why: no() },
        State::Abandoning { undo: Undo::Offer, why: no() },
        State::Abandoned { why: no() },
    ]
}

/// A-F4, A-T11
#[test]
fn either_side_calls_a_deal_off() {
    for by in [seller(), buyer()] {
        let (state, events) = after(State::Reserved(terms()), cancel(by.clone())).unwrap();
        assert_eq!(state, State::Cancelled(terms()));
        let told = DealCancelled {
            deal_id: Uuid::from_u128(7).to_string(),
            offer_id: Uuid::from_u128(3).to_string(),
            post_id: Uuid::from_u128(1).to_string(),
            product_id: String::new(),
            quantity: 1,
            seller: "seller01".to_owned(),
            buyer: "buyer03".to_owned(),
            price_krw: 510_000,
            time: Some(timestamp(NOW)),
        };
        assert_eq!(events, [told.into()]);
        assert_eq!(after(state.clone(), cancel(by)), Ok((state, vec![])));
    }
}

/// A-F5, A-T9
#[test]
fn the_seller_completes_a_deal() {
    let (state, events) = after(State::Reserved(terms()), complete(seller())).unwrap();
    assert_eq!(state, State::Ended(terms()));
    assert!(matches!(&events[..], [Event::DealEnded(ended)] if ended.price_krw == 510_000));
    assert_eq!(after(state.clone(), complete(seller())), Ok((state, vec![])));
}

#[test]
fn the_buyer_does_not_complete_a_deal() {
    for state in [State::Reserved(terms()), State::Ended(terms()), State::Cancelled(terms())] {
        assert_eq!(after(state, complete(buyer())), Err(Rejection::SellerOnly));
    }
    assert_eq!(Rejection::SellerOnly.kind(), Kind::Forbidden);
}

#[test]
fn of_cancelling_and_completing_the_first_one_stands() {
    for by in [seller(), buyer()] {
        let late = after(State::Ended(terms()), cancel(by.clone()));
        assert_eq!(late, Err(Rejection::Ended));
        let late = after(State::Ended(terms()), reschedule(by.clone(), Meeting::default()));
        assert_eq!(late, Err(Rejection::Ended));
        let late = after(State::Cancelled(terms()), reschedule(by, Meeting::default()));
        assert_eq!(late, Err(Rejection::Cancelled));
    }
    assert_eq!(after(State::Cancelled(terms()), complete(seller())), Err(Rejection::Cancelled));
    let kinds = [Rejection::Ended, Rejection::Cancelled].map(|it| it.kind());
    assert_eq!(kinds, [Kind::Precondition; 2]);
}

#[test]
fn either_side_appoints_another_time_and_place() {
    for by in [seller(), buyer()] {
        let later = Meeting { time: Some(NOW + 2 * HOUR), place: "서초역".to_owned() };
        let now = deal(State::Reserved(terms()));
        let (now, events) = Deal::decide(Some(now), reschedule(by.clone(), later.clone())).unwrap();
        assert_eq!((&now.meeting, &now.state), (&later, &State::Reserved(terms())));
        let [Event::DealRescheduled(told)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(told.meeting_time, Some(timestamp(NOW + 2 * HOUR)));
        let (same, events) = Deal::decide(Some(now.clone()), reschedule(by, later)).unwrap();
        assert_eq!((same, events), (now, vec![]));
    }
}

#[test]
fn a_meeting_may_be_left_open_again() {
    let (now, events) =
        Deal::decide(Some(deal(State::Reserved(terms()))), reschedule(buyer(), Meeting::default()))
            .unwrap();
    assert_eq!(now.meeting, Meeting::default());
    assert!(matches!(&events[..], [Event::DealRescheduled(told)] if told.meeting_time.is_none()));
}

#[test]
fn nobody_appoints_a_time_that_has_passed() {
    let at = |time| Meeting { time: Some(time), ..meeting() };
    let put_off = |to| after(State::Reserved(terms()), reschedule(seller(), to));
    assert_eq!(put_off(at(NOW - HOUR)), Err(Rejection::MeetingTimePast));
    put_off(at(NOW)).expect("they may meet at once");
    put_off(at(NOW - 59_000)).expect("a time is named in minutes");
    let refused = Rejection::MeetingTimePast;
    assert_eq!((refused.kind(), refused.field()), (Kind::Invalid, Some("meeting_time")));
}

#[test]
fn who_is_late_may_still_meet_elsewhere() {
    let late = Deal { meeting: meeting(), ..deal(State::Reserved(terms())) };
    let elsewhere = Meeting { place: "서초역".to_owned(), ..meeting() };
    let command =
        Command::Reschedule { by: buyer(), meeting: elsewhere.clone(), at: NOW + 3 * HOUR };
    assert_eq!(Deal::decide(Some(late), command).unwrap().0.meeting, elsewhere);
}

#[test]
fn strangers_find_no_deal_and_nobody_one_that_has_not_come_about() {
    let stranger = || Actor("buyer01".to_owned());
    let commands =
        |by: fn() -> Actor| [cancel(by()), complete(by()), reschedule(by(), Meeting::default())];
    for state in [State::Reserved(terms()), State::Ended(terms()), State::Cancelled(terms())] {
        for command in commands(stranger) {
            assert_eq!(after(state.clone(), command), Err(Rejection::NotFound));
        }
    }
    for state in invisible() {
        for command in [seller, buyer].into_iter().flat_map(commands) {
            assert_eq!(after(state.clone(), command), Err(Rejection::NotFound));
        }
        assert!(!deal(state).is_seen_by("seller01"));
    }
    for command in commands(seller) {
        assert_eq!(Deal::decide(None, command), Err(Rejection::NotFound));
    }
}
