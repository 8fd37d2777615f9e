//! What buyer and seller do, and what they may not.

use jangteo_kit::status::{Kind, Reject};

use super::*;

fn accept(by: Actor) -> Command {
    Command::Accept { by, at: 2 }
}

fn refuse(by: Actor) -> Command {
    Command::Refuse { by, at: 2 }
}

fn withdraw(by: Actor) -> Command {
    Command::Withdraw { by, at: 2 }
}

/// What each of them would do, and a deal of the seller's.
fn all() -> [Command; 4] {
    [accept(seller()), refuse(seller()), withdraw(buyer()), take(1)]
}

/// A-F10
#[test]
fn the_seller_accepts_a_pending_offer_once() {
    for offer in both(&open(Open::Pending)) {
        let (state, event) = told(&offer, accept(seller()));
        assert_eq!(state, open(Open::Accepted));
        assert!(matches!(event, Some(Event::OfferAccepted(_))), "{event:?}");
        assert_eq!(told(&Offer { state: state.clone(), ..offer }, accept(seller())), (state, None));
    }
}

/// A-F11
#[test]
fn the_seller_refuses_and_the_buyer_withdraws_while_no_deal_is_planned() {
    for was in [Open::Pending, Open::Accepted] {
        for offer in [open(was), asking_again(was)].iter().flat_map(both) {
            let (state, event) = told(&offer, refuse(seller()));
            assert_eq!(state, made(Standing::Refused));
            assert!(matches!(event, Some(Event::OfferRefused(_))), "{event:?}");
            let (state, event) = told(&offer, withdraw(buyer()));
            assert_eq!(state, made(Standing::Withdrawn));
            assert!(matches!(event, Some(Event::OfferWithdrawn(_))), "{event:?}");
        }
    }
}

#[test]
fn an_offer_in_a_deal_is_left_alone_until_the_deal_ends() {
    for was in [Open::Pending, Open::Accepted] {
        for command in all() {
            let why = after(request(in_deal(2, was)), command).unwrap_err();
            assert_eq!(why, Rejection::InDeal);
            assert!(why.kind() == Kind::Precondition && why.retry_after().is_some());
        }
    }
}

#[test]
fn an_offer_that_asks_again_is_accepted_or_taken_later() {
    for was in [Open::Pending, Open::Accepted] {
        for command in [accept(seller()), take(1)] {
            let why = after(request(asking_again(was)), command).unwrap_err();
            assert_eq!(why, Rejection::Checking);
            assert!(why.kind() == Kind::Aborted && why.retry_after().is_some());
        }
    }
}

#[test]
fn each_end_says_which_it_is() {
    let reasons = [
        "OFFER_REFUSED",
        "OFFER_WITHDRAWN",
        "OFFER_COMPLETED",
        "OFFER_AUTO_CANCELLED",
        "OFFER_EXPIRED",
    ];
    for (end, reason) in ends().into_iter().zip(reasons) {
        for command in all() {
            let why = after(request(end.clone()), command).unwrap_err();
            assert_eq!((why.kind(), why.reason()), (Kind::Precondition, reason));
            assert_eq!(why.retry_after(), None);
        }
    }
}

#[test]
fn nobody_finds_an_offer_that_was_not_made() {
    for state in [State::Asking, State::Abandoned(no("POST_SOLD"))] {
        for command in all() {
            assert_eq!(after(request(state.clone()), command), Err(Rejection::NotFound));
        }
    }
    for command in all() {
        assert_eq!(Offer::decide(None, command).unwrap_err(), Rejection::NotFound);
    }
}

#[test]
fn a_stranger_finds_no_offer() {
    let stranger = || Actor("buyer02".to_owned());
    for state in states() {
        let take = Command::Take { deal: deal(1), seller: "buyer02".to_owned() };
        for command in [accept(stranger()), refuse(stranger()), withdraw(stranger()), take] {
            assert_eq!(after(request(state.clone()), command), Err(Rejection::NotFound));
        }
    }
}

#[test]
fn who_sees_an_offer_from_the_other_side_is_told_that_it_is_not_his_to_answer() {
    for state in states().into_iter().filter(|state| matches!(state, State::Made(..))) {
        for command in [accept(buyer()), refuse(buyer())] {
            assert_eq!(after(request(state.clone()), command), Err(Rejection::SellerOnly));
        }
        let why = after(request(state), withdraw(seller())).unwrap_err();
        assert_eq!((why.kind(), why.reason()), (Kind::Forbidden, "BUYER_ONLY"));
    }
}
