//! What deals do with an offer.

use super::*;

fn release(number: u128) -> Command {
    Command::Release { deal: deal(number) }
}

fn reopen(number: u128) -> Command {
    Command::Reopen { deal: deal(number) }
}

/// The offer after a command that cannot be refused and tells nothing.
fn silently(offer: Offer, command: Command) -> Offer {
    let (offer, events) = Offer::decide(Some(offer), command).unwrap();
    assert_eq!(events, []);
    offer
}

/// A-F3
#[test]
fn a_deal_takes_what_is_accepted_and_a_request_that_is_pending() {
    let accepted = both(&open(Open::Accepted));
    for offer in accepted.into_iter().chain([request(open(Open::Pending))]) {
        let State::Made(_, Standing::Open(was)) = offer.state else { unreachable!() };
        let taken = silently(offer, take(1));
        assert_eq!(taken.state, in_deal(1, was));
        assert_eq!(silently(taken.clone(), take(1)), taken, "asked again");
        assert_eq!(after(taken, take(2)), Err(Rejection::InDeal));
    }
}

#[test]
fn a_proposal_is_taken_only_at_a_price_that_the_seller_has_accepted() {
    assert_eq!(after(proposal(open(Open::Pending)), take(1)), Err(Rejection::NotAccepted));
}

#[test]
fn only_a_deal_of_the_posts_seller_takes_an_offer() {
    let other = Command::Take { deal: deal(1), seller: "buyer03".to_owned() };
    for state in [open(Open::Accepted), in_deal(1, Open::Accepted)] {
        assert_eq!(after(request(state), other.clone()), Err(Rejection::NotFound));
    }
}

#[test]
fn a_deal_that_comes_to_nothing_lets_the_offer_ask_again_for_what_it_was() {
    for was in [Open::Pending, Open::Accepted] {
        let released = silently(request(in_deal(1, was)), release(1));
        assert_eq!((&released.state, released.checks), (&asking_again(was), 2));
        assert_eq!(silently(released.clone(), release(1)), released, "asked again");
    }
}

/// A-F4
#[test]
fn a_deal_that_is_called_off_lets_the_offer_ask_again_to_be_answered_anew() {
    for was in [Open::Pending, Open::Accepted] {
        let reopened = silently(request(in_deal(1, was)), reopen(1));
        assert_eq!((&reopened.state, reopened.checks), (&asking_again(Open::Pending), 2));
        assert_eq!(reopened.accepted_post(), None);
        assert_eq!(silently(reopened.clone(), reopen(1)), reopened, "told again");
    }
}

/// A-F5
#[test]
fn a_deal_that_ends_completes_its_offer() {
    let complete = Command::Complete { deal: deal(1), at: 3 };
    let (state, event) = told(&proposal(in_deal(1, Open::Accepted)), complete);
    assert_eq!(state, made(Standing::Completed { deal: deal(1) }));
    let Some(Event::OfferCompleted(completed)) = event else { panic!("{event:?}") };
    assert_eq!((completed.deal_id, completed.price_krw), (deal(1).to_string(), 510_000));
}

#[test]
fn a_deal_that_does_not_hold_the_offer_does_nothing_to_it() {
    for state in states() {
        for command in [release(2), reopen(2), Command::Complete { deal: deal(2), at: 3 }] {
            assert_eq!(told(&request(state.clone()), command), (state.clone(), None));
        }
    }
}

#[test]
fn the_one_accepted_offer_of_a_post_stays_the_one_while_a_deal_tries() {
    let accepted = request(open(Open::Accepted));
    let taken = silently(accepted.clone(), take(1));
    let released = silently(taken.clone(), release(1));
    for offer in [accepted, taken, released] {
        assert_eq!(offer.accepted_post(), Some(POST));
    }
}
