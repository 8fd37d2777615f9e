//! Two renters want one item while items are away: both are accepted, and afterwards exactly one has
//! it.
//!
//! B-F3, B-F5, B-N2, B-N8; S.3-1, S.3-10.

use jangteo_testing::until;
use serde_json::json;
use tonic::Code;

use super::{
    market::{Client, Layout, Market, RENTAL, Reply},
    refusal::refused,
    rental::MIXED,
    trade::SOON,
};
use crate::mesh::Database;

const ITEMS: usize = 20;
const NAMES: [&str; 2] = ["YoungEunSong", "JangHyemi"];

/// Reserves an item for both at once; neither waits for it.
async fn both_reserve(renters: &[Client; 2], item: &str) -> [String; 2] {
    let [one, other] = renters.each_ref().map(|renter| renter.rents(item));
    let (one, other) = tokio::join!(one, other);
    [one, other].map(|answer| {
        let rental = answer.unwrap();
        assert_eq!(rental.text("state"), "STATE_REQUESTED");
        rental.id().to_owned()
    })
}

/// A rental as soon as its item has answered.
async fn answered(renter: &Client, rental: &str) -> Reply {
    until(SOON, async || {
        let now = renter.rental("GetRental", json!({"id": rental})).await.ok()?;
        (now.text("state") != "STATE_REQUESTED").then_some(now)
    })
    .await
}

/// Who has got the item; the other one is refused, and so is whatever he does next.
async fn winner(owner: &Client, renters: &[Client; 2], item: &str, rentals: &[String; 2]) -> usize {
    let one = answered(&renters[0], &rentals[0]).await;
    let other = answered(&renters[1], &rentals[1]).await;
    let (won, kept, lost) = match one.text("state") {
        "STATE_CONFIRMED" => (0, one, other),
        _ => (1, other, one),
    };
    assert_eq!((kept.text("state"), kept.text("owner")), ("STATE_CONFIRMED", "owner01"));
    assert_eq!((lost.text("state"), lost.text("reason")), ("STATE_REFUSED", "ITEM_RESERVED"));
    let held = owner.sees_item(item, "STATE_RESERVED").await;
    assert_eq!(held.text("rentalId"), kept.id());
    let loser = &renters[1 - won];
    for answer in [loser.pays(lost.id()).await, loser.calls_off(lost.id()).await] {
        refused(answer, Code::FailedPrecondition, "RENTAL_REFUSED");
    }
    won
}

/// B-F3, B-F5, B-N2, S.3-1, S.3-10
async fn exactly_one_gets_what_both_reserved_while_items_were_away(layout: Layout) {
    let market = Market::start(layout.alone(&["item"])).await.unwrap();
    let owner = market.person("owner01");
    let renters = NAMES.map(|name| market.person(name).elsewhere(&market));
    let mut items = vec![];
    for _ in 0..ITEMS {
        items.push(owner.registers_camera().await);
    }
    market.node("item").kill();
    let mut wanted = vec![];
    for item in items {
        let rentals = both_reserve(&renters, &item).await;
        wanted.push((item, rentals));
    }
    market.node("item").restart().await.unwrap();

    let (mut told, mut owners, mut winners) = ([vec![], vec![]], vec![], vec![]);
    for (item, rentals) in &wanted {
        let won = winner(&owner, &renters, item, rentals).await;
        told[won].push(("rental_confirmed", format!("rentals/{}", rentals[won])));
        told[1 - won].push(("rental_refused", format!("rentals/{}", rentals[1 - won])));
        owners.push(("item_reserved", format!("items/{item}")));
        winners.push(won);
    }
    owner.is_told("owner01", &owners).await;
    for (it, renter) in renters.iter().enumerate() {
        renter.is_told(NAMES[it], &told[it]).await;
    }
    let ((item, rentals), won) = (&wanted[0], winners[0]);
    let both = ["ItemRegistered", "ItemReserved", "ItemReservationRefused"];
    market.operator().finds("item", item, &both).await;
    // When the winner calls it off, the loser's is refused as before; he may reserve anew.
    renters[won].calls_off(&rentals[won]).await.unwrap();
    owner.sees_item(item, "STATE_RENTABLE").await;
    renters[1 - won].sees_rental(&rentals[1 - won], "STATE_REFUSED").await;
    renters[1 - won].gets(item).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_gets_what_both_reserved_while_items_were_away_on_sqlite() {
    let layout = Layout::together(RENTAL, Database::Sqlite);
    exactly_one_gets_what_both_reserved_while_items_were_away(layout).await;
}

/// B-N8
#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_gets_what_both_reserved_while_items_were_away_on_three_kinds_of_database() {
    let layout = Layout::together(RENTAL, Database::Sqlite).with(&MIXED);
    exactly_one_gets_what_both_reserved_while_items_were_away(layout).await;
}
