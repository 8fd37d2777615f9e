//! What is known to go wrong when things are rented out, one test for each.
//!
//! Two are not here: that item and review do not even compile (B.14-1), against which every build
//! stands, and that load can't be measured without requests for processor time (B.14-14), which is a
//! matter of manifests.

use jangteo_testing::grpc;
use serde_json::json;
use tonic::Code;

use super::{
    market::{Client, Layout, Market, RENTAL},
    refusal::refused,
    renting::{CAMERA_KRW, patiently},
    trade::{listed, states},
};
use crate::mesh::Database;

const NOBODYS: &str = "0190a7c5-0000-7000-8000-00000000ffff";

async fn market() -> (Market, Client, Client) {
    let market = Market::of(RENTAL, Database::Sqlite).await;
    let [owner, renter] = ["owner01", "YoungEunSong"].map(|name| market.person(name));
    (market, owner, renter)
}

/// B.14-2
#[tokio::test(flavor = "multi_thread")]
async fn a_review_retires_the_item_that_was_rented_and_no_other() {
    let (market, owner, renter) = market().await;
    let (kept, camera) = (owner.registers("Tent", 500).await, owner.registers_camera().await);
    let others = renter.gets_paid(&kept).await;
    let rental = renter.has_rented(&owner, &camera).await;
    renter.writes_review(&rental, 5).await.unwrap();
    let review = renter.sees_review(&rental, "STATE_WRITTEN").await;
    assert_eq!((review.id(), review.text("itemId")), (&*rental, &*camera));
    owner.sees_item(&camera, "STATE_RETIRED").await;
    assert_eq!(owner.finds_items("owner01").await, [kept.as_str()]);
    let item = owner.sees_item(&kept, "STATE_RESERVED").await;
    assert_eq!(item.text("rentalId"), others);
    market.operator().finds("item", &kept, &["ItemRegistered", "ItemReserved"]).await;
}

/// B.14-3
#[tokio::test(flavor = "multi_thread")]
async fn the_payment_that_is_cancelled_is_that_of_the_rental() {
    let (market, owner, renter) = market().await;
    let other = market.person("JangHyemi");
    let rental = renter.gets_paid(&owner.registers_camera().await).await;
    let paid = renter.gets_paid(&owner.registers("Tent", 500).await).await;
    let foreign = other.gets_paid(&owner.registers("Juice", 100).await).await;
    patiently(|| renter.takes_money_back(&rental)).await.unwrap();
    renter.sees_rental(&rental, "STATE_CONFIRMED").await;
    renter.sees_rental(&paid, "STATE_PAID").await;
    other.sees_rental(&foreign, "STATE_PAID").await;
    market.balances(&[&renter, &other]).await;
    // Nobody else can have it cancelled: not who does not know of it, nor whoever gets the money.
    let answer = other.takes_money_back(&paid).await;
    refused(answer, Code::NotFound, "RENTAL_NOT_FOUND");
    let answer = owner.takes_money_back(&paid).await;
    refused(answer, Code::PermissionDenied, "RENTER_ONLY");
}

/// B.14-4
#[tokio::test(flavor = "multi_thread")]
async fn whatever_else_happens_to_a_rental_it_is_charged_once_and_nothing_is_cancelled() {
    let (market, owner, renter) = market().await;
    let operator = market.operator();
    let camera = owner.registers_camera().await;
    let unpaid = renter.gets(&owner.registers("Tent", 500).await).await;
    let rental = renter.gets(&camera).await;
    assert!(renter.payments().await.is_empty(), "nothing was asked of payment");
    let paid = renter.pays_at_last(&rental).await;
    for _ in 0..3 {
        // Paid is paid.
        assert_eq!(renter.pays(&rental).await.unwrap().text("paymentId"), paid.text("paymentId"));
    }
    // What was not answered in time is undone by then.
    market.balances(&[&renter]).await;
    let before = renter.payments().await;
    owner.hands_over(&camera, &rental).await;
    renter.sees_rental(&rental, "STATE_LENT").await;
    owner.takes_back(&camera, &rental).await.unwrap();
    renter.sees_rental(&rental, "STATE_RETURNED").await;
    renter.calls_off(&unpaid).await.unwrap();
    market.balances(&[&renter]).await;
    assert_eq!(renter.payments().await, before);
    operator.finds("payment", paid.text("paymentId"), &["PaymentApproved"]).await;
}

/// B.14-5
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_to_be_had_is_refused_and_others_are_served() {
    let (market, owner, renter) = market().await;
    let other = market.person("JangHyemi");
    let items = ["Camera", "Tent", "Juice", "Bicycle"].map(|name| owner.registers(name, 100));
    let [reserved, lent, deleted, own] = items;
    let (reserved, lent) = (reserved.await, lent.await);
    let (deleted, own) = (deleted.await, own.await);
    renter.gets(&reserved).await;
    renter.borrows(&owner, &lent).await;
    owner.item("DeleteItem", json!({"id": deleted})).await.unwrap();
    for (who, item, reason) in [
        (&other, &*reserved, "ITEM_RESERVED"),
        (&other, &*lent, "ITEM_LENT"),
        (&other, &*deleted, "ITEM_DELETED"),
        (&other, NOBODYS, "ITEM_NOT_FOUND"),
        (&owner, &*own, "OWN_ITEM"),
    ] {
        let rental = who.rents(item).await.unwrap();
        let rental = who.sees_rental(rental.id(), "STATE_REFUSED").await;
        assert_eq!(rental.text("reason"), reason);
        refused(who.pays(rental.id()).await, Code::FailedPrecondition, "RENTAL_REFUSED");
    }
    // Nobody stumbles over any of them.
    other.gets(&own).await;
    let answer = other.item("GetItem", json!({"id": NOBODYS})).await;
    refused(answer, Code::NotFound, "ITEM_NOT_FOUND");
}

/// B.14-6
#[tokio::test(flavor = "multi_thread")]
async fn money_goes_back_with_its_rental_and_nothing_is_lent_unpaid_or_deleted_in_use() {
    let (market, owner, renter) = market().await;
    let camera = owner.registers_camera().await;
    let rental = renter.gets(&camera).await;
    let not_lent = async |rental: &str, reason: &str| {
        refused(owner.lends(&camera, rental).await, Code::FailedPrecondition, reason);
    };
    let in_use = async |reason: &str| {
        let deleted = owner.item("DeleteItem", json!({"id": camera})).await;
        refused(deleted, Code::FailedPrecondition, "ITEM_IN_USE");
        let edited = owner.item("UpdateItem", json!({"id": camera, "priceKrw": 1})).await;
        refused(edited, Code::FailedPrecondition, reason);
    };
    in_use("ITEM_RESERVED").await;
    not_lent(&rental, "RENTAL_NOT_PAID").await;
    not_lent(NOBODYS, "ITEM_NOT_RESERVED_FOR_RENTAL").await;
    let answer = renter.lends(&camera, &rental).await;
    refused(answer, Code::NotFound, "ITEM_NOT_FOUND");
    renter.pays_at_last(&rental).await;
    patiently(|| renter.calls_off(&rental)).await.unwrap();
    renter.sees_rental(&rental, "STATE_CANCELLED").await;
    market.balances(&[&renter]).await;
    assert!(market.operator().charges().await.iter().all(|it| it["state"] == "STATE_REFUNDED"));
    owner.sees_item(&camera, "STATE_RENTABLE").await;
    not_lent(&rental, "ITEM_NOT_RESERVED_FOR_RENTAL").await;

    let rental = renter.borrows(&owner, &camera).await;
    in_use("ITEM_LENT").await;
    for answer in [renter.calls_off(&rental).await, renter.takes_money_back(&rental).await] {
        refused(answer, Code::FailedPrecondition, "ITEM_LENT");
    }
    owner.takes_back(&camera, &rental).await.unwrap();
    let again = owner.takes_back(&camera, &rental).await;
    refused(again, Code::FailedPrecondition, "ITEM_NOT_LENT");
    owner.item("DeleteItem", json!({"id": camera})).await.unwrap();
    assert!(owner.finds_items("owner01").await.is_empty());
    market.balances(&[&renter]).await;
}

/// B.14-7: what is charged after the renter was told that it was not goes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_answers_too_late_is_undone() {
    let (market, owner, renter) = market().await;
    let operator = market.operator();
    let rental = renter.gets(&owner.registers_camera().await).await;
    operator.has_provider(json!({"latencyMs": 1_500})).await;
    let answer = renter.pays(&rental).await;
    refused(answer, Code::Unavailable, "PAYMENT_UNAVAILABLE");
    renter.sees_rental(&rental, "STATE_CONFIRMED").await;
    operator.has_provider(json!({})).await;
    market.balances(&[&renter]).await;
    assert_eq!(states(&renter.payments().await), ["STATE_CANCELLED"]);
    renter.pays_at_last(&rental).await;
    market.balances(&[&renter]).await;
}

/// B.14-8
#[tokio::test(flavor = "multi_thread")]
async fn name_and_price_are_the_owners_whatever_a_client_sends() {
    let (market, owner, renter) = market().await;
    let camera = owner.registers("Camera", 900).await;
    let edit = json!({"id": camera, "priceKrw": CAMERA_KRW});
    owner.item("UpdateItem", edit).await.unwrap();
    // A name and a price of the client's own, in fields that no contract has.
    let mut body = vec![];
    prost::encoding::string::encode(1, &camera, &mut body);
    prost::encoding::string::encode(30, &"Lens".to_owned(), &mut body);
    prost::encoding::int64::encode(31, &1, &mut body);
    let (token, path) =
        (market.keys.user("YoungEunSong"), "/jangteo.rental.v1.RentalService/ReserveRental");
    let channel = market.node("rental").channel();
    grpc::raw(channel, path, body.into(), Some(&token), &[]).await.unwrap();
    let rental = renter.rentals().await[0]["id"].as_str().unwrap().to_owned();
    let confirmed = renter.sees_rental(&rental, "STATE_CONFIRMED").await;
    assert_eq!((confirmed.text("itemName"), confirmed.text("priceKrw")), ("Camera", "100"));
    renter.pays_at_last(&rental).await;
    assert!(renter.payments().await.iter().all(|payment| payment["amountKrw"] == "100"));
}

/// B.14-9
#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_money_is_told_and_the_board_follows_everything() {
    let (market, owner, renter) = market().await;
    let camera = owner.registers("Camera", 900).await;
    owner.item("UpdateItem", json!({"id": camera, "priceKrw": CAMERA_KRW})).await.unwrap();
    owner.sees_board(&camera, json!({"priceKrw": "100", "rentalId": null})).await;
    let rental = renter.gets(&camera).await;
    let payment = renter.pays_at_last(&rental).await.text("paymentId").to_owned();
    let paid = json!({"renter": "YoungEunSong", "paymentStatus": "PAYMENT_STATUS_PAID"});
    owner.sees_board(&camera, paid).await;
    patiently(|| renter.takes_money_back(&rental)).await.unwrap();
    let unpaid = json!({"rentalId": rental, "paymentStatus": "PAYMENT_STATUS_NOT_PAID"});
    owner.sees_board(&camera, unpaid).await;
    let told = ["PaymentApproved", "PaymentCancelled"];
    market.operator().finds("payment", &payment, &told).await;
    renter.sees_rental(&rental, "STATE_CONFIRMED").await;
    renter.calls_off(&rental).await.unwrap();
    // Nothing of the customer stays.
    let free = json!({"itemStatus": "ITEM_STATUS_RENTABLE", "renter": null, "rentalId": null});
    owner.sees_board(&camera, free).await;
    let rental = renter.has_rented(&owner, &camera).await;
    renter.writes_review(&rental, 5).await.unwrap();
    owner.sees_board(&camera, json!({"score": 5, "itemStatus": "ITEM_STATUS_RETIRED"})).await;

    let other = owner.registers("Juice", 100).await;
    let deleted = owner.item("DeleteItem", json!({"id": other})).await.unwrap();
    let rpc = "ItemBoardService/GetItemBoardRow";
    let row = owner.view(rpc, json!({"itemId": other}), &deleted.written).await;
    refused(row, Code::NotFound, "ITEM_BOARD_ROW_NOT_FOUND");
}

/// B.14-10: word of a reservation that comes after the next return changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_late_finds_the_item_as_it_is_by_then() {
    let layout = Layout::together(RENTAL, Database::Sqlite).alone(&["item"]);
    let market = Market::start(layout).await.unwrap();
    let [owner, renter] = ["owner01", "YoungEunSong"].map(|name| market.person(name));
    let camera = owner.registers_camera().await;
    renter.has_rented(&owner, &camera).await;
    market.node("item").kill();
    // Reserved and called off, while nobody listens.
    let dropped = renter.rents(&camera).await.unwrap();
    renter.calls_off(dropped.id()).await.unwrap();
    market.node("item").restart().await.unwrap();
    let before = ["ItemRegistered", "ItemReserved", "ItemLent", "ItemReturned"];
    let told = [&before[..], &["ItemReserved", "ItemReleased"]].concat();
    market.operator().finds("item", &camera, &told).await;
    owner.sees_item(&camera, "STATE_RENTABLE").await;
    owner.sees_board(&camera, json!({"itemStatus": "ITEM_STATUS_RENTABLE"})).await;
    market.operator().finds("rental", dropped.id(), &["RentalRequested", "RentalCancelled"]).await;
    renter.gets(&camera).await;
}

/// B.14-11
#[tokio::test(flavor = "multi_thread")]
async fn times_are_the_servers() {
    let (_market, owner, renter) = market().await;
    let camera = owner.registers_camera().await;
    let reserved = renter.rents(&camera).await.unwrap();
    let confirmed = renter.sees_rental(reserved.id(), "STATE_CONFIRMED").await;
    assert_eq!(reserved.text("createTime"), confirmed.text("createTime"));
    assert!(reserved.time("createTime") < confirmed.time("updateTime"), "{confirmed:?}");
    for method in ["item.v1.ItemService/RegisterItem", "rental.v1.RentalService/ReserveRental"] {
        let input = grpc::method(&format!("/jangteo.{method}")).input();
        assert!(input.fields().all(|field| !field.name().ends_with("_time")), "{method}");
    }
}

/// B.14-12
#[tokio::test(flavor = "multi_thread")]
async fn a_review_is_the_renters_own_once_and_only_after_the_return() {
    let (market, owner, renter) = market().await;
    let camera = owner.registers_camera().await;
    let rental = renter.borrows(&owner, &camera).await;
    let strangers = [&market.person("JangHyemi"), &owner];
    for early in [&renter, strangers[0], strangers[1]] {
        refused(early.writes_review(&rental, 5).await, Code::NotFound, "REVIEW_NOT_FOUND");
    }
    owner.takes_back(&camera, &rental).await.unwrap();
    renter.sees_review(&rental, "STATE_REQUESTED").await;
    for stranger in strangers {
        refused(stranger.writes_review(&rental, 1).await, Code::NotFound, "REVIEW_NOT_FOUND");
    }
    for score in [-1, 0, 6] {
        let answer = renter.writes_review(&rental, score).await;
        refused(answer, Code::InvalidArgument, "FIELD_INVALID");
    }
    renter.writes_review(&rental, 4).await.unwrap();
    renter.sees_review(&rental, "STATE_WRITTEN").await;
    let answer = renter.writes_review(&rental, 5).await;
    refused(answer, Code::FailedPrecondition, "REVIEW_WRITTEN");
    let page = market.stranger().review("ListReviews", json!({"owner": "owner01"})).await;
    let written = listed(&page.unwrap(), "reviews");
    assert_eq!((written.len(), &written[0]["score"]), (1, &json!(4)));
}

/// B.14-13
#[tokio::test(flavor = "multi_thread")]
async fn a_reviewed_item_leaves_the_lists_and_nothing_else() {
    let (market, owner, renter) = market().await;
    let camera = owner.registers_camera().await;
    let rental = renter.has_rented(&owner, &camera).await;
    renter.writes_review(&rental, 5).await.unwrap();
    renter.sees_review(&rental, "STATE_WRITTEN").await;
    let anybody = market.stranger();
    assert!(anybody.finds_items("owner01").await.is_empty());
    let retired = anybody.sees_item(&camera, "STATE_RETIRED").await;
    assert_eq!((retired.text("name"), &retired.body["retired"]), ("Camera", &json!(true)));
    let (edit, id) = (json!({"id": camera, "priceKrw": 1}), json!({"id": camera}));
    for (method, body) in [("UpdateItem", edit), ("DeleteItem", id)] {
        let answer = owner.item(method, body).await;
        refused(answer, Code::FailedPrecondition, "ITEM_RETIRED");
    }
    assert_eq!(renter.sees_rental(&rental, "STATE_RETURNED").await.text("itemName"), "Camera");
    let shown = anybody.review("GetReview", json!({"id": rental})).await.unwrap();
    assert_eq!(shown.text("itemName"), "Camera");
    let told = ["ItemRegistered", "ItemReserved", "ItemLent", "ItemReturned", "ItemRetired"];
    market.operator().finds("item", &camera, &told).await;
}
