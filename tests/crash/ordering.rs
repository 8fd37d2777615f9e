//! Money and stock in crashes: the process that hosts order, inventory, payment, provider and delivery
//! dies at a point on the way of a customer who orders at the wrong price and in earnest, calls off, and
//! orders once more what a courier brings him. Afterwards the books balance: what is charged and what is gone belong to the order that
//! was delivered, everything else has gone back, and each of it once.

mod customer;
mod ledger;

use anyhow::Result;
use jangteo_testing::tokens::Keys;
use tonic::transport::Channel;

use self::customer::Customer;
use super::matrix::{Story, explore};

struct Ordering;

impl Story for Ordering {
    const CONTEXTS: &'static [&'static str] =
        &["inventory", "order", "payment", "provider", "delivery"];
    const POINTS: &'static [(&'static str, u32)] = &[
        ("P1", 13),
        ("P2", 13),
        ("P3", 13),
        ("P4", 8),
        ("P5", 8),
        ("S1", 10),
        ("S2", 10),
        ("S3", 10),
        ("S4", 10),
        ("S5", 2),
    ];

    async fn play(door: &Channel, keys: &Keys) -> Result<()> {
        Customer::new(door, keys).orders().await
    }

    async fn judge(urls: &[String]) -> Result<()> {
        ledger::balances(urls).await
    }
}

/// E-F5, E-F9, S.3-3, S.3-4, S.3-5: every crash point of placing and paying, and of calling off.
#[tokio::test(flavor = "multi_thread")]
async fn whenever_a_process_dies_money_and_stock_balance() {
    explore::<Ordering>().await;
}
