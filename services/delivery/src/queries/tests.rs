//! Who finds which deliveries, on every database that jangteo runs on.

use jangteo::delivery::v1::delivery::State as Shown;
use jangteo_testing::{
    mariadb, postgres,
    rows::{save, store},
    scratch,
};
use tonic::Code;

use super::*;
use crate::{
    domain::{
        Delivery, State,
        samples::{delivery, picked_up, states},
    },
    store::tests::stored,
};

fn ids(rows: &[Model]) -> Vec<u128> {
    rows.iter().map(|row| row.id.as_u128()).collect()
}

/// One page, as the ids of its deliveries.
async fn page(db: &Store, request: &ListDeliveriesRequest, person: &str) -> (Vec<u128>, String) {
    let (rows, next) = list(db, request, person).await.unwrap();
    (ids(&rows), next)
}

/// What is found, whatever the size of the pages.
async fn found(db: &Store, person: &str, side: Side, state: Shown) -> Vec<u128> {
    let (side, state) = (side.into(), state.into());
    let all = ListDeliveriesRequest { side, state, ..ListDeliveriesRequest::default() };
    let (expected, next) = page(db, &all, person).await;
    assert_eq!(next, "");
    for page_size in [1, 2] {
        let mut asked = ListDeliveriesRequest { page_size, ..all.clone() };
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

/// What waits, in pages of this size.
async fn waits(db: &Store, page_size: i32) -> Vec<u128> {
    let mut asked = ListWaitingDeliveriesRequest { page_size, ..Default::default() };
    let mut all = vec![];
    loop {
        let (rows, next) = waiting(db, &asked).await.unwrap();
        all.extend(ids(&rows));
        if next.is_empty() {
            return all;
        }
        asked.page_token = next;
    }
}

/// `customer01` buys from `seller01` in every state and sells once himself; `courier01` brings also
/// what he has bought, and what he has sold.
async fn filled(url: &str) -> Store {
    let db = store("delivery", crate::migration::all, url).await;
    for (id, state) in (1..).map(Uuid::from_u128).zip(states()) {
        save(&db, &stored(id, delivery(state)), true).await;
    }
    for (id, customer, seller, state) in [
        (71, "courier01", "seller02", picked_up()),
        (72, "customer02", "customer01", State::Started),
        (73, "customer02", "courier01", picked_up()),
    ] {
        let (customer, seller) = (customer.to_owned(), seller.to_owned());
        let other = Delivery { customer, seller, ..delivery(state) };
        save(&db, &stored(Uuid::from_u128(id), other), true).await;
    }
    db
}

/// E-F5
async fn people_find_the_deliveries_that_concern_them(url: &str) {
    let db = filled(url).await;
    for (person, side, state, expected) in [
        ("customer01", Side::Unspecified, Shown::Unspecified, &[72, 4, 3, 2, 1][..]),
        ("customer01", Side::Customer, Shown::Unspecified, &[4, 3, 2, 1]),
        ("customer01", Side::Seller, Shown::Unspecified, &[72]),
        ("customer01", Side::Courier, Shown::Unspecified, &[]),
        ("customer01", Side::Unspecified, Shown::Started, &[72, 1]),
        ("seller01", Side::Unspecified, Shown::Unspecified, &[4, 3, 2, 1]),
        ("seller01", Side::Seller, Shown::Cancelled, &[4]),
        ("seller01", Side::Customer, Shown::Unspecified, &[]),
        ("courier01", Side::Unspecified, Shown::Unspecified, &[73, 71, 3, 2]),
        ("courier01", Side::Courier, Shown::Unspecified, &[73, 71, 3, 2]),
        ("courier01", Side::Customer, Shown::Unspecified, &[71]),
        ("courier01", Side::Seller, Shown::Unspecified, &[73]),
        ("courier01", Side::Unspecified, Shown::PickedUp, &[73, 71, 2]),
        ("courier01", Side::Unspecified, Shown::Delivered, &[3]),
        ("courier02", Side::Unspecified, Shown::Unspecified, &[]),
        ("Customer01", Side::Unspecified, Shown::Unspecified, &[]),
        ("stranger01", Side::Unspecified, Shown::Unspecified, &[]),
    ] {
        let found = found(&db, person, side, state).await;
        assert_eq!(found, expected, "{person} {side:?} {state:?}");
    }
    for page_size in 0..3 {
        assert_eq!(waits(&db, page_size).await, [1, 72], "in pages of {page_size}");
    }
    another_list_is_not_continued(&db).await;
    db.close().await;
}

async fn another_list_is_not_continued(db: &Store) {
    let first = ListDeliveriesRequest { page_size: 1, ..ListDeliveriesRequest::default() };
    let (_, page_token) = page(db, &first, "courier01").await;
    let his = ListDeliveriesRequest { page_token: page_token.clone(), ..first };
    let side = Side::Courier.into();
    let other = ListDeliveriesRequest { side, ..his.clone() };
    for (person, request) in [("customer01", his), ("courier01", other)] {
        let status = list(db, &request, person).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
    let waits = ListWaitingDeliveriesRequest { page_size: 1, page_token };
    let status = waiting(db, &waits).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn people_find_deliveries_on_sqlite() {
    let dir = scratch::directory("delivery").unwrap();
    let url = format!("sqlite://{}/delivery.db", dir.path().display());
    people_find_the_deliveries_that_concern_them(&url).await;
}

#[tokio::test]
async fn people_find_deliveries_on_postgres() {
    let url = postgres::database().await.unwrap();
    people_find_the_deliveries_that_concern_them(&url).await;
}

#[tokio::test]
async fn people_find_deliveries_on_mariadb() {
    let url = mariadb::database().await.unwrap();
    people_find_the_deliveries_that_concern_them(&url).await;
}
