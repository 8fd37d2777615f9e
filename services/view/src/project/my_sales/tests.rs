//! What each event of a post says of its sale.

use sea_orm::ActiveValue::NotSet;
use uuid::Uuid;

use super::*;
use crate::project::sample::event;

const POST: u128 = 1;

fn deal() -> Uuid {
    Uuid::from_u128(2)
}

/// The columns that an event changes; the time of the change is the event's.
fn altered(event: &Event) -> ActiveModel {
    let Ok(Some(Change::Altered(row))) = changes(event) else { panic!("{event:?}") };
    assert_eq!(row.update_time, Set(event.time));
    ActiveModel { update_time: NotSet, ..*row }
}

fn agreement(state: State) -> ActiveModel {
    ActiveModel {
        state: Set(number(state)),
        agreed_price_krw: Set(Some(9_000)),
        deal_id: Set(Some(deal())),
        buyer: Set(Some("buyer01".to_owned())),
        ..Default::default()
    }
}

fn reserved() -> PostReserved {
    PostReserved {
        deal_id: deal().to_string(),
        buyer: "buyer01".to_owned(),
        agreed_price_krw: 9_000,
        ..Default::default()
    }
}

fn sold() -> PostSold {
    let PostReserved { deal_id, buyer, agreed_price_krw, .. } = reserved();
    PostSold { deal_id, buyer, agreed_price_krw, ..Default::default() }
}

/// A.14-7: neither of the two prices overwrites the other.
#[test]
fn a_reserved_or_sold_post_shows_its_deal_and_the_agreed_price_beside_the_asking_price() {
    assert_eq!(altered(&event(POST, 2, &reserved())), agreement(State::Reserved));
    assert_eq!(altered(&event(POST, 3, &sold())), agreement(State::Sold));
}

/// A.14-6: the post has one truth, and my-page tells it.
#[test]
fn a_reopened_post_is_available_and_nothing_is_left_of_its_deal() {
    let free = ActiveModel {
        state: Set(number(State::Available)),
        agreed_price_krw: Set(None),
        deal_id: Set(None),
        buyer: Set(None),
        ..Default::default()
    };
    assert_eq!(altered(&event(POST, 3, &PostReopened::default())), free);
}

/// A.14-7: an edit is an edit, whatever else has happened.
#[test]
fn an_edit_touches_neither_the_state_nor_the_agreement() {
    let edited = PostEdited { goods: "의자".to_owned(), price_krw: 10_000, ..Default::default() };
    let expected = ActiveModel {
        goods: Set("의자".to_owned()),
        price_krw: Set(10_000),
        neighbourhood: Set(String::new()),
        ..Default::default()
    };
    assert_eq!(altered(&event(POST, 2, &edited)), expected);
}

#[test]
fn a_deal_without_an_id_does_not_fit() {
    let nameless = PostReserved { deal_id: "deal 1".to_owned(), ..reserved() };
    let Err(Failure::Rejected(Unfit(why))) = changes(&event(POST, 2, &nameless)) else { panic!() };
    assert!(why.starts_with("deal_id deal 1"), "{why}");
}

#[test]
fn events_of_others_say_nothing_of_a_sale() {
    let ended = jangteo::deal::v1::DealEnded::default();
    assert_eq!(changes(&event(POST, 2, &ended)).unwrap(), None);
}
