//! What cooks do, and what their customers see of it, in the words of the market.

use serde_json::{Value, json};
use tonic::Status;

use super::market::{Client, Reply};

/// What the store of the story is called (D.12).
pub(crate) const STORE: &str = "스토어99";
/// What a portion of its dish costs (D.12): the price of one, whatever is ordered (D.13-9).
pub(crate) const DISH_KRW: i64 = 22_000;

impl Client {
    /// Calls an RPC of stores.
    pub(crate) async fn store(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("store.v1.StoreService/{method}"), body).await
    }

    /// Calls an RPC of tickets.
    pub(crate) async fn ticket(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("store.v1.TicketService/{method}"), body).await
    }

    /// Opens the store, and answers its id.
    pub(crate) async fn opens_store(&self) -> String {
        self.store("OpenStore", json!({"name": STORE})).await.unwrap().id().to_owned()
    }

    /// Puts the dish on the menu of a store, and answers its id.
    pub(crate) async fn serves_dish(&self, store: &str) -> String {
        let dish = json!({"name": "비빔밥", "priceKrw": DISH_KRW, "storeId": store});
        self.product("RegisterProduct", dish).await.unwrap().id().to_owned()
    }

    /// Takes an order on.
    pub(crate) async fn accepts(&self, order: &str) -> Result<Reply, Status> {
        self.ticket("AcceptTicket", json!({"id": order})).await
    }

    /// Turns an order down.
    pub(crate) async fn rejects(&self, order: &str) -> Result<Reply, Status> {
        self.ticket("RejectTicket", json!({"id": order})).await
    }

    /// Begins to cook what was ordered.
    pub(crate) async fn starts_cooking(&self, order: &str) -> Result<Reply, Status> {
        self.ticket("StartCooking", json!({"id": order})).await
    }

    /// Says that it is cooked.
    pub(crate) async fn finishes_cooking(&self, order: &str) -> Result<Reply, Status> {
        self.ticket("FinishCooking", json!({"id": order})).await
    }

    /// Reads a ticket.
    pub(crate) async fn finds_ticket(&self, order: &str) -> Result<Reply, Status> {
        self.ticket("GetTicket", json!({"id": order})).await
    }

    /// Waits until a ticket that concerns the caller stands so.
    pub(crate) async fn sees_ticket(&self, order: &str, state: &str) -> Reply {
        self.sees("store.v1.TicketService/GetTicket", json!({"id": order}), state).await
    }

    /// The tickets of the caller's stores, newest first.
    pub(crate) async fn tickets(&self) -> Vec<Value> {
        let asked = json!({"pageSize": 100});
        self.all("store.v1.TicketService/ListTickets", "tickets", asked).await
    }

    /// Waits until this is the history of a ticket; only operators read it.
    pub(crate) async fn finds_ticket_told(&self, order: &str, expected: &[&str]) {
        self.finds_of("store", "ticket", order, expected).await;
    }
}
