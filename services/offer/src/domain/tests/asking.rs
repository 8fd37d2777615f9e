//! The question to post, and each answer to it.

use jangteo::post::v1::{CheckPostRequest, Post};
use jangteo_kit::{
    decide::{Heard, Unanswered},
    status::Reject,
};
use prost::Message;
use tonic::Code;

use super::*;

fn create(proposed_krw: Option<i64>) -> Command {
    Command::Create { id: ID, post: POST, buyer: "buyer03".to_owned(), proposed_krw, at: 1 }
}

fn hear(heard: Heard<Terms>) -> Command {
    Command::Hear { check: 1, heard, at: 5 }
}

/// What post sends.
fn yes() -> Heard<Vec<u8>> {
    let post = Post { seller: "seller01".to_owned(), price_krw: 600_000, ..Post::default() };
    Heard::Yes(post.encode_to_vec())
}

/// Why an abandoned offer came to nothing, as its caller is told.
fn why(heard: Heard<Terms>) -> (Code, String, bool) {
    let (offer, events) = Offer::decide(Some(request(State::Asking)), hear(heard)).unwrap();
    assert!(events.is_empty() && matches!(offer.state, State::Abandoned(_)));
    let why = offer.outcome().unwrap_err();
    (why.kind().into(), why.reason().to_owned(), why.retry_after().is_some())
}

#[test]
fn a_new_offer_asks_about_its_post_before_anything_is_told() {
    let (offer, events) = Offer::decide(None, create(Some(510_000))).unwrap();
    assert_eq!((&offer, events), (&proposal(State::Asking), vec![]));
    let pending = offer.pending().unwrap();
    assert_eq!(pending.unanswered, Unanswered::Undo);
    assert_eq!(pending.key, format!("offers/{ID}/checks/1"));
    assert_eq!(pending.question.path, "/jangteo.post.v1.PostService/CheckPost");
    let asked = CheckPostRequest::decode(pending.question.message.as_slice()).unwrap();
    let call_key = pending.key.clone();
    let expected = CheckPostRequest { id: POST.to_string(), buyer: "buyer03".to_owned(), call_key };
    assert_eq!(asked, expected);
    let heard = Heard::Yes(terms());
    assert_eq!(pending.heard(yes(), 5), Command::Hear { check: 1, heard, at: 5 });
    assert!(Offer::decide(Some(offer), create(None)).is_err(), "its id is taken");
}

/// A-F2
#[test]
fn a_request_is_made_at_the_price_that_post_answers() {
    let (state, event) = told(&request(State::Asking), hear(Heard::Yes(terms())));
    assert_eq!(state, open(Open::Pending));
    let Some(Event::DealOffered(offered)) = event else { panic!("{event:?}") };
    assert_eq!((offered.price_krw, offered.seller.as_str()), (600_000, "seller01"));
}

/// A-F9
#[test]
fn a_proposal_is_made_at_its_own_price_beside_the_posts() {
    let (state, event) = told(&proposal(State::Asking), hear(Heard::Yes(terms())));
    assert_eq!(state, open(Open::Pending));
    let Some(Event::PriceProposed(proposed)) = event else { panic!("{event:?}") };
    assert_eq!((proposed.price_krw, proposed.list_price_krw), (510_000, 600_000));
}

#[test]
fn a_first_no_is_the_answer_to_who_asked() {
    for reason in ["POST_SOLD", "OWN_POST"] {
        let told = (Code::FailedPrecondition, reason.to_owned(), false);
        assert_eq!(why(Heard::No(no(reason))), told);
    }
}

#[test]
fn a_hidden_or_deleted_post_is_none_to_a_stranger() {
    for reason in ["POST_HIDDEN", "POST_DELETED"] {
        let told = (Code::NotFound, "POST_NOT_FOUND".to_owned(), false);
        assert_eq!(why(Heard::No(no(reason))), told);
    }
}

#[test]
fn a_first_question_without_an_answer_comes_to_nothing() {
    for silence in [Heard::NotSent, Heard::Nothing] {
        assert_eq!(why(silence), (Code::Unavailable, "POST_UNAVAILABLE".to_owned(), true));
    }
}

#[test]
fn one_that_asks_again_asks_until_it_is_answered() {
    for was in [Open::Pending, Open::Accepted] {
        let offer = Offer { checks: 2, ..request(asking_again(was)) };
        let pending = offer.pending().unwrap();
        assert_eq!(pending.unanswered, Unanswered::Finish);
        assert_eq!(pending.key, format!("offers/{ID}/checks/2"));
        for silence in [Heard::NotSent, Heard::Nothing] {
            assert_eq!(told(&offer, pending.heard(silence, 5)), (offer.state.clone(), None));
        }
        let (state, event) = told(&offer, pending.heard(yes(), 5));
        assert_eq!(state, open(was));
        let Some(Event::OfferReopened(reopened)) = event else { panic!("{event:?}") };
        assert_eq!(reopened.accepted, was == Open::Accepted);
    }
}

#[test]
fn one_that_opens_again_is_open_for_its_whole_time_again() {
    let offer = Offer { checks: 2, ..request(asking_again(Open::Pending)) };
    let answered = offer.pending().unwrap().heard(yes(), 1_000_000);
    let (opened, _) = Offer::decide(Some(offer.clone()), answered).unwrap();
    assert_eq!(opened.expires() - offer.expires(), 1_000_000 - offer.open_since);
}

#[test]
fn one_that_asks_again_closes_only_with_its_post() {
    for was in [Open::Pending, Open::Accepted] {
        for reason in ["POST_SOLD", "POST_DELETED", "POST_NOT_FOUND"] {
            let (state, event) = told(&request(asking_again(was)), hear(Heard::No(no(reason))));
            assert_eq!(state, made(Standing::AutoCancelled));
            assert!(matches!(event, Some(Event::OfferAutoCancelled(_))), "{event:?}");
        }
        for reason in ["POST_HIDDEN", "OWN_POST"] {
            let (state, event) = told(&request(asking_again(was)), hear(Heard::No(no(reason))));
            assert_eq!(state, open(was));
            assert!(matches!(event, Some(Event::OfferReopened(_))), "{event:?}");
        }
    }
}

#[test]
fn an_answer_that_comes_late_changes_nothing() {
    let heards = [Heard::Yes(terms()), Heard::No(no("POST_SOLD")), Heard::Nothing];
    for state in states() {
        for heard in heards.clone() {
            let offer = Offer { checks: 2, ..request(state.clone()) };
            let late = Command::Hear { check: 1, heard: heard.clone(), at: 5 };
            assert_eq!(told(&offer, late), (state.clone(), None));
            if offer.pending().is_none() {
                let repeated = Command::Hear { check: 2, heard, at: 5 };
                assert_eq!(told(&offer, repeated), (state.clone(), None));
            }
        }
    }
}
