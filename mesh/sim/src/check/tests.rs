//! The judge as a whole: a story over several contexts, and what it says of one that is torn.

use jangteo::{
    journal::v1::Voided,
    notification::v1::NotificationSent,
    offer::v1::DealOffered,
    post::v1::{PostDeleted, PostWritten},
};

use super::{
    Judge,
    samples::{Story, text},
};

const POST: u128 = 1;
const OFFER: u128 = 2;
const NOTHING: [Vec<&str>; 2] = [Vec::new(), Vec::new()];

fn story() -> Story {
    let seller = || "seller01".to_owned();
    let (post, offer) = (text(POST), text(OFFER));
    let written = PostWritten {
        post_id: post.clone(),
        seller: seller(),
        price_krw: 100,
        ..Default::default()
    };
    let offered = DealOffered {
        offer_id: offer.clone(),
        post_id: post,
        seller: seller(),
        price_krw: 100,
        ..Default::default()
    };
    let note = NotificationSent {
        notification_id: text(3),
        recipient: seller(),
        kind: "deal_offered".to_owned(),
        subject: format!("offers/{offer}"),
        ..Default::default()
    };
    Story::default().tell(POST, &written).tell(OFFER, &offered).follow("DealOffered", 3, &note)
}

/// What is found on the way, and what at rest.
fn judged(story: &Story) -> [Vec<&'static str>; 2] {
    let mut judge = Judge::default();
    let seen = story.0.iter().flat_map(|event| judge.see(event)).map(|it| it.invariant).collect();
    [seen, judge.at_rest().into_iter().map(|it| it.invariant).collect()]
}

#[test]
fn a_clean_history_passes() {
    assert_eq!(judged(&story()), NOTHING);
}

#[test]
fn what_is_under_way_is_judged_at_rest() {
    let deleted = PostDeleted { post_id: text(POST), ..Default::default() };
    let [seen, at_rest] = judged(&story().tell(POST, &deleted));
    assert!(seen.is_empty(), "{seen:?}");
    assert_eq!(at_rest, [super::second_hand::CLOSED]);
    let [seen, at_rest] = judged(&story().without("NotificationSent"));
    assert!(seen.is_empty(), "{seen:?}");
    assert_eq!(at_rest, [super::notifications::TOLD]);
}

#[test]
fn what_is_seen_too_often_is_found_at_once() {
    let [seen, _] = judged(&story().twice("NotificationSent"));
    let found = [super::every::NUMBERS, super::notifications::ONCE, super::notifications::ONCE];
    assert_eq!(seen, found);
}

/// A number that a restored database has lost is filled, and tells nothing.
#[test]
fn a_voided_event_counts_and_says_nothing() {
    let voided = story().tell(POST, &Voided {}).changed("Voided", |event| {
        "post".clone_into(&mut event.context);
        "post".clone_into(&mut event.kind);
        event.sequence = 2;
    });
    assert_eq!(judged(&voided), NOTHING);
}
