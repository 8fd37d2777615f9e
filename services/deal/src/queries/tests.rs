//! Who finds which deals, on every database that jangteo runs on.

use jangteo::deal::v1::deal::State as Shown;
use jangteo_testing::{mariadb, postgres, scratch};
use tonic::Code;

use super::*;
use crate::{
    domain::{State, Terms},
    store::tests::{meeting, purchase, purchases, save, states, stored, terms},
};

/// One page, as the ids of its deals.
async fn page(db: &Store, request: &ListDealsRequest, person: &str) -> (Vec<u128>, String) {
    let (rows, next) = list(db, request, person).await.unwrap();
    (rows.iter().map(|row| row.id.as_u128()).collect(), next)
}

/// What is found, whatever the size of the pages.
async fn found(db: &Store, person: &str, side: Side, state: Shown) -> Vec<u128> {
    let (side, state) = (side.into(), state.into());
    let all = ListDealsRequest { side, state, ..ListDealsRequest::default() };
    let (expected, next) = page(db, &all, person).await;
    assert_eq!(next, "");
    for page_size in [1, 2] {
        let mut asked = ListDealsRequest { page_size, ..all.clone() };
        let mut paged = vec![];
        loop {
            let (ids, next) = page(db, &asked, person).await;
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

/// `seller02` sells to `buyer01` in every state, from an offer and of a product, and buys once himself.
async fn filled(url: &str) -> Store {
    let db = Store::connect("deal", url).await.unwrap();
    db.migrate(crate::migration::all).await.unwrap();
    for (id, state) in (1..).zip(states()) {
        save(&db, &stored(id, meeting(), state), true).await;
    }
    let bought = Terms { seller: "seller01".to_owned(), buyer: "seller02".to_owned(), ..terms() };
    let mut bought = stored(7_000, meeting(), State::Reserved(bought));
    bought.state.asker = "seller01".to_owned();
    save(&db, &bought, true).await;
    for (id, state) in (8_000..).zip(purchases()) {
        save(&db, &purchase(id, state), true).await;
    }
    db
}

async fn people_find_the_deals_that_they_are_a_side_of(url: &str) {
    let db = filled(url).await;
    for (person, side, state, expected) in [
        (
            "seller02",
            Side::Unspecified,
            Shown::Unspecified,
            &[8_006, 8_005, 8_004, 7_000, 8, 7, 6][..],
        ),
        ("seller02", Side::Seller, Shown::Unspecified, &[8_006, 8_005, 8_004, 8, 7, 6]),
        ("seller02", Side::Buyer, Shown::Unspecified, &[7_000]),
        ("seller02", Side::Unspecified, Shown::Reserved, &[8_004, 7_000, 6]),
        ("seller02", Side::Unspecified, Shown::Refused, &[]),
        ("buyer01", Side::Unspecified, Shown::Unspecified, &[8_006, 8_005, 8_004, 8_003, 8, 7, 6]),
        ("buyer01", Side::Unspecified, Shown::Refused, &[8_003]),
        ("buyer01", Side::Buyer, Shown::Ended, &[8_005, 7]),
        ("buyer01", Side::Unspecified, Shown::Cancelled, &[8_006, 8]),
        ("buyer01", Side::Seller, Shown::Unspecified, &[]),
        ("Buyer01", Side::Unspecified, Shown::Unspecified, &[]),
        ("stranger01", Side::Unspecified, Shown::Unspecified, &[]),
    ] {
        let found = found(&db, person, side, state).await;
        assert_eq!(found, expected, "{person} {side:?} {state:?}");
    }
    another_list_is_not_continued(&db).await;
    db.close().await;
}

async fn another_list_is_not_continued(db: &Store) {
    let first = ListDealsRequest { page_size: 1, ..ListDealsRequest::default() };
    let (_, page_token) = page(db, &first, "seller02").await;
    let his = ListDealsRequest { page_token: page_token.clone(), ..first.clone() };
    let side = Side::Seller.into();
    let other = ListDealsRequest { page_token, side, ..first };
    for (person, request) in [("buyer01", his), ("seller02", other)] {
        let status = list(db, &request, person).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn people_find_their_deals_on_sqlite() {
    let dir = scratch::directory("deal").unwrap();
    let url = format!("sqlite://{}/deal.db", dir.path().display());
    people_find_the_deals_that_they_are_a_side_of(&url).await;
}

#[tokio::test]
async fn people_find_their_deals_on_postgres() {
    people_find_the_deals_that_they_are_a_side_of(&postgres::database().await.unwrap()).await;
}

#[tokio::test]
async fn people_find_their_deals_on_mariadb() {
    people_find_the_deals_that_they_are_a_side_of(&mariadb::database().await.unwrap()).await;
}
