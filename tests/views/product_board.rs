//! The product screen: what there is, and how much of it is left, for everybody.
//!
//! E-N2, E.7

use jangteo_testing::until;
use serde_json::{Value, json};
use tonic::Code;

use super::item_board::rebuilt;
use crate::{
    mesh::Database,
    seller::Watch,
    stories::{
        market::{Client, FLOWERS, Market, on_each_database},
        refusal::refused,
        trade::SOON,
    },
};

on_each_database!(FLOWERS: everybody_sees_how_much_is_left);

const GET: &str = "ProductBoardService/GetProductBoardRow";
const LIST: &str = "view.v1.ProductBoardService/ListProductBoardRows";
const WATCH: &str = "view.v1.ProductBoardService/WatchProductBoard";
/// A product that nobody has registered.
const NOTHING: &str = "01980000-0000-7000-8000-000000000000";

/// Watches until a product says this; where to go on after that.
async fn told(watch: &mut Watch, product: &str, expected: &Value) -> String {
    let fields = expected.as_object().expect("the fields of a row");
    loop {
        let change = watch.next().await.expect("the watch goes on");
        assert!(change.get("reset").is_none(), "{change}");
        let row = &change["row"];
        let so = fields.iter().all(|(field, value)| row[field] == *value);
        if row["productId"] == product && so {
            return change["resumeToken"].as_str().unwrap_or_default().to_owned();
        }
    }
}

/// The ids of the products that somebody lists.
async fn found(who: &Client, asked: Value) -> Vec<String> {
    let rows = who.all(LIST, "rows", asked).await;
    rows.iter().map(|row| row["productId"].as_str().unwrap_or_default().to_owned()).collect()
}

/// E.7: unlike the original's, the quantity follows what is sold and what comes in.
async fn everybody_sees_how_much_is_left(market: Market) {
    let [florist, customer] = ["florist01", "customer01"].map(|name| market.person(name));
    let anybody = market.stranger();
    let mut watch = anybody.watch(WATCH, json!({})).await.unwrap();
    assert!(watch.next().await.unwrap()["reset"].is_object());
    let roses = florist.stocks_roses(10).await;
    let all = json!({"onHand": "10", "available": "10", "spec": "100송이", "owner": "florist01"});
    told(&mut watch, &roses, &all).await;
    customer.orders_at_last(&roses, 3).await;
    let token = told(&mut watch, &roses, &json!({"onHand": "7", "available": "7"})).await;
    drop(watch);
    let more = json!({"id": roses, "quantity": 5});
    let more = florist.product("RestockProduct", more).await.unwrap();
    let row = anybody.view(GET, json!({"productId": roses}), &more.written).await.unwrap();
    assert_eq!((row.text("onHand"), row.text("available")), ("12", "12"));
    let mut watch = anybody.watch(WATCH, json!({"resumeToken": token})).await.unwrap();
    told(&mut watch, &roses, &json!({"onHand": "12", "available": "12"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_lists_what_can_be_had_newest_first() {
    let market = Market::of(FLOWERS, Database::Sqlite).await;
    let [florist, other] = ["florist01", "florist02"].map(|name| market.person(name));
    let mut products = vec![];
    for (seller, pieces) in [(&florist, 10), (&florist, 0), (&other, 1)] {
        products.insert(0, seller.stocks_roses(pieces).await);
    }
    let released = florist.stocks_roses(10).await;
    let gone = florist.product("ReleaseProduct", json!({"id": released})).await.unwrap();
    let anybody = market.stranger();
    let row = anybody.view(GET, json!({"productId": released}), &gone.written).await.unwrap();
    assert_eq!(row.body["released"], true);
    let available = json!({"onlyAvailable": true, "pageSize": 1});
    let had = [products[0].as_str(), &products[2]];
    // The token tells of what was taken off alone.
    let named = json!({"text": "장미", "pageSize": 3});
    let shown = async || (found(&anybody, named.clone()).await.len() == 4).then_some(());
    until(SOON, shown).await;
    assert_eq!(found(&anybody, available.clone()).await, had);
    let of_florist = json!({"owner": "florist01", "onlyAvailable": true});
    assert_eq!(found(&anybody, of_florist).await, [products[2].as_str()]);
    assert_eq!(found(&anybody, json!({"text": "튤립"})).await, [""; 0]);
    let row = anybody.view(GET, json!({"productId": NOTHING}), "").await;
    refused(row, Code::NotFound, "PRODUCT_BOARD_ROW_NOT_FOUND");
    rebuilt(&market, "product_board").await;
    assert_eq!(found(&anybody, available).await, had);
}
