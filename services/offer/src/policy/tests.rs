//! Events as they arrive, and what they set going.

use jangteo::post::v1::PostEdited;
use prost::Name;

use super::*;

const POST: Uuid = Uuid::from_u128(2);
const DEAL: Uuid = Uuid::from_u128(3);
const WON: Uuid = Uuid::from_u128(1);

/// An event of an aggregate, as it is read from a stream or a journal.
fn event(id: Uuid, message: &impl Name) -> Event {
    jangteo_testing::event(id, 1, message, 7)
}

fn orders(event: &Event) -> Orders<Offer> {
    Offer::policy(event).unwrap()
}

fn sold(offer_id: &str) -> PostSold {
    let (deal_id, offer_id) = (DEAL.to_string(), offer_id.to_owned());
    PostSold { deal_id, offer_id, ..PostSold::default() }
}

/// A-F12
#[test]
fn a_sale_completes_the_offer_that_won_and_closes_the_others() {
    let others = OpenFor { post: POST, but: Some(WON) };
    let expected = vec![
        (Target::One(WON), Command::Complete { deal: DEAL, at: 7 }),
        (Target::Each(others), Command::Close { why: Gone::Sold, at: 7 }),
    ];
    assert_eq!(orders(&event(POST, &sold(&WON.to_string()))), expected);
}

#[test]
fn a_deleted_post_closes_all_its_offers() {
    let deleted = PostDeleted { post_id: POST.to_string(), ..PostDeleted::default() };
    let all = OpenFor { post: POST, but: None };
    let expected = vec![(Target::Each(all), Command::Close { why: Gone::Deleted, at: 7 })];
    assert_eq!(orders(&event(POST, &deleted)), expected);
}

/// A-F4, A-F5
#[test]
fn the_end_of_a_deal_completes_its_offer_and_its_cancelling_reopens_it() {
    let ended = DealEnded { offer_id: WON.to_string(), ..DealEnded::default() };
    let expected = vec![(Target::One(WON), Command::Complete { deal: DEAL, at: 7 })];
    assert_eq!(orders(&event(DEAL, &ended)), expected);
    let cancelled = DealCancelled { offer_id: WON.to_string(), ..DealCancelled::default() };
    let expected = vec![(Target::One(WON), Command::Reopen { deal: DEAL })];
    assert_eq!(orders(&event(DEAL, &cancelled)), expected);
}

#[test]
fn what_concerns_no_offer_sets_nothing_going() {
    assert_eq!(orders(&event(POST, &PostEdited::default())), []);
    assert_eq!(orders(&event(DEAL, &DealEnded::default())), []);
    assert_eq!(orders(&event(DEAL, &DealCancelled::default())), []);
}

#[test]
fn an_event_that_cannot_be_read_is_told_and_not_passed_over() {
    assert!(Offer::policy(&event(POST, &sold("offer 1"))).is_err());
    let mut broken = event(POST, &sold(&WON.to_string()));
    broken.payload = vec![0xff];
    assert!(Offer::policy(&broken).is_err());
}
