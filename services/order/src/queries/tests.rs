//! Who finds which orders, on every database that jangteo runs on.

use jangteo::order::v1::order::State as Shown;
use jangteo_testing::{mariadb, postgres, rows, scratch};
use tonic::Code;

use super::*;
use crate::{
    domain::{Rank, State, samples},
    store::tests::stored,
};

/// One page, as the ids of its orders.
async fn page(db: &Store, request: &ListOrdersRequest, person: &str) -> (Vec<u128>, String) {
    let (rows, next) = list(db, request, person).await.unwrap();
    (rows.iter().map(|row| row.id.as_u128()).collect(), next)
}

/// What is found, whatever the size of the pages.
async fn found(db: &Store, person: &str, side: Side, state: Shown) -> Vec<u128> {
    let (side, state) = (side.into(), state.into());
    let all = ListOrdersRequest { side, state, page_size: 100, ..ListOrdersRequest::default() };
    let (expected, next) = page(db, &all, person).await;
    assert_eq!(next, "");
    for page_size in [1, 2] {
        let mut asked = ListOrdersRequest { page_size, ..all.clone() };
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

/// `customer01` buys from `seller02` in every state: 1 to 20 can be seen, and those from 100 on cannot.
/// Once `seller02` buys from `seller03`: 50.
async fn filled(url: &str) -> Store {
    let db = rows::store("order", crate::migration::all, url).await;
    let (seen, unseen) = ((1..).zip(samples::seen()), (100..).zip(samples::unseen()));
    for (id, state) in seen.chain(unseen) {
        rows::save(&db, &stored(Uuid::from_u128(id), state), true).await;
    }
    let mut own = stored(Uuid::from_u128(50), samples::bought(samples::reached(Rank::Placed)));
    own.state.customer = "seller02".to_owned();
    if let State::Bought(purchase, _) = &mut own.state.state {
        purchase.sold.seller = "seller03".to_owned();
    }
    rows::save(&db, &own, true).await;
    db
}

/// E-F5, E.13-9: what was called off is found as well.
async fn people_find_the_orders_that_they_are_a_side_of(url: &str) {
    let db = filled(url).await;
    let all: Vec<u128> = (1..=20).rev().collect();
    let all = &all[..];
    let with_own = [&[50][..], all].concat();
    for (person, side, state, expected) in [
        ("customer01", Side::Unspecified, Shown::Unspecified, all),
        ("customer01", Side::Customer, Shown::Unspecified, all),
        ("customer01", Side::Seller, Shown::Unspecified, &[]),
        ("customer01", Side::Unspecified, Shown::Placed, &[2, 1]),
        ("customer01", Side::Unspecified, Shown::Preparing, &[4, 3]),
        ("customer01", Side::Unspecified, Shown::Delivering, &[6, 5]),
        ("customer01", Side::Customer, Shown::Delivered, &[8, 7]),
        ("customer01", Side::Unspecified, Shown::Cancelling, &[16, 15, 14, 13, 12, 11, 10, 9]),
        ("customer01", Side::Unspecified, Shown::Cancelled, &[20, 19, 18, 17]),
        ("seller02", Side::Unspecified, Shown::Unspecified, &with_own[..]),
        ("seller02", Side::Customer, Shown::Unspecified, &[50]),
        ("seller02", Side::Seller, Shown::Unspecified, all),
        ("seller02", Side::Unspecified, Shown::Placed, &[50, 2, 1]),
        ("seller03", Side::Unspecified, Shown::Unspecified, &[50]),
        ("Customer01", Side::Unspecified, Shown::Unspecified, &[]),
        ("stranger01", Side::Unspecified, Shown::Unspecified, &[]),
    ] {
        let found = found(&db, person, side, state).await;
        assert_eq!(found, expected, "{person} {side:?} {state:?}");
    }
    another_list_is_not_continued(&db).await;
    db.close().await;
}

async fn another_list_is_not_continued(db: &Store) {
    let first = ListOrdersRequest { page_size: 1, ..ListOrdersRequest::default() };
    let (_, page_token) = page(db, &first, "seller02").await;
    let his = ListOrdersRequest { page_token: page_token.clone(), ..first.clone() };
    let side = Side::Seller.into();
    let other = ListOrdersRequest { page_token, side, ..first };
    for (person, request) in [("customer01", his), ("seller02", other)] {
        let status = list(db, &request, person).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn people_find_their_orders_on_sqlite() {
    let dir = scratch::directory("order").unwrap();
    let url = format!("sqlite://{}/order.db", dir.path().display());
    people_find_the_orders_that_they_are_a_side_of(&url).await;
}

#[tokio::test]
async fn people_find_their_orders_on_postgres() {
    people_find_the_orders_that_they_are_a_side_of(&postgres::database().await.unwrap()).await;
}

#[tokio::test]
async fn people_find_their_orders_on_mariadb() {
    people_find_the_orders_that_they_are_a_side_of(&mariadb::database().await.unwrap()).await;
}
