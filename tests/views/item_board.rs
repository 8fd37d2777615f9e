//! The owner's board: his items, and who rents them.
//!
//! B-F5, B-F10, B-F11, B-N4, B-T7

use serde_json::{Value, json};
use tonic::Code;

use crate::{
    mesh::Database,
    seller::Watch,
    stories::{
        market::{Client, Market, RENTAL, on_each_database},
        refusal::refused,
        renting::patiently,
        shell::{jangteo, run},
        trade::listed,
    },
};

on_each_database!(RENTAL: the_board_follows_a_rental_from_end_to_end);

const GET: &str = "ItemBoardService/GetItemBoardRow";
const LIST: &str = "ItemBoardService/ListItemBoard";
const WATCH: &str = "view.v1.ItemBoardService/WatchItemBoard";

/// What a row says of item, rental and payment; none where it says nothing.
fn says(item: &str, rental: Option<&str>, payment: Option<&str>) -> Value {
    let rental = rental.map(|it| format!("RENTAL_STATUS_{it}"));
    let payment = payment.map(|it| format!("PAYMENT_STATUS_{it}"));
    let item = format!("ITEM_STATUS_{item}");
    json!({"itemStatus": item, "rentalStatus": rental, "paymentStatus": payment})
}

/// Has a read model rebuilt by the command line, and waits until that is done.
pub(super) async fn rebuilt(market: &Market, read_model: &str) {
    let mut command = jangteo(&["rebuild", read_model, "--to", &market.view().url()]);
    command.env("JANGTEO_KEY_DIR", market.key_dir());
    let said = run(command).await.well();
    assert!(said.ends_with(&format!("{read_model}: generation 2 serves\n")), "{said}");
}

/// B-F5, B-F10, B-F11, B-T7
async fn the_board_follows_a_rental_from_end_to_end(market: Market) {
    let [owner, renter] = ["owner01", "YoungEunSong"].map(|name| market.person(name));
    let camera = owner.registers_camera().await;
    owner.sees_board(&camera, says("RENTABLE", None, None)).await;
    let rental = renter.gets(&camera).await;
    let unpaid = says("NOT_RENTABLE", Some("NOT_RENTING"), Some("NOT_PAID"));
    let row = owner.sees_board(&camera, unpaid.clone()).await;
    assert_eq!((&row["renter"], &row["rentalId"]), (&json!("YoungEunSong"), &json!(rental)));
    assert_eq!((&row["name"], &row["priceKrw"]), (&json!("Camera"), &json!("100")));
    renter.pays_at_last(&rental).await;
    let paid = says("NOT_RENTABLE", Some("NOT_RENTING"), Some("PAID"));
    owner.sees_board(&camera, paid).await;
    patiently(|| renter.takes_money_back(&rental)).await.unwrap();
    owner.sees_board(&camera, unpaid).await;
    renter.sees_rental(&rental, "STATE_CONFIRMED").await;
    renter.pays_at_last(&rental).await;
    owner.hands_over(&camera, &rental).await;
    owner.sees_board(&camera, says("NOT_RENTABLE", Some("RENTING"), Some("PAID"))).await;
    owner.takes_back(&camera, &rental).await.unwrap();
    owner.sees_board(&camera, says("RENTABLE", Some("RETURNED"), Some("PAID"))).await;
    // Who comes next takes the place of who was there; who calls it off leaves nothing.
    let other = market.person("JangHyemi");
    let next = other.gets(&camera).await;
    let row = says("NOT_RENTABLE", Some("NOT_RENTING"), Some("NOT_PAID"));
    assert_eq!(owner.sees_board(&camera, row).await["renter"], "JangHyemi");
    other.calls_off(&next).await.unwrap();
    let row = owner.sees_board(&camera, says("RENTABLE", None, None)).await;
    assert_eq!((&row["renter"], &row["rentalId"]), (&Value::Null, &Value::Null));

    let last = other.has_rented(&owner, &camera).await;
    other.writes_review(&last, 5).await.unwrap();
    let row = owner.sees_board(&camera, says("RETIRED", Some("RETURNED"), Some("PAID"))).await;
    assert_eq!(row["renter"], "JangHyemi");
    owner.sees_board(&camera, json!({"score": 5, "rentalId": last})).await;
}

/// B-F11: newest first, page by page, and nobody else's.
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_lists_his_own_items() {
    let market = Market::of(RENTAL, Database::Sqlite).await;
    let [owner, other] = ["owner01", "owner02"].map(|name| market.person(name));
    let mut items = vec![];
    for name in ["Camera", "Tent", "Juice"] {
        items.insert(0, owner.registers(name, 100).await);
    }
    let foreign = other.registers_camera().await;
    for item in &items {
        owner.sees_board(item, says("RENTABLE", None, None)).await;
    }
    let rpc = format!("view.v1.{LIST}");
    let rows = owner.all(&rpc, "rows", json!({"pageSize": 2})).await;
    let found: Vec<_> = rows.iter().map(|row| row["itemId"].as_str().unwrap()).collect();
    assert_eq!(found, items);
    for (who, item) in [(&owner, &foreign), (&other, &items[0])] {
        let row = who.view(GET, json!({"itemId": item}), "").await;
        refused(row, Code::NotFound, "ITEM_BOARD_ROW_NOT_FOUND");
    }
}

/// The next change that is so of an item, and where to go on after it.
async fn shows(watch: &mut Watch, item: &str, so: impl Fn(&Value) -> bool) -> String {
    loop {
        let change = watch.next().await.expect("the watch goes on");
        assert!(change.get("reset").is_none(), "{change}");
        let row = &change["row"];
        assert!(row.is_null() || row["owner"] == "owner01", "{change}");
        let gone = change["removedItemId"] == item && so(&Value::Null);
        if gone || (row["itemId"] == item && so(row)) {
            return change["resumeToken"].as_str().unwrap_or_default().to_owned();
        }
    }
}

async fn watching(owner: &Client, token: &str) -> Watch {
    owner.watch(WATCH, json!({"resumeToken": token})).await.unwrap()
}

/// B-F11: all that there is, then each change, also one of a rental; and it goes on where it broke off.
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_watches_his_items() {
    let market = Market::of(RENTAL, Database::Sqlite).await;
    let [owner, renter] = ["owner01", "YoungEunSong"].map(|name| market.person(name));
    let camera = owner.registers_camera().await;
    owner.sees_board(&camera, says("RENTABLE", None, None)).await;
    market.person("owner02").registers_camera().await;
    let mut watch = watching(&owner, "").await;
    assert!(watch.next().await.unwrap()["reset"].is_object());
    shows(&mut watch, &camera, |row| row["itemStatus"] == "ITEM_STATUS_RENTABLE").await;
    let rental = renter.gets(&camera).await;
    shows(&mut watch, &camera, |row| row["renter"] == "YoungEunSong").await;
    renter.pays_at_last(&rental).await;
    let paid = |row: &Value| row["paymentStatus"] == "PAYMENT_STATUS_PAID";
    let token = shows(&mut watch, &camera, paid).await;
    drop(watch);
    owner.hands_over(&camera, &rental).await;
    let tent = owner.registers("Tent", 500).await;
    let mut watch = watching(&owner, &token).await;
    shows(&mut watch, &camera, |row| row["rentalStatus"] == "RENTAL_STATUS_RENTING").await;
    shows(&mut watch, &tent, |row| row["priceKrw"] == "500").await;
    owner.item("DeleteItem", json!({"id": tent})).await.unwrap();
    shows(&mut watch, &tent, Value::is_null).await;
}

/// B-N4: a new generation knows what the old one knew, and whoever watches begins anew.
#[tokio::test(flavor = "multi_thread")]
async fn the_board_is_rebuilt_from_what_happened() {
    let market = Market::of(RENTAL, Database::Sqlite).await;
    let [owner, renter] = ["owner01", "YoungEunSong"].map(|name| market.person(name));
    let (camera, tent) = (owner.registers_camera().await, owner.registers("Tent", 500).await);
    let rental = renter.has_rented(&owner, &camera).await;
    renter.writes_review(&rental, 5).await.unwrap();
    renter.gets_paid(&tent).await;
    owner.sees_board(&camera, json!({"score": 5, "itemStatus": "ITEM_STATUS_RETIRED"})).await;
    owner.sees_board(&tent, json!({"paymentStatus": "PAYMENT_STATUS_PAID"})).await;
    let rows = async || listed(&owner.view(LIST, json!({}), "").await.unwrap(), "rows");
    let before = rows().await;
    let mut watch = watching(&owner, "").await;
    assert!(watch.next().await.unwrap()["reset"].is_object());
    rebuilt(&market, "item_board").await;
    assert_eq!(rows().await, before);
    while watch.next().await.unwrap().get("reset").is_none() {}
    shows(&mut watch, &camera, |row| row["score"] == 5).await;
}
