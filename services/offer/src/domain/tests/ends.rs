//! Ends that nobody asks for.

use jangteo_kit::status::Reject;

use super::*;

fn close(why: Gone) -> Command {
    Command::Close { why, at: 4 }
}

/// A-F12
#[test]
fn what_is_open_closes_with_its_post() {
    for was in [Open::Pending, Open::Accepted] {
        for state in [open(was), asking_again(was)] {
            let (state, event) = told(&proposal(state), close(Gone::Sold));
            assert_eq!(state, made(Standing::AutoCancelled));
            assert!(matches!(event, Some(Event::OfferAutoCancelled(_))), "{event:?}");
        }
    }
}

#[test]
fn an_offer_whose_post_goes_while_it_is_made_was_never_made() {
    for (why, reason) in [(Gone::Sold, "POST_SOLD"), (Gone::Deleted, "POST_NOT_FOUND")] {
        let (offer, events) = Offer::decide(Some(request(State::Asking)), close(why)).unwrap();
        assert_eq!(offer.outcome().unwrap_err().reason(), reason);
        assert_eq!(events, []);
    }
}

#[test]
fn what_a_deal_holds_or_has_ended_stays_when_its_post_goes() {
    let held = [in_deal(1, Open::Pending), in_deal(1, Open::Accepted)];
    let abandoned = State::Abandoned(no("OWN_POST"));
    for state in held.into_iter().chain(ends()).chain([abandoned]) {
        let closed = told(&request(state.clone()), close(Gone::Deleted));
        assert_eq!(closed, (state, None));
    }
}

#[test]
fn an_open_offer_expires_after_seven_days_and_not_before() {
    let week = 7 * 24 * 60 * 60 * 1000;
    for was in [Open::Pending, Open::Accepted] {
        let offer = request(open(was));
        let (at, expire) = offer.due().unwrap();
        assert_eq!((at, &expire), (1 + week, &Command::Expire { at }));
        let early = Command::Expire { at: at - 1 };
        assert_eq!(told(&offer, early), (offer.state.clone(), None));
        let (state, event) = told(&offer, expire);
        assert_eq!(state, made(Standing::Expired));
        assert!(matches!(event, Some(Event::OfferExpired(_))), "{event:?}");
    }
}

#[test]
fn nothing_but_an_open_offer_expires() {
    for state in states() {
        if !matches!(state, State::Made(_, Standing::Open(_))) {
            assert!(request(state.clone()).due().is_none());
            let expire = Command::Expire { at: i64::MAX };
            assert_eq!(told(&request(state.clone()), expire), (state, None));
        }
    }
}
