//! Who finds what, in pages of every size, on every database that jangteo runs on.

use jangteo::store::v1::ticket::State as Shown;
use jangteo_testing::{mariadb, postgres, rows, scratch};
use tonic::Code;

use super::*;
use crate::{
    kitchen::table::tests::stored as stored_store,
    ticket::{
        State, Ticket,
        samples::{STATES, STORE, ticket as sample},
        table::tests::stored as stored_ticket,
    },
};

/// Another store of the same seller.
const OTHER: Uuid = Uuid::from_u128(98);

/// One page, as the ids of its stores.
async fn page_of_stores(db: &Store, request: &ListStoresRequest) -> (Vec<u128>, String) {
    let (rows, next) = stores(db, request).await.unwrap();
    (rows.iter().map(|row| row.id.as_u128()).collect(), next)
}

/// The stores that are found, whatever the size of the pages.
async fn found_stores(db: &Store, request: &ListStoresRequest) -> Vec<u128> {
    let (all, next) = page_of_stores(db, request).await;
    assert_eq!(next, "");
    for page_size in [1, 2] {
        let mut asked = ListStoresRequest { page_size, ..request.clone() };
        let mut paged = vec![];
        loop {
            let (ids, next) = page_of_stores(db, &asked).await;
            paged.extend(ids);
            if next.is_empty() {
                break;
            }
            asked.page_token = next;
        }
        assert_eq!(paged, all, "in pages of {page_size}");
    }
    all
}

/// One page, as the ids of its tickets.
async fn page_of_tickets(
    db: &Store,
    request: &ListTicketsRequest,
    seller: &str,
) -> (Vec<u128>, String) {
    let (rows, next) = tickets(db, request, seller).await.unwrap();
    (rows.iter().map(|row| row.id.as_u128()).collect(), next)
}

/// The tickets that are found, whatever the size of the pages.
async fn found_tickets(db: &Store, request: &ListTicketsRequest, seller: &str) -> Vec<u128> {
    let (all, next) = page_of_tickets(db, request, seller).await;
    assert_eq!(next, "");
    for page_size in [1, 2] {
        let mut asked = ListTicketsRequest { page_size, ..request.clone() };
        let mut paged = vec![];
        loop {
            let (ids, next) = page_of_tickets(db, &asked, seller).await;
            paged.extend(ids);
            if next.is_empty() {
                break;
            }
            asked.page_token = next;
        }
        assert_eq!(paged, all, "in pages of {page_size}");
    }
    all
}

/// `owner01` has opened 1, 2 and 3, the last two at the same time; `owner02` the newest, though its id
/// is not the greatest.
async fn with_stores(url: &str) -> Store {
    let db = rows::store("store", crate::migration::all, url).await;
    for (id, owner, name, create_time) in [
        (1, "owner01", "스토어99", 1),
        (2, "owner01", "Öl & Essig 100%", 2),
        (3, "owner01", "스토어100", 2),
        (0, "owner02", "김밥천국", 9),
    ] {
        let mut stored = stored_store(Uuid::from_u128(id), owner, name);
        stored.head.create_time = create_time;
        rows::save(&db, &stored, true).await;
    }
    db
}

fn of(owner: &str, text: &str) -> ListStoresRequest {
    ListStoresRequest { owner: owner.to_owned(), text: text.to_owned(), ..Default::default() }
}

async fn everybody_finds_stores(url: &str) {
    let db = with_stores(url).await;
    for (owner, text, expected) in [
        ("", "", &[0, 3, 2, 1][..]),
        ("owner01", "", &[3, 2, 1]),
        ("owner02", "", &[0]),
        ("Owner01", "", &[]),
        ("", "스토어", &[3, 1]),
        ("owner02", "스토어", &[]),
        ("", "öL", &[2]),
        ("", "ESSIG", &[2]),
        ("", "0%", &[2]),
        ("", "_", &[]),
        ("", "!", &[]),
    ] {
        assert_eq!(found_stores(&db, &of(owner, text)).await, expected, "{owner} {text}");
    }
    another_list_of_stores_is_not_continued(&db).await;
    db.close().await;
}

async fn another_list_of_stores_is_not_continued(db: &Store) {
    let first = ListStoresRequest { page_size: 1, ..Default::default() };
    let (_, page_token) = page_of_stores(db, &first).await;
    for other in [of("owner01", ""), of("", "스토어")] {
        let other = ListStoresRequest { page_token: page_token.clone(), ..other };
        let status = stores(db, &other).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}

/// `seller01` has a ticket in every state, 1 to 8, and one of another store; `seller02` has one, of what
/// `seller01` eats.
async fn with_tickets(url: &str) -> Store {
    let db = rows::store("store", crate::migration::all, url).await;
    for (id, state) in (1..).map(Uuid::from_u128).zip(STATES) {
        rows::save(&db, &stored_ticket(id, sample(state)), true).await;
    }
    let elsewhere = Ticket { store: OTHER, ..sample(State::Received) };
    rows::save(&db, &stored_ticket(Uuid::from_u128(21), elsewhere), true).await;
    let (customer, seller) = ("seller01".to_owned(), "seller02".to_owned());
    let other = Ticket { customer, seller, ..sample(State::Received) };
    rows::save(&db, &stored_ticket(Uuid::from_u128(22), other), true).await;
    db
}

fn tickets_of(store: Option<Uuid>, state: Shown) -> ListTicketsRequest {
    let store_id = store.map(|id| id.to_string()).unwrap_or_default();
    ListTicketsRequest { store_id, state: state.into(), ..Default::default() }
}

/// D-F2
async fn sellers_find_what_they_have_to_cook(url: &str) {
    let db = with_tickets(url).await;
    for (seller, store, state, expected) in [
        ("seller01", None, Shown::Unspecified, &[21, 8, 7, 6, 5, 4, 3, 2][..]),
        ("seller01", Some(STORE), Shown::Unspecified, &[8, 7, 6, 5, 4, 3, 2]),
        ("seller01", Some(OTHER), Shown::Unspecified, &[21]),
        ("seller01", Some(Uuid::nil()), Shown::Unspecified, &[]),
        ("seller01", None, Shown::Received, &[21, 2]),
        ("seller01", Some(STORE), Shown::Received, &[2]),
        ("seller01", None, Shown::Accepted, &[3]),
        ("seller01", None, Shown::Cooking, &[4]),
        ("seller01", None, Shown::Cooked, &[5]),
        ("seller01", None, Shown::Rejected, &[7, 6]),
        ("seller01", Some(OTHER), Shown::Cancelled, &[]),
        ("seller01", None, Shown::Cancelled, &[8]),
        ("seller02", None, Shown::Unspecified, &[22]),
        ("customer01", None, Shown::Unspecified, &[]),
        ("Seller01", None, Shown::Unspecified, &[]),
    ] {
        let found = found_tickets(&db, &tickets_of(store, state), seller).await;
        assert_eq!(found, expected, "{seller} {store:?} {state:?}");
    }
    another_list_of_tickets_is_not_continued(&db).await;
    db.close().await;
}

async fn another_list_of_tickets_is_not_continued(db: &Store) {
    let first = ListTicketsRequest { page_size: 1, ..Default::default() };
    let (_, page_token) = page_of_tickets(db, &first, "seller01").await;
    for (seller, other) in [
        ("seller02", tickets_of(None, Shown::Unspecified)),
        ("seller01", tickets_of(Some(STORE), Shown::Unspecified)),
        ("seller01", tickets_of(None, Shown::Received)),
    ] {
        let other = ListTicketsRequest { page_token: page_token.clone(), ..other };
        let status = tickets(db, &other, seller).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn both_are_found_on_sqlite() {
    let dir = scratch::directory("store").unwrap();
    let url = |name: &str| format!("sqlite://{}/{name}.db", dir.path().display());
    everybody_finds_stores(&url("stores")).await;
    sellers_find_what_they_have_to_cook(&url("tickets")).await;
}

#[tokio::test]
async fn both_are_found_on_postgres() {
    everybody_finds_stores(&postgres::database().await.unwrap()).await;
    sellers_find_what_they_have_to_cook(&postgres::database().await.unwrap()).await;
}

#[tokio::test]
async fn both_are_found_on_mariadb() {
    everybody_finds_stores(&mariadb::database().await.unwrap()).await;
    sellers_find_what_they_have_to_cook(&mariadb::database().await.unwrap()).await;
}
