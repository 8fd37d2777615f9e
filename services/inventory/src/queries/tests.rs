//! Who finds what, in pages of every size, on every database that jangteo runs on.

use jangteo::inventory::v1::product::State;
use jangteo_testing::{mariadb, postgres, rows, scratch};
use tonic::Code;
use uuid::Uuid;

use super::*;
use crate::{
    domain::{Listing, Product, samples},
    store::tests::stored,
};

/// One page, as the ids of its products.
async fn page(db: &Store, request: &ListProductsRequest) -> (Vec<u128>, String) {
    let (rows, next) = list(db, request).await.unwrap();
    (rows.iter().map(|row| row.id.as_u128()).collect(), next)
}

/// What is found, whatever the size of the pages.
async fn found(db: &Store, request: &ListProductsRequest) -> Vec<u128> {
    let (all, next) = page(db, request).await;
    assert_eq!(next, "");
    for page_size in [1, 2] {
        let mut asked = ListProductsRequest { page_size, ..request.clone() };
        let mut paged = vec![];
        loop {
            let (ids, next) = page(db, &asked).await;
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

async fn save(db: &Store, id: u128, create_time: i64, product: Product) {
    let mut stored = stored(Uuid::from_u128(id), product);
    stored.head.create_time = create_time;
    rows::save(db, &stored, true).await;
}

/// `owner01` has products of every kind, registered two at a time: 1 to 5 are on sale, 6 to 10 are not
/// any more; `owner02` has a lamp. His store makes 20, and made 21.
async fn filled(url: &str) -> Store {
    let db = rows::store("inventory", crate::migration::all, url).await;
    for (number, product) in (1..).zip(samples::products()) {
        save(&db, number, i64::try_from(number / 2).unwrap(), product).await;
    }
    let (name, spec) = ("Öl-Lampe 100%".to_owned(), String::new());
    let listing = Listing { name, spec, price_krw: 0 };
    let owner = "owner02".to_owned();
    let lamp = Product { owner, listing, ..samples::product(vec![]) };
    // The newest, though its id is not the greatest.
    save(&db, 0, 9, lamp).await;
    let dish = Product { owner: "owner02".to_owned(), ..samples::made_to_order() };
    save(&db, 20, 7, dish.clone()).await;
    save(&db, 21, 8, samples::released(dish)).await;
    db
}

fn menu(state: State) -> ListProductsRequest {
    ListProductsRequest { store_id: samples::STORE.to_string(), ..of("", state) }
}

fn of(owner: &str, state: State) -> ListProductsRequest {
    ListProductsRequest { owner: owner.to_owned(), state: state.into(), ..Default::default() }
}

fn with(text: &str) -> ListProductsRequest {
    ListProductsRequest { text: text.to_owned(), ..Default::default() }
}

/// E-F1; what is sold out is on sale, since more may come in. D-F1: a store's menu.
async fn people_find_what_is_on_sale(url: &str) {
    let db = filled(url).await;
    for (request, expected) in [
        (of("", State::Unspecified), &[0, 20, 5, 4, 3, 2, 1][..]),
        (of("", State::OnSale), &[0, 20, 5, 4, 3, 2, 1]),
        (of("owner01", State::Unspecified), &[5, 4, 3, 2, 1]),
        (of("owner02", State::OnSale), &[0, 20]),
        (of("Owner01", State::Unspecified), &[]),
        (of("", State::Released), &[21, 10, 9, 8, 7, 6]),
        (of("owner01", State::Released), &[10, 9, 8, 7, 6]),
        (of("owner02", State::Released), &[21]),
        (menu(State::OnSale), &[20]),
        (menu(State::Released), &[21]),
        (ListProductsRequest { owner: "owner01".to_owned(), ..menu(State::OnSale) }, &[]),
        (ListProductsRequest { store_id: Uuid::max().to_string(), ..of("", State::OnSale) }, &[]),
        (with("장"), &[20, 5, 4, 3, 2, 1]),
        (with("ÖL-lampe"), &[0]),
        (with("LAMP"), &[0]),
        (with("송이"), &[]),
        (with("0%"), &[0]),
        (with("_"), &[]),
        (with("!"), &[]),
    ] {
        assert_eq!(found(&db, &request).await, expected, "{request:?}");
    }
    another_list_is_not_continued(&db).await;
    db.close().await;
}

async fn another_list_is_not_continued(db: &Store) {
    let first = ListProductsRequest { page_size: 1, ..Default::default() };
    let (_, page_token) = page(db, &first).await;
    let first = ListProductsRequest { page_token, ..first };
    for other in [
        ListProductsRequest { owner: "owner01".to_owned(), ..first.clone() },
        ListProductsRequest { state: State::Released.into(), ..first.clone() },
        ListProductsRequest { store_id: samples::STORE.to_string(), ..first.clone() },
        ListProductsRequest { text: "장".to_owned(), ..first },
    ] {
        let status = list(db, &other).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn people_find_products_on_sqlite() {
    let dir = scratch::directory("inventory").unwrap();
    let url = format!("sqlite://{}/inventory.db", dir.path().display());
    people_find_what_is_on_sale(&url).await;
}

#[tokio::test]
async fn people_find_products_on_postgres() {
    people_find_what_is_on_sale(&postgres::database().await.unwrap()).await;
}

#[tokio::test]
async fn people_find_products_on_mariadb() {
    people_find_what_is_on_sale(&mariadb::database().await.unwrap()).await;
}
