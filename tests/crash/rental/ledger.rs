//! Whether money and history agree, by the rows of all who have to do with it.

use anyhow::{Result, ensure};

use super::super::rows::{Told, names};

/// Judges what is there once everything is quiet; `urls` are those of item, rental, payment and provider.
pub(super) async fn balances(urls: &[String]) -> Result<()> {
    let [item, rental, payment, provider] = urls else { panic!("four databases") };
    let rentals = names(rental, "SELECT state FROM rental ORDER BY create_time").await?;
    ensure!(rentals == ["cancelled", "returned"], "rentals are {rentals:?}");
    let items = names(item, "SELECT state FROM item").await?;
    ensure!(items == ["rentable"], "the item is {items:?}");
    let standing = names(provider, "SELECT call_key FROM charge WHERE NOT refunded").await?;
    let approved = names(payment, "SELECT call_key FROM payment WHERE state = 'approved'").await?;
    ensure!(standing.len() == 1 && standing == approved, "{standing:?} beside {approved:?}");
    told(rental, payment, provider).await
}

/// Every event that tells of money tells of it once, and what goes back was taken.
async fn told(rental: &str, payment: &str, provider: &str) -> Result<()> {
    let rental = Told::by(rental).await?;
    let paid = rental.of("RentalPaid");
    let back = rental.of("RentalPaymentCancelled") + rental.of("RentalCancelled");
    ensure!(
        (paid, back) == (3, 2),
        "rentals tell {paid} times of money, and {back} that it is back"
    );
    let refunded = names(payment, "SELECT call_key FROM payment WHERE state = 'refunded'").await?;
    ensure!(refunded.len() == back, "refunded are {refunded:?}");
    let approved = Told::by(payment).await?.of("PaymentApproved");
    ensure!(approved >= paid, "{approved} payments were approved");
    let charges = Told::by(provider).await?;
    let (made, returned) = (charges.of("ChargeMade"), charges.of("ChargeRefunded"));
    ensure!(made == returned + 1, "{made} charges were made, and {returned} went back");
    Ok(())
}
