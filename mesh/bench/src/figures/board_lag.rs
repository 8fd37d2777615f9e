//! How long a customer whose order was taken waits until his board shows it.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use async_trait::async_trait;
use jangteo::view::v1::{
    WatchOrderBoardRequest, WatchOrderBoardResponse,
    order_board_service_client::OrderBoardServiceClient, watch_order_board_response::Change,
};
use jangteo_testing::{Nats, Node, tokens::Keys};
use tonic::{Status, Streaming};

use super::lag::{Lag, Page, Shows, at_half_load};
use crate::{
    caller::signed,
    customer::{CONTEXTS, Customer, bunches},
    figure::{About, Figure, Measure, Outcome, Rounds},
    judge::Target,
    load::Client,
    world::{World, nats},
};

/// Callers of the closed loop: more would only wait longer than a payment may take.
const CALLERS: u32 = 8;

pub(super) struct BoardLag;

#[async_trait]
impl Figure for BoardLag {
    fn about(&self) -> About {
        About {
            id: "BOARD",
            title: "From the answer of PlaceOrder until WatchOrderBoard shows it, at half load",
            durability: "SQLite WAL with synchronous=FULL; NATS with sync_interval: always",
            measures: &[
                Measure { name: "lag, median", unit: "ms", baseline: None, target: None },
                Measure {
                    name: "lag, 99th percentile",
                    unit: "ms",
                    baseline: None,
                    target: Some(Target::AtMost(100.0)),
                },
            ],
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        let nats = nats().await?;
        let node = world.node(&nats, &CONTEXTS).start().await?;
        let keys = Keys::open(node.data_dir().join("keys")).await?;
        let products = bunches(&node, &keys).await?;
        Ok(Box::new(Shop { products, keys, round: 0, node, _nats: nats }))
    }
}

struct Shop {
    products: Vec<String>,
    keys: Keys,
    round: u32,
    // Above the broker: it still needs it while it ends.
    node: Node,
    _nats: Nats,
}

#[async_trait]
impl Rounds for Shop {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        self.round += 1;
        at_half_load(self, self.round, CALLERS, length).await
    }
}

#[async_trait]
impl Shows for Shop {
    type Client = Watcher;

    async fn page(&self, customer: &str) -> Result<Page<Watcher>> {
        let (lag, token) = (Arc::new(Lag::default()), self.keys.user(customer));
        let mut client = OrderBoardServiceClient::new(self.node.channel());
        let request = signed(WatchOrderBoardRequest::default(), &token)?;
        let changes = client.watch_order_board(request).await?.into_inner();
        let customer = Customer::new(&self.node, &token, &self.products)?;
        let watcher = Watcher { customer, lag: lag.clone() };
        Ok(Page::new(watcher, lag.clone(), watched(changes, lag)))
    }
}

/// Notes when each order is on the board for the first time.
async fn watched(
    mut changes: Streaming<WatchOrderBoardResponse>,
    lag: Arc<Lag>,
) -> Result<(), Status> {
    while let Some(change) = changes.message().await? {
        if let Some(Change::Row(row)) = change.change {
            lag.shown(row.order_id);
        }
    }
    Ok(())
}

/// A customer who notes when his order was taken.
struct Watcher {
    customer: Customer,
    lag: Arc<Lag>,
}

impl Client for Watcher {
    async fn ask(&self, n: u64) -> Result<(), Status> {
        self.lag.answered(self.customer.place(n).await?.id);
        Ok(())
    }
}
