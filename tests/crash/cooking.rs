//! Money and food in crashes: the process that hosts order, inventory, payment, provider, store and
//! delivery dies at a point on the way of a customer who orders at the wrong price and in earnest, three
//! times: what he calls off, what the store turns down, and what is cooked and brought. Afterwards the
//! books balance: what is charged belongs to what was brought, everything else has gone back, each of it
//! once, and nothing was cooked that nobody eats.

mod diner;
mod ledger;

use anyhow::Result;
use jangteo_testing::tokens::Keys;
use tonic::transport::Channel;

use self::diner::Diner;
use super::matrix::{Story, explore};

struct Cooking;

impl Story for Cooking {
    const CONTEXTS: &'static [&'static str] =
        &["inventory", "order", "payment", "provider", "store", "delivery"];
    const POINTS: &'static [(&'static str, u32)] = &[
        ("P1", 20),
        ("P2", 20),
        ("P3", 20),
        ("P4", 12),
        ("P5", 12),
        ("S1", 14),
        ("S2", 14),
        ("S3", 14),
        ("S4", 14),
        ("S5", 3),
    ];

    async fn play(door: &Channel, keys: &Keys) -> Result<()> {
        Diner::new(door, keys).dines().await
    }

    async fn judge(urls: &[String]) -> Result<()> {
        ledger::balances(urls).await
    }
}

/// D-F4, D-N1, D-N5, S.3-3, S.3-5, S.3-9: every crash point of placing and paying, of cooking, and of calling
/// off.
#[tokio::test(flavor = "multi_thread")]
async fn whenever_a_process_dies_money_and_food_balance() {
    explore::<Cooking>().await;
}
