//! A renter and an owner who do not give up.

use anyhow::Result;
use jangteo_testing::tokens::Keys;
use serde_json::{Value, json};
use tonic::transport::Channel;

use super::super::insist::Insisting;

const IN_VAIN: &[&str] = &[
    "PAYMENT_UNAVAILABLE",
    "ITEM_UNAVAILABLE",
    "RENTAL_BUSY",
    "RENTAL_NOT_PAID",
    "RENTAL_NOT_CONFIRMED",
];
const UNHEARD: &[&str] = &["RENTAL_NOT_PAID", "RENTAL_NOT_CONFIRMED"];

const ITEM: &str = "/jangteo.item.v1.ItemService/GetItem";
const RENTAL: &str = "/jangteo.rental.v1.RentalService/GetRental";

/// The two, on one connection.
pub(super) struct Renter {
    owner: Insisting,
    tenant: Insisting,
}

impl Renter {
    pub(super) fn new(door: &Channel, keys: &Keys) -> Self {
        let [owner, tenant] = ["YoungEunSong", "JangHyemi"].map(|name| Insisting {
            door: door.clone(),
            token: keys.user(name),
            in_vain: IN_VAIN,
            unheard: UNHEARD,
        });
        Self { owner, tenant }
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
        self.tenant.sees(ITEM, &item["id"], "STATE_RENTABLE").await?;

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
        self.tenant.sees(RENTAL, rental, state).await
    }

    async fn renter(&self, method: &str, body: Value) -> Result<Value> {
        self.tenant.asks(&format!("/jangteo.rental.v1.RentalService/{method}"), body).await
    }

    async fn owner(&self, method: &str, body: Value) -> Result<Value> {
        self.owner.asks(&format!("/jangteo.item.v1.ItemService/{method}"), body).await
    }
}
