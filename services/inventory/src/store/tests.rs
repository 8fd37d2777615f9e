//! Products come back from their table, on every database that jangteo runs on.

use jangteo_kit::execute::Head;
use sea_orm::TryIntoModel;

use super::*;
use crate::domain::samples;

pub(crate) fn stored(id: Uuid, product: Product) -> Versioned<Product> {
    let head =
        Head { id, revision: 3, sequence: 2, correlation_id: id, create_time: 1, update_time: 2 };
    Versioned { state: Product { id, ..product }, head }
}

fn carrots(count: usize) -> String {
    "🥕".repeat(count)
}

/// Far more holds than a column of text has room for on MariaDB.
fn crowded() -> Product {
    let hold = |number| Hold { buyer: carrots(64), ..samples::hold(number, 1) };
    Product { on_hand: 1_000, ..samples::product((0..1_000).map(hold).collect()) }
}

/// What strains the columns of what a product says.
fn listings() -> impl Iterator<Item = Listing> {
    // In lower case the first is twice as long.
    let names = ["İ".repeat(100), "'\\\"%_; ".to_owned(), " ".to_owned(), carrots(100)];
    names.into_iter().map(|name| Listing { spec: name.clone(), name, price_krw: i64::MAX })
}

/// Every kind of product, and what strains a column.
fn products(id: Uuid) -> Vec<Versioned<Product>> {
    let mut products = samples::every();
    products.push(Product { store: Some(Uuid::max()), ..samples::made_to_order() });
    products.extend(listings().map(|listing| Product { listing, ..samples::product(vec![]) }));
    products.push(Product { owner: carrots(64), ..crowded() });
    let buyer = "'\\\"%_; \n".to_owned();
    let all = Hold { holder: Uuid::max(), buyer, quantity: i64::MAX };
    products.push(Product { on_hand: i64::MAX, ..samples::product(vec![all]) });
    let mut products: Vec<_> = products.into_iter().map(|product| stored(id, product)).collect();
    let mut eternal = stored(id, samples::released(samples::sold_out()));
    (eternal.head.revision, eternal.head.sequence) = (i64::MAX, i64::MAX);
    (eternal.head.create_time, eternal.head.update_time) = (i64::MIN, i64::MAX);
    products.push(eternal);
    products
}

jangteo_testing::rows_come_back!("inventory", crate::migration::all, products);

#[test]
fn a_row_that_is_no_product_is_named() {
    let held = samples::product(vec![samples::hold(1, 3), samples::hold(2, 7)]);
    let row = Product::write(&stored(samples::ID, held)).try_into_model().unwrap();
    let refused = |change: fn(&mut entity::Model)| {
        let mut row = row.clone();
        change(&mut row);
        let refused = Product::read(row).unwrap_err();
        assert!(refused.contains(&samples::ID.to_string()), "{refused}");
        refused
    };
    assert!(refused(|row| "sold".clone_into(&mut row.state)).contains("no state `sold`"));
    assert!(refused(|row| row.held = b"{}".to_vec()).contains("no holds"));
    assert!(refused(|row| row.held.clear()).contains("no holds"));
    assert!(refused(|row| row.on_hand = 9).contains("9 on hand do not cover"));
    let nothing = |row: &mut entity::Model| row.held = json(&[samples::hold(1, 0)], &[]);
    assert!(refused(nothing).contains("do not cover"));
    let made = |row: &mut entity::Model| row.store_id = Some(samples::STORE);
    assert!(refused(made).contains("pieces of what is made to order"));
    let less = |row: &mut entity::Model| (row.held, row.on_hand) = (json(&[], &[]), -1);
    assert!(refused(less).contains("-1 on hand"));
}
