//! A customer who orders flowers: a command that asks two other contexts, and ten events.

use anyhow::Result;
use jangteo::{
    inventory::v1::{Product, RegisterProductRequest},
    order::v1::{Order, PlaceOrderRequest, place_order_request::Line},
};
use jangteo_testing::{Node, tokens::Keys};
use prost::Message as _;
use tonic::Status;

use crate::{
    caller::{Caller, pick},
    load::Client,
    seller::new_id,
};

const REGISTER: &str = "/jangteo.inventory.v1.InventoryService/RegisterProduct";
const PLACE: &str = "/jangteo.order.v1.OrderService/PlaceOrder";
/// What an order asks, and what hears of it.
pub(crate) const CONTEXTS: [&str; 8] =
    ["inventory", "order", "payment", "provider", "delivery", "store", "notification", "view"];
/// Bunches of as many kinds: each kind's stock is one row, whose buyers wait for each other.
const KINDS: usize = 8;

/// Registers more bunches of each kind than anybody buys, at the node of `inventory`; their ids.
pub(crate) async fn bunches(inventory: &Node, keys: &Keys) -> Result<Vec<String>> {
    let seller = Caller::new(inventory, &keys.user("florist01"))?;
    let mut products = vec![];
    for kind in 0..KINDS {
        let bunch = RegisterProductRequest {
            name: format!("장미 {kind}"),
            price_krw: 50_000,
            quantity: 1_000_000,
            ..Default::default()
        };
        let product = seller.call(0, REGISTER, bunch.encode_to_vec().into()).await?;
        products.push(Product::decode(product)?.id);
    }
    Ok(products)
}

/// A person who buys these bunches.
pub(crate) struct Customer {
    caller: Caller,
    products: Vec<String>,
}

impl Customer {
    /// Somebody with this token, at the node of `order`.
    pub(crate) fn new(order: &Node, token: &str, products: &[String]) -> Result<Self> {
        Ok(Self { caller: Caller::new(order, token)?, products: products.to_vec() })
    }

    /// Orders a bunch, each time as another request.
    pub(crate) async fn place(&self, n: u64) -> Result<Order, Status> {
        let product_id = self.products[pick(n, self.products.len())].clone();
        let order = PlaceOrderRequest {
            lines: vec![Line { product_id, quantity: 1 }],
            address: "방배로 1".into(),
            phone_number: "010-1234-5678".into(),
            request_id: new_id().to_string(),
            ..Default::default()
        };
        let order = self.caller.call(n, PLACE, order.encode_to_vec().into()).await?;
        Order::decode(order).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Client for Customer {
    async fn ask(&self, n: u64) -> Result<(), Status> {
        self.place(n).await.map(drop)
    }
}
