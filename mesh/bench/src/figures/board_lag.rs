//! How long a customer whose order was taken waits until his board shows it.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use async_trait::async_trait;
use jangteo::{
    inventory::v1::{Product, RegisterProductRequest},
    order::v1::{Order, PlaceOrderRequest, place_order_request::Line},
    view::v1::{
        WatchOrderBoardRequest, WatchOrderBoardResponse,
        order_board_service_client::OrderBoardServiceClient, watch_order_board_response::Change,
    },
};
use jangteo_testing::{Nats, Node, tokens::Keys};
use prost::Message as _;
use tonic::{Status, Streaming};

use super::lag::{Lag, Page, Shows, at_half_load};
use crate::{
    caller::{Caller, pick, signed},
    figure::{About, Figure, Measure, Outcome, Rounds},
    judge::Target,
    load::Client,
    seller::new_id,
    world::{World, nats},
};

const REGISTER: &str = "/jangteo.inventory.v1.InventoryService/RegisterProduct";
const PLACE: &str = "/jangteo.order.v1.OrderService/PlaceOrder";
/// What an order asks, and what hears of it.
const CONTEXTS: [&str; 8] =
    ["inventory", "order", "payment", "provider", "delivery", "store", "notification", "view"];
/// Bunches of as many kinds: each kind's stock is one row, whose buyers wait for each other.
const KINDS: usize = 8;
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
        let seller = Caller::new(&node, &keys.user("florist01"))?;
        let mut products = vec![];
        for kind in 0..KINDS {
            products.push(registered(&seller, kind).await?);
        }
        Ok(Box::new(Shop { products, keys, round: 0, node, _nats: nats }))
    }
}

/// Registers more bunches of a kind than anybody buys.
async fn registered(seller: &Caller, kind: usize) -> Result<String> {
    let bunch = RegisterProductRequest {
        name: format!("장미 {kind}"),
        price_krw: 50_000,
        quantity: 1_000_000,
        ..Default::default()
    };
    let product = seller.call(0, REGISTER, bunch.encode_to_vec().into()).await?;
    Ok(Product::decode(product)?.id)
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
    type Client = Customer;

    async fn page(&self, customer: &str) -> Result<Page<Customer>> {
        let (lag, token) = (Arc::new(Lag::default()), self.keys.user(customer));
        let mut client = OrderBoardServiceClient::new(self.node.channel());
        let request = signed(WatchOrderBoardRequest::default(), &token)?;
        let changes = client.watch_order_board(request).await?.into_inner();
        let caller = Caller::new(&self.node, &token)?;
        let customer = Customer { caller, products: self.products.clone(), lag: lag.clone() };
        Ok(Page::new(customer, lag.clone(), watched(changes, lag)))
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
struct Customer {
    caller: Caller,
    products: Vec<String>,
    lag: Arc<Lag>,
}

impl Client for Customer {
    async fn ask(&self, n: u64) -> Result<(), Status> {
        let product_id = self.products[pick(n, self.products.len())].clone();
        let order = PlaceOrderRequest {
            lines: vec![Line { product_id, quantity: 1 }],
            address: "방배로 1".into(),
            phone_number: "010-1234-5678".into(),
            request_id: new_id().to_string(),
            ..Default::default()
        };
        let order = self.caller.call(n, PLACE, order.encode_to_vec().into()).await?;
        let order = Order::decode(order).map_err(|error| Status::internal(error.to_string()))?;
        self.lag.answered(order.id);
        Ok(())
    }
}
