//! Whether money, food and history agree, by the rows of all who have to do with it.

use anyhow::{Result, ensure};

use super::super::rows::{Told, names};

/// Judges what is there once everything is quiet; `urls` are those of inventory, order, payment, provider,
/// store and delivery.
pub(super) async fn balances(urls: &[String]) -> Result<()> {
    let [inventory, order, payment, provider, store, delivery] = urls else {
        panic!("six databases")
    };
    let placed = "SELECT state FROM customer_order WHERE state <> 'abandoned' ORDER BY create_time";
    let placed = names(order, placed).await?;
    ensure!(placed == ["cancelled", "store_rejected", "delivered"], "orders are {placed:?}");
    let tickets = names(store, "SELECT state FROM ticket ORDER BY create_time").await?;
    ensure!(tickets == ["cancelled", "rejected", "cooked"], "tickets are {tickets:?}");
    let deliveries = names(delivery, "SELECT state FROM delivery").await?;
    ensure!(deliveries == ["delivered"], "deliveries are {deliveries:?}");
    let standing = names(provider, "SELECT call_key FROM charge WHERE NOT refunded").await?;
    let approved = names(payment, "SELECT call_key FROM payment WHERE state = 'approved'").await?;
    ensure!(standing.len() == 1 && standing == approved, "{standing:?} beside {approved:?}");
    let refunded = names(payment, "SELECT call_key FROM payment WHERE state = 'refunded'").await?;
    ensure!(refunded.len() == 2, "refunded are {refunded:?}");
    let counted = Told::by(inventory).await?;
    ensure!(counted.of("StockHeld") + counted.of("StockDecreased") == 0, "it is made to order");
    told(&Told::by(order).await?, &Told::by(store).await?, &Told::by(provider).await?)
}

/// Every event tells of what happened once; what went back was taken.
fn told(order: &Told, store: &Told, provider: &Told) -> Result<()> {
    let tells = ["OrderPlaced", "OrderCancelled", "OrderDelivering", "OrderDelivered"];
    let orders = tells.map(|event| order.of(event));
    ensure!(orders == [3, 2, 1, 1], "orders tell {orders:?} times of {tells:?}");
    // An order may hear what comes after it before it hears that its store has taken it on.
    let preparing = order.of("OrderPreparing");
    ensure!(preparing <= 2, "{preparing} are prepared");
    let tells = ["TicketAccepted", "TicketRejected", "TicketCancelled", "CookingFinished"];
    let tickets = tells.map(|event| store.of(event));
    ensure!(tickets == [2, 1, 1, 1], "tickets tell {tickets:?} times of {tells:?}");
    let (made, back) = (provider.of("ChargeMade"), provider.of("ChargeRefunded"));
    ensure!(made == back + 1, "{made} charges were made, and {back} went back");
    Ok(())
}
