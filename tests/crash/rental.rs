//! Money in crashes: the process that hosts rental, item, payment and provider dies at a point on the
//! way of a renter who pays, takes his money back, pays again, calls off, and rents once more to the
//! end. Whoever he asks again, and whatever is undone, afterwards the ledger balances: every charge that
//! stands is that of a rental that was paid, everything else has gone back, and each of it once.

mod ledger;
mod renter;

use anyhow::Result;
use jangteo_testing::tokens::Keys;
use tonic::transport::Channel;

use self::renter::Renter;
use super::matrix::{Story, explore};

struct Rental;

impl Story for Rental {
    const CONTEXTS: &'static [&'static str] = &["item", "rental", "payment", "provider"];
    const POINTS: &'static [(&'static str, u32)] = &[
        ("P1", 13),
        ("P2", 13),
        ("P3", 13),
        ("P4", 10),
        ("P5", 10),
        ("S1", 10),
        ("S2", 10),
        ("S3", 10),
        ("S4", 10),
        ("S5", 2),
    ];

    async fn play(door: &Channel, keys: &Keys) -> Result<()> {
        Renter::new(door, keys).rents().await
    }

    async fn judge(urls: &[String]) -> Result<()> {
        ledger::balances(urls).await
    }
}

/// B.14, 7: every crash point around approve, cancel and withhold.
#[tokio::test(flavor = "multi_thread")]
async fn whenever_a_process_dies_the_ledger_balances() {
    explore::<Rental>().await;
}
