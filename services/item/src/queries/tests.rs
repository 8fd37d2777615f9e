//! Who finds what, in pages of every size, on every database that jangteo runs on.

use jangteo_testing::{mariadb, postgres, rows, scratch};
use tonic::Code;
use uuid::Uuid;

use super::*;
use crate::{
    domain::{Item, Listing, Payments, State as Stands, samples},
    store::tests::stored,
};

/// One page, as the ids of its items.
async fn page(db: &Store, request: &ListItemsRequest, reader: Option<&str>) -> (Vec<u128>, String) {
    let (rows, next) = list(db, request, reader).await.unwrap();
    (rows.iter().map(|row| row.id.as_u128()).collect(), next)
}

/// What is found, whatever the size of the pages.
async fn found(db: &Store, request: &ListItemsRequest, reader: Option<&str>) -> Vec<u128> {
    let (all, next) = page(db, request, reader).await;
    assert_eq!(next, "");
    for page_size in [1, 2] {
        let mut asked = ListItemsRequest { page_size, ..request.clone() };
        let mut paged = vec![];
        loop {
            let (ids, next) = page(db, &asked, reader).await;
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

async fn save(db: &Store, id: u128, create_time: i64, item: Item) {
    let mut stored = stored(Uuid::from_u128(id), item);
    stored.head.create_time = create_time;
    rows::save(db, &stored, true).await;
}

/// `owner01` has an item in every state, registered two at a time; `owner02` has a lamp.
async fn filled(url: &str) -> Store {
    let db = rows::store("item", crate::migration::all, url).await;
    let last = Stands::Reserved(samples::last(1), Payments::default());
    let states = [
        (1, Stands::Rentable),
        (2, samples::reserved(1, 0)),
        (3, Stands::Lent(samples::hold(1))),
        (4, last),
        (5, Stands::Lent(samples::last(1))),
        (6, Stands::Retired),
        (7, Stands::Deleted),
        (8, Stands::Unknown),
    ];
    for (number, state) in states {
        save(&db, number, i64::try_from(number / 2).unwrap(), samples::item(state)).await;
    }
    let listing = Listing { name: "Öl-Lampe 100%".to_owned(), price_krw: 0 };
    let owner = "owner02".to_owned();
    let lamp = Item { owner, listing, ..samples::item(Stands::Rentable) };
    // The newest, though its id is not the greatest.
    save(&db, 0, 9, lamp).await;
    db
}

fn of(owner: &str, state: State) -> ListItemsRequest {
    ListItemsRequest { owner: owner.to_owned(), state: state.into(), ..Default::default() }
}

fn with(text: &str) -> ListItemsRequest {
    ListItemsRequest { text: text.to_owned(), ..Default::default() }
}

/// B-F13, B-T12
async fn people_find_what_is_on_the_lists(url: &str) {
    let db = filled(url).await;
    for (reader, request, expected) in [
        (None, of("", State::Unspecified), &[0, 3, 2, 1][..]),
        (None, of("owner01", State::Unspecified), &[3, 2, 1]),
        (Some("owner01"), of("owner01", State::Unspecified), &[3, 2, 1]),
        (None, of("Owner01", State::Unspecified), &[]),
        (None, of("", State::Rentable), &[0, 1]),
        (None, of("", State::Reserved), &[2]),
        (None, of("", State::Lent), &[3]),
        (None, of("", State::Retired), &[6, 5, 4]),
        (Some("owner01"), of("owner01", State::Deleted), &[7]),
        (Some("owner01"), of("", State::Deleted), &[]),
        (Some("owner02"), of("owner01", State::Deleted), &[]),
        (None, of("owner01", State::Deleted), &[]),
        (None, of("", State::Deleted), &[]),
        (None, with("CAM"), &[3, 2, 1]),
        (None, with("öl-lampe"), &[0]),
        (None, with("0%"), &[0]),
        (None, with("_"), &[]),
        (None, with("!"), &[]),
    ] {
        let found = found(&db, &request, reader).await;
        assert_eq!(found, expected, "{reader:?} {request:?}");
    }
    another_list_is_not_continued(&db).await;
    db.close().await;
}

async fn another_list_is_not_continued(db: &Store) {
    let first = ListItemsRequest { page_size: 1, ..Default::default() };
    let (_, page_token) = page(db, &first, None).await;
    let first = ListItemsRequest { page_token, ..first };
    for (reader, other) in [
        (Some("owner01"), first.clone()),
        (None, ListItemsRequest { owner: "owner01".to_owned(), ..first.clone() }),
        (None, ListItemsRequest { state: State::Rentable.into(), ..first.clone() }),
        (None, ListItemsRequest { text: "cam".to_owned(), ..first }),
    ] {
        let status = list(db, &other, reader).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn people_find_items_on_sqlite() {
    let dir = scratch::directory("item").unwrap();
    let url = format!("sqlite://{}/item.db", dir.path().display());
    people_find_what_is_on_the_lists(&url).await;
}

#[tokio::test]
async fn people_find_items_on_postgres() {
    people_find_what_is_on_the_lists(&postgres::database().await.unwrap()).await;
}

#[tokio::test]
async fn people_find_items_on_mariadb() {
    people_find_what_is_on_the_lists(&mariadb::database().await.unwrap()).await;
}
