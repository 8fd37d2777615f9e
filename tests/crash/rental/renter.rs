//! A renter and an owner who do not give up.

use std::{cell::RefCell, time::Duration};

use anyhow::{Context as _, Result, bail};
use jangteo::errors;
use jangteo_testing::{Node, grpc, tokens::Keys, within};
use serde_json::{Value, json};
use tonic::{Code, Status, transport::Channel};

use crate::seller::request_id;

/// How long a step may take, a crash and what follows it included.
const PATIENCE: Duration = Duration::from_mins(2);
/// Requests that are refused like that have come to nothing, and another one may be made.
const IN_VAIN: [&str; 5] = [
    "PAYMENT_UNAVAILABLE",
    "ITEM_UNAVAILABLE",
    "RENTAL_BUSY",
    "RENTAL_NOT_PAID",
    "RENTAL_NOT_CONFIRMED",
];

const ITEM: &str = "/jangteo.item.v1.ItemService/GetItem";
const RENTAL: &str = "/jangteo.rental.v1.RentalService/GetRental";

/// The two, on one connection.
pub(super) struct Renter {
    channel: Channel,
    /// The owner's token.
    owner: String,
    /// The renter's.
    tenant: String,
}

impl Renter {
    pub(super) fn new(node: &Node, keys: &Keys) -> Self {
        let (owner, tenant) = (keys.user("YoungEunSong"), keys.user("JangHyemi"));
        Self { channel: node.channel(), owner, tenant }
    }

    /// Pays, takes the money back, pays again, calls off; then rents once more, to the end.
    pub(super) async fn rents(&self) -> Result<()> {
        let camera = json!({"name": "Camera", "price_krw": 100});
        let item = self.owner("RegisterItem", camera).await?;
        let first = self.reserved(&item["id"]).await?;
        let id = json!({"id": first});
        self.renter("PayRental", id.clone()).await?;
        self.renter("CancelRentalPayment", id.clone()).await?;
        self.becomes(&first, "STATE_CONFIRMED").await?;
        self.renter("PayRental", id.clone()).await?;
        self.renter("CancelRental", id).await?;
        self.becomes(&first, "STATE_CANCELLED").await?;
        // It hears of that in its own time: whoever comes first would be refused.
        self.is(ITEM, &item["id"], "STATE_RENTABLE").await?;

        let second = self.reserved(&item["id"]).await?;
        self.renter("PayRental", json!({"id": second})).await?;
        let lent = json!({"id": item["id"], "rental_id": second});
        self.owner("LendItem", lent.clone()).await?;
        self.owner("ReturnItem", lent).await?;
        self.becomes(&second, "STATE_RETURNED").await
    }

    async fn reserved(&self, item: &Value) -> Result<Value> {
        let rental = self.renter("ReserveRental", json!({"item_id": item})).await?["id"].clone();
        self.becomes(&rental, "STATE_CONFIRMED").await?;
        Ok(rental)
    }

    async fn becomes(&self, rental: &Value, state: &str) -> Result<()> {
        self.is(RENTAL, rental, state).await
    }

    async fn is(&self, path: &str, id: &Value, state: &str) -> Result<()> {
        let there = within(PATIENCE, async || {
            let now = self.call(path, json!({"id": id}), &self.tenant).await.ok()?;
            (now["state"] == state).then_some(())
        });
        there.await.with_context(|| format!("{path} never tells {state}"))
    }

    async fn renter(&self, method: &str, body: Value) -> Result<Value> {
        let path = format!("/jangteo.rental.v1.RentalService/{method}");
        self.insist(&path, body, &self.tenant).await
    }

    async fn owner(&self, method: &str, body: Value) -> Result<Value> {
        let path = format!("/jangteo.item.v1.ItemService/{method}");
        self.insist(&path, body, &self.owner).await
    }

    /// Asks until it is done: again as the same request where nobody knows what came of it, as another
    /// one where it came to nothing.
    async fn insist(&self, path: &str, mut body: Value, token: &str) -> Result<Value> {
        body["request_id"] = json!(request_id());
        let (body, last) = (RefCell::new(body), RefCell::new(None));
        let done = within(PATIENCE, async || {
            let asked = body.borrow().clone();
            let status = match self.call(path, asked, token).await {
                Ok(reply) => return Some(Ok(reply)),
                Err(status) => status,
            };
            let told = errors::reason(&status);
            if told.as_deref().is_some_and(|told| IN_VAIN.contains(&told)) {
                body.borrow_mut()["request_id"] = json!(request_id());
            }
            last.replace(Some(status.clone()));
            (!is_passing(&status, told.as_deref())).then_some(Err(status))
        });
        match done.await {
            Some(Ok(reply)) => Ok(reply),
            Some(Err(status)) => bail!("{path}: {status:?}"),
            None => bail!("{path} is not done in {PATIENCE:?}: {:?}", last.into_inner()),
        }
    }

    async fn call(&self, path: &str, body: Value, token: &str) -> Result<Value, Status> {
        let reply = grpc::call(self.channel.clone(), path, body, Some(token), &[]).await?;
        Ok(grpc::json(&reply.0))
    }
}

/// Whether asking again may help: somebody died, is away or busy, or has not heard yet.
fn is_passing(status: &Status, told: Option<&str>) -> bool {
    let passing = [Code::Aborted, Code::Unavailable, Code::Unknown, Code::Internal];
    let unheard = ["RENTAL_NOT_PAID", "RENTAL_NOT_CONFIRMED"].map(Some);
    passing.contains(&status.code()) || unheard.contains(&told)
}
