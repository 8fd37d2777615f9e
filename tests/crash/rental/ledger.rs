//! Whether money and history agree, by the rows of all who have to do with it.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result, ensure};
use jangteo_testing::within;

use super::super::world::query;

/// By then everything that will ever happen has happened.
const REST: Duration = Duration::from_secs(30);

/// Waits until nobody waits for anybody, and judges what is there; `urls` are those of item, rental,
/// payment and provider.
pub(super) async fn balances(urls: &[String]) -> Result<()> {
    let [item, rental, payment, provider] = urls else { panic!("four databases") };
    let rests = within(REST, async || {
        for url in [item, rental, payment, provider] {
            for sql in [
                "SELECT 1 FROM waiting WHERE call_key IS NOT NULL",
                "SELECT 1 FROM journal WHERE acked_time IS NULL",
            ] {
                if !query(url, sql).await.ok()?.is_empty() {
                    return None;
                }
            }
        }
        Some(())
    });
    rests.await.context("it does not come to rest")?;
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
    let rental = events(rental).await?;
    let count = |of: &BTreeMap<String, usize>, name: &str| of.get(name).copied().unwrap_or(0);
    let paid = count(&rental, "RentalPaid");
    let back = count(&rental, "RentalPaymentCancelled") + count(&rental, "RentalCancelled");
    ensure!((paid, back) == (3, 2), "rentals tell {rental:?}");
    let payments = events(payment).await?;
    let refunded = names(payment, "SELECT call_key FROM payment WHERE state = 'refunded'").await?;
    ensure!(refunded.len() == back, "refunded are {refunded:?}");
    let approved = count(&payments, "PaymentApproved");
    ensure!(approved >= paid, "payments tell {payments:?}");
    let charges = events(provider).await?;
    let (made, returned) = (count(&charges, "ChargeMade"), count(&charges, "ChargeRefunded"));
    ensure!(made == returned + 1, "the provider tells {charges:?}");
    Ok(())
}

/// How often each event was told in a context.
async fn events(url: &str) -> Result<BTreeMap<String, usize>> {
    let mut counted = BTreeMap::new();
    for name in names(url, "SELECT type FROM journal").await? {
        let name = name.rsplit('.').next().unwrap_or_default().to_owned();
        *counted.entry(name).or_default() += 1;
    }
    Ok(counted)
}

async fn names(url: &str, sql: &str) -> Result<Vec<String>> {
    let rows = query(url, sql).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}
