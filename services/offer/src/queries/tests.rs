//! Who finds which offers, on every database that jangteo runs on.

use jangteo::offer::v1::offer::State as Shown;
use jangteo_testing::{mariadb, postgres, scratch};
use tonic::Code;

use super::*;
use crate::{
    domain::{Offer, Standing, State as Stands, Terms, samples},
    store::tests::{elsewhere, save},
};

const SELLER: &str = "seller01";
const BUYER: &str = "buyer03";

/// One page, as the ids of its offers.
async fn page(db: &Store, request: &ListOffersRequest, reader: &str) -> (Vec<u128>, String) {
    let (rows, next) = list(db, request, reader).await.unwrap();
    (rows.iter().map(|row| row.id.as_u128()).collect(), next)
}

/// What is found, whatever the size of the pages.
async fn found(db: &Store, reader: &str, all: &ListOffersRequest) -> Vec<u128> {
    let (expected, next) = page(db, all, reader).await;
    assert_eq!(next, "");
    for page_size in [1, 3] {
        let mut asked = ListOffersRequest { page_size, ..all.clone() };
        let mut paged = vec![];
        loop {
            let (ids, next) = page(db, &asked, reader).await;
            paged.extend(ids);
            if next.is_empty() {
                break;
            }
            asked.page_token = next;
        }
        assert_eq!(paged, expected, "in pages of {page_size}");
    }
    expected
}

/// `buyer03` has made an offer in every state; the newest one is for something of his own, by his seller.
async fn filled(url: &str) -> Store {
    let db = Store::connect("offer", url).await.unwrap();
    db.migrate(crate::migration::all).await.unwrap();
    for (id, state) in (1..).zip(samples::states()) {
        save(&db, &elsewhere(id, samples::request(state)), true).await.unwrap();
    }
    let terms = Terms { seller: BUYER.to_owned(), ..samples::terms() };
    let state = Stands::Made(terms, Standing::Withdrawn);
    let turned = Offer { buyer: SELLER.to_owned(), ..samples::request(state) };
    save(&db, &elsewhere(7_000, turned), true).await.unwrap();
    db
}

/// The ids of the sample states that are shown as this one, newest first.
fn shown_as(wanted: impl Fn(&Stands) -> bool) -> Vec<u128> {
    let all = (1..).zip(samples::states());
    let mut ids: Vec<u128> = all.filter(|(_, state)| wanted(state)).map(|(id, _)| id).collect();
    ids.reverse();
    ids
}

async fn people_find_the_offers_that_they_are_a_side_of(url: &str) {
    let db = filled(url).await;
    let made = shown_as(|state| matches!(state, Stands::Made(..)));
    let both: Vec<u128> = std::iter::once(7_000).chain(made.clone()).collect();
    let refused = shown_as(|state| *state == samples::made(Standing::Refused));
    for (reader, side, state, expected) in [
        (BUYER, Side::Unspecified, Shown::Unspecified, both.clone()),
        (SELLER, Side::Unspecified, Shown::Unspecified, both),
        (BUYER, Side::Buyer, Shown::Unspecified, made.clone()),
        (BUYER, Side::Seller, Shown::Unspecified, vec![7_000]),
        (SELLER, Side::Seller, Shown::Unspecified, made),
        (SELLER, Side::Seller, Shown::Refused, refused),
        (
            BUYER,
            Side::Buyer,
            Shown::Expired,
            shown_as(|state| *state == samples::made(Standing::Expired)),
        ),
        ("Buyer03", Side::Unspecified, Shown::Unspecified, vec![]),
        ("stranger01", Side::Unspecified, Shown::Unspecified, vec![]),
    ] {
        let (side, state) = (side.into(), state.into());
        let all = ListOffersRequest { side, state, ..ListOffersRequest::default() };
        assert_eq!(found(&db, reader, &all).await, expected, "{reader} {side} {state}");
    }
    let post_id = Uuid::from_u128(1_003).to_string();
    let of_one = ListOffersRequest { post_id, ..ListOffersRequest::default() };
    assert_eq!(found(&db, SELLER, &of_one).await, [3]);
    another_list_is_not_continued(&db).await;
    db.close().await;
}

async fn another_list_is_not_continued(db: &Store) {
    let first = ListOffersRequest { page_size: 1, ..ListOffersRequest::default() };
    let (_, page_token) = page(db, &first, BUYER).await;
    let next = ListOffersRequest { page_token, ..first };
    let other = ListOffersRequest { side: Side::Seller.into(), ..next.clone() };
    for (reader, request) in [(SELLER, next), (BUYER, other)] {
        let status = list(db, &request, reader).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn people_find_their_offers_on_sqlite() {
    let dir = scratch::directory("offer").unwrap();
    let url = format!("sqlite://{}/offer.db", dir.path().display());
    people_find_the_offers_that_they_are_a_side_of(&url).await;
}

#[tokio::test]
async fn people_find_their_offers_on_postgres() {
    people_find_the_offers_that_they_are_a_side_of(&postgres::database().await.unwrap()).await;
}

#[tokio::test]
async fn people_find_their_offers_on_mariadb() {
    people_find_the_offers_that_they_are_a_side_of(&mariadb::database().await.unwrap()).await;
}
