//! P9: how long a seller who was answered waits until his own page shows what he wrote.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use async_trait::async_trait;
use jangteo::view::v1::{
    WatchMySalesRequest, my_sales_service_client::MySalesServiceClient,
    watch_my_sales_response::Change,
};
use tonic::{Status, Streaming};

use super::lag::{Lag, Page, Shows, at_half_load};
use crate::{
    caller::signed,
    figure::{About, Figure, Measure, Outcome, Rounds},
    judge::Target,
    load::{CALLERS, Client},
    seller::Seller,
    world::{Market, World},
};

pub(super) struct ViewLag;

#[async_trait]
impl Figure for ViewLag {
    fn about(&self) -> About {
        About {
            id: "P9",
            title: "From the answer of CreatePost until WatchMySales shows it, at half load",
            durability: "SQLite WAL with synchronous=FULL; NATS with sync_interval: always",
            measures: &[
                Measure { name: "lag, median", unit: "ms", baseline: None, target: None },
                Measure {
                    name: "lag, 99th percentile",
                    unit: "ms",
                    baseline: None,
                    target: Some(Target::AtMost(75.0)),
                },
            ],
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        let market = Market::sqlite(world, &["post", "view"], &[]).await?;
        Ok(Box::new(HalfLoad { market, round: 0 }))
    }
}

struct HalfLoad {
    market: Market,
    round: u32,
}

#[async_trait]
impl Rounds for HalfLoad {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        self.round += 1;
        at_half_load(self, self.round, CALLERS, length).await
    }
}

#[async_trait]
impl Shows for HalfLoad {
    type Client = Writer;

    async fn page(&self, seller: &str) -> Result<Page<Writer>> {
        let lag = Arc::new(Lag::default());
        let request = signed(WatchMySalesRequest::default(), &self.market.token(seller))?;
        let mut client = MySalesServiceClient::new(self.market.node.channel());
        let changes = client.watch_my_sales(request).await?.into_inner();
        let writer = Writer { seller: self.market.seller(seller)?, lag: lag.clone() };
        Ok(Page::new(writer, lag.clone(), watched(changes, lag)))
    }
}

/// Notes when each sale is shown for the first time.
async fn watched(
    mut changes: Streaming<jangteo::view::v1::WatchMySalesResponse>,
    lag: Arc<Lag>,
) -> Result<(), Status> {
    while let Some(change) = changes.message().await? {
        if let Some(Change::Sale(sale)) = change.change {
            lag.shown(sale.post_id);
        }
    }
    Ok(())
}

/// A seller who notes when he was answered.
struct Writer {
    seller: Arc<Seller>,
    lag: Arc<Lag>,
}

impl Client for Writer {
    async fn ask(&self, n: u64) -> Result<(), Status> {
        let post = self.seller.write(n).await?;
        self.lag.answered(post.id);
        Ok(())
    }
}
