//! Whether money, stock and history agree, by the rows of all who have to do with it.

use anyhow::{Result, ensure};

use super::super::rows::{Told, names, numbers};

/// Judges what is there once everything is quiet; `urls` are those of inventory, order, payment, provider
/// and delivery.
pub(super) async fn balances(urls: &[String]) -> Result<()> {
    let [inventory, order, payment, provider, delivery] = urls else { panic!("five databases") };
    let placed = "SELECT state FROM customer_order WHERE state <> 'abandoned' ORDER BY create_time";
    let placed = names(order, placed).await?;
    ensure!(placed == ["cancelled", "delivered"], "orders are {placed:?}");
    let deliveries = names(delivery, "SELECT state FROM delivery ORDER BY create_time").await?;
    ensure!(deliveries == ["cancelled", "delivered"], "deliveries are {deliveries:?}");
    let on_hand = numbers(inventory, "SELECT on_hand FROM product").await?;
    ensure!(on_hand == [0], "{on_hand:?} are on hand");
    let standing = names(provider, "SELECT call_key FROM charge WHERE NOT refunded").await?;
    let approved = names(payment, "SELECT call_key FROM payment WHERE state = 'approved'").await?;
    ensure!(standing.len() == 1 && standing == approved, "{standing:?} beside {approved:?}");
    let refunded = names(payment, "SELECT call_key FROM payment WHERE state = 'refunded'").await?;
    ensure!(refunded.len() == 1, "refunded are {refunded:?}");
    told(&Told::by(inventory).await?, &Told::by(order).await?, &Told::by(provider).await?)
}

/// Every event tells of what happened once; what went back was taken, and what was held is let go or gone.
fn told(inventory: &Told, order: &Told, provider: &Told) -> Result<()> {
    let tells = ["OrderPlaced", "OrderCancelled", "OrderDelivering", "OrderDelivered"];
    let orders = tells.map(|event| order.of(event));
    ensure!(orders == [2, 1, 1, 1], "orders tell {orders:?} times of {tells:?}");
    let tells = ["StockHeld", "StockReleased", "StockDecreased", "StockIncreased"];
    let [held, released, decreased, increased] = tells.map(|event| inventory.of(event));
    ensure!(held == released + decreased, "{held} held, {released} let go, {decreased} gone");
    ensure!([decreased, increased] == [2, 1], "{decreased} gone, {increased} back");
    let (made, back) = (provider.of("ChargeMade"), provider.of("ChargeRefunded"));
    ensure!(made == back + 1, "{made} charges were made, and {back} went back");
    Ok(())
}
