//! Each arrow, each refusal, and what holds whatever comes.

mod always;

use jangteo::item::v1::{Item, RetireItemRequest};
use jangteo_kit::{
    decide::{Heard, Question, Unanswered},
    event::timestamp,
    execute::Aggregate,
    status::{Kind, Reject},
};
use prost::Message;

use super::*;

const NOW: i64 = 1_727_136_000_000;
const KEY: &str = "reviews/00000000-0000-0000-0000-000000000007";

fn renter() -> Actor {
    Actor("renter01".to_owned())
}

fn review(state: State) -> Review {
    Review {
        id: Uuid::from_u128(7),
        item: Uuid::from_u128(1),
        item_name: "Camera".to_owned(),
        renter: "renter01".to_owned(),
        owner: "owner01".to_owned(),
        state,
    }
}

fn request() -> Command {
    let Review { id, item, item_name, renter, owner, .. } = review(State::Written { score: 5 });
    Command::Request { id, item, item_name, renter, owner, at: NOW }
}

fn write(by: Actor) -> Command {
    Command::Write { by, score: 5 }
}

fn answered(heard: Heard<()>) -> Command {
    Command::ItemAnswered { heard, at: NOW }
}

fn no() -> No {
    No {
        code: 5,
        reason: "ITEM_NOT_FOUND".to_owned(),
        message: "there is no such item".to_owned(),
        retry_after_ms: None,
    }
}

/// All that may be heard of a question.
fn heards() -> [Heard<()>; 4] {
    [Heard::Yes(()), Heard::No(no()), Heard::NotSent, Heard::Nothing]
}

fn requested() -> State {
    State::Requested { failed: None }
}

fn writing(asked: Asked) -> State {
    State::Writing { score: 5, asked }
}

fn written() -> State {
    State::Written { score: 5 }
}

/// Requested, after an attempt that came to nothing.
fn failed() -> State {
    State::Requested { failed: Some(No::unavailable("ITEM_UNAVAILABLE", "nothing was written")) }
}

/// Every state.
fn states() -> [State; 5] {
    [requested(), failed(), writing(Asked::First), writing(Asked::Again), written()]
}

/// The state after the command, and what told of it.
fn after(state: State, command: Command) -> Result<(State, Vec<Event>), Rejection> {
    Review::decide(Some(review(state)), command).map(|(review, events)| (review.state, events))
}

/// What tells that it was written.
fn told() -> Event {
    ReviewWritten {
        rental_id: Uuid::from_u128(7).to_string(),
        item_id: Uuid::from_u128(1).to_string(),
        item_name: "Camera".to_owned(),
        renter: "renter01".to_owned(),
        owner: "owner01".to_owned(),
        score: 5,
        time: Some(timestamp(NOW)),
    }
    .into()
}

/// B-F12, B-T6
#[test]
fn the_end_of_a_rental_asks_its_renter_for_a_review() {
    let (born, events) = Review::decide(None, request()).unwrap();
    assert_eq!(born, review(requested()));
    let told = ReviewRequested {
        rental_id: Uuid::from_u128(7).to_string(),
        item_id: Uuid::from_u128(1).to_string(),
        item_name: "Camera".to_owned(),
        renter: "renter01".to_owned(),
        owner: "owner01".to_owned(),
        time: Some(timestamp(NOW)),
    };
    assert_eq!(events, [told.into()]);
}

#[test]
fn nobody_is_asked_twice_whatever_has_become_of_it() {
    for state in states() {
        assert_eq!(after(state.clone(), request()), Ok((state, vec![])));
    }
}

/// B-F13, B-T12
#[test]
fn a_review_takes_the_item_off_the_lists_and_is_written() {
    for state in [requested(), failed()] {
        let (state, events) = after(state, write(renter())).unwrap();
        assert_eq!((&state, &events[..]), (&writing(Asked::First), &[][..]));
        let (state, events) = after(state, answered(Heard::Yes(()))).unwrap();
        assert_eq!((&state, &events[..]), (&written(), &[told()][..]));
        assert!(review(state).pending().is_none());
    }
}

/// B.14-2: of the item that was rented, not of one whose number happens to be the same.
#[test]
fn the_item_of_the_rental_is_asked_under_one_key() {
    let request = RetireItemRequest {
        id: Uuid::from_u128(1).to_string(),
        rental_id: Uuid::from_u128(7).to_string(),
        call_key: KEY.to_owned(),
    };
    let question = Question::of("ItemService/RetireItem", &request);
    for (asked, unanswered) in
        [(Asked::First, Unanswered::Undo), (Asked::Again, Unanswered::Finish)]
    {
        let pending = review(writing(asked)).pending().expect("it waits");
        assert_eq!((pending.key.as_str(), &pending.question), (KEY, &question));
        assert_eq!((pending.unanswered, pending.limit.as_millis()), (unanswered, 610));
        let yes = Heard::Yes(Item::default().encode_to_vec());
        assert_eq!(pending.heard(yes, NOW), answered(Heard::Yes(())));
        assert_eq!(pending.heard(Heard::Yes(vec![0xff]), NOW), answered(Heard::Nothing));
    }
    for state in [requested(), failed(), written()] {
        assert!(review(state).pending().is_none());
    }
}

#[test]
fn an_item_that_says_no_is_off_the_lists_already() {
    for asked in [Asked::First, Asked::Again] {
        let heard = after(writing(asked), answered(Heard::No(no())));
        assert_eq!(heard, Ok((written(), vec![told()])));
    }
}

/// B-N6, B-T13
#[test]
fn nothing_is_written_while_the_item_cannot_be_asked() {
    let (state, events) = after(writing(Asked::First), answered(Heard::NotSent)).unwrap();
    assert_eq!(events, []);
    let Err(why) = review(state.clone()).outcome() else { panic!("{state:?}") };
    assert_eq!((why.kind(), why.reason()), (Kind::Unavailable, "ITEM_UNAVAILABLE"));
    assert!(why.retry_after().is_some() && why.to_string().starts_with("nothing was written"));
    assert!(!review(state.clone()).is_seen_by(None));
    let (state, _) = after(state, write(renter())).unwrap();
    assert_eq!(state, writing(Asked::First), "a little later it is tried again");
}

/// B-N5: what the item may have heard is not taken back.
#[test]
fn an_item_that_did_not_answer_in_time_is_asked_until_it_does() {
    let (state, events) = after(writing(Asked::First), answered(Heard::Nothing)).unwrap();
    assert_eq!((&state, events), (&writing(Asked::Again), vec![]));
    assert_eq!(
        review(state.clone()).outcome(),
        Ok(()),
        "whoever writes is told that it is written"
    );
    for heard in [Heard::NotSent, Heard::Nothing] {
        assert_eq!(after(state.clone(), answered(heard)), Ok((state.clone(), vec![])));
    }
    assert_eq!(after(state, answered(Heard::Yes(()))), Ok((written(), vec![told()])));
}

#[test]
fn an_answer_that_nothing_waits_for_changes_nothing() {
    for state in [requested(), failed(), written()] {
        for heard in heards() {
            assert_eq!(after(state.clone(), answered(heard)), Ok((state.clone(), vec![])));
        }
    }
}

/// B.14-12
#[test]
fn there_is_one_review_of_a_rental() {
    for asked in [Asked::First, Asked::Again] {
        assert_eq!(after(writing(asked), write(renter())), Err(Rejection::Running));
    }
    assert_eq!(after(written(), write(renter())), Err(Rejection::Written));
    let refused = [Rejection::Running, Rejection::Written].map(|it| (it.kind(), it.retry_after()));
    let [(Kind::Aborted, Some(_)), (Kind::Precondition, None)] = refused else {
        panic!("{refused:?}")
    };
}

/// B.14-12: neither without a rental nor of somebody else's.
#[test]
fn only_its_renter_finds_a_review_to_write() {
    for other in ["owner01", "renter02", "Renter01", ""] {
        for state in states() {
            let refused = after(state, write(Actor(other.to_owned())));
            assert_eq!(refused, Err(Rejection::NotFound), "{other}");
        }
    }
    for command in [write(renter()), answered(Heard::Yes(()))] {
        assert_eq!(Review::decide(None, command), Err(Rejection::NotFound));
    }
    assert_eq!(Rejection::NotFound.kind(), Kind::NotFound);
}

#[test]
fn until_it_is_written_only_its_renter_sees_it() {
    for state in states() {
        let (all, review) = (state == written(), review(state));
        for person in [None, Some("owner01"), Some("renter02")] {
            assert_eq!(review.is_seen_by(person), all);
        }
        assert!(review.is_seen_by(Some("renter01")));
    }
}
