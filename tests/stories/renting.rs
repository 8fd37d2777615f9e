//! What owners and renters do, in the words of the market.

use jangteo_testing::{until, within};
use serde_json::{Value, json};
use tonic::{Code, Status};

use super::{
    market::{Client, Reply},
    trade::SOON,
};

/// What the camera of the story costs.
pub(crate) const CAMERA_KRW: u32 = 100;

/// Asks until the answer is another than to come back later: a call gives payment, or the item, 610 ms,
/// and a busy machine may take longer.
pub(crate) async fn patiently<F>(mut ask: impl FnMut() -> F) -> Result<Reply, Status>
where
    F: Future<Output = Result<Reply, Status>>,
{
    let answered = || {
        let answer = ask();
        async move {
            let answer = answer.await;
            (!answer.as_ref().is_err_and(is_later)).then_some(answer)
        }
    };
    within(SOON, answered).await.expect("it is answered in the end")
}

fn is_later(status: &Status) -> bool {
    [Code::Unavailable, Code::Aborted].contains(&status.code())
}

impl Client {
    /// Calls an RPC of items.
    pub(crate) async fn item(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("item.v1.ItemService/{method}"), body).await
    }

    /// Calls an RPC of rentals.
    pub(crate) async fn rental(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("rental.v1.RentalService/{method}"), body).await
    }

    /// Calls an RPC of reviews.
    pub(crate) async fn review(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("review.v1.ReviewService/{method}"), body).await
    }

    /// Calls an RPC of the payment provider's sandbox; only operators may.
    pub(crate) async fn sandbox(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("provider.v1.SandboxService/{method}"), body).await
    }

    /// Registers an item, and answers its id.
    pub(crate) async fn registers(&self, name: &str, price_krw: u32) -> String {
        let item = json!({"name": name, "priceKrw": price_krw});
        self.item("RegisterItem", item).await.unwrap().id().to_owned()
    }

    /// Registers the camera, and answers its id.
    pub(crate) async fn registers_camera(&self) -> String {
        self.registers("Camera", CAMERA_KRW).await
    }

    /// Reserves an item; what the item says to it comes later.
    pub(crate) async fn rents(&self, item: &str) -> Result<Reply, Status> {
        self.rental("ReserveRental", json!({"itemId": item})).await
    }

    /// Reserves an item that is to be had, and answers the rental's id as soon as it is confirmed.
    pub(crate) async fn gets(&self, item: &str) -> String {
        let rental = self.rents(item).await.unwrap().id().to_owned();
        self.sees_rental(&rental, "STATE_CONFIRMED").await;
        rental
    }

    /// Reserves an item and pays it, and answers the rental's id.
    pub(crate) async fn gets_paid(&self, item: &str) -> String {
        let rental = self.gets(item).await;
        self.pays_at_last(&rental).await;
        rental
    }

    /// Reserves an item, pays, borrows it from its owner, and answers the rental's id.
    pub(crate) async fn borrows(&self, owner: &Self, item: &str) -> String {
        let rental = self.gets_paid(item).await;
        owner.hands_over(item, &rental).await;
        self.sees_rental(&rental, "STATE_LENT").await;
        rental
    }

    /// Reserves an item, pays, borrows it and brings it back; answers the rental's id as soon as it may
    /// be reviewed.
    pub(crate) async fn has_rented(&self, owner: &Self, item: &str) -> String {
        let rental = self.borrows(owner, item).await;
        owner.takes_back(item, &rental).await.unwrap();
        self.sees_review(&rental, "STATE_REQUESTED").await;
        rental
    }

    /// Pays a rental.
    pub(crate) async fn pays(&self, rental: &str) -> Result<Reply, Status> {
        self.rental("PayRental", json!({"id": rental})).await
    }

    /// Pays a rental, however long that takes.
    pub(crate) async fn pays_at_last(&self, rental: &str) -> Reply {
        patiently(|| self.pays(rental)).await.unwrap()
    }

    /// Pays a rental, and waits until its item knows that it may be lent.
    pub(crate) async fn pays_in_sight_of(&self, item: &str, rental: &str) {
        let reserved = self.sees_item(item, "STATE_RESERVED").await.revision();
        self.pays_at_last(rental).await;
        let knows = async || {
            let now = self.item("GetItem", json!({"id": item})).await.ok()?;
            (now.revision() > reserved).then_some(())
        };
        until(SOON, knows).await;
    }

    /// Calls a rental off.
    pub(crate) async fn calls_off(&self, rental: &str) -> Result<Reply, Status> {
        self.rental("CancelRental", json!({"id": rental})).await
    }

    /// Takes the money for a rental back.
    pub(crate) async fn takes_money_back(&self, rental: &str) -> Result<Reply, Status> {
        self.rental("CancelRentalPayment", json!({"id": rental})).await
    }

    /// Lends an item for a rental.
    pub(crate) async fn lends(&self, item: &str, rental: &str) -> Result<Reply, Status> {
        self.item("LendItem", json!({"id": item, "rentalId": rental})).await
    }

    /// Lends an item as soon as it has heard that the rental is paid.
    #[track_caller]
    pub(crate) fn hands_over(&self, item: &str, rental: &str) -> impl Future<Output = Reply> {
        until(SOON, async || self.lends(item, rental).await.ok())
    }

    /// Says that an item is back.
    pub(crate) async fn takes_back(&self, item: &str, rental: &str) -> Result<Reply, Status> {
        self.item("ReturnItem", json!({"id": item, "rentalId": rental})).await
    }

    /// Writes a review.
    pub(crate) async fn writes_review(&self, rental: &str, score: i32) -> Result<Reply, Status> {
        self.review("WriteReview", json!({"id": rental, "score": score})).await
    }

    /// Waits until a rental of the caller's stands so.
    pub(crate) async fn sees_rental(&self, id: &str, state: &str) -> Reply {
        self.sees("rental.v1.RentalService/GetRental", json!({"id": id}), state).await
    }

    /// Waits until an item stands so.
    pub(crate) async fn sees_item(&self, id: &str, state: &str) -> Reply {
        self.sees("item.v1.ItemService/GetItem", json!({"id": id}), state).await
    }

    /// Waits until a review stands so.
    pub(crate) async fn sees_review(&self, rental: &str, state: &str) -> Reply {
        self.sees("review.v1.ReviewService/GetReview", json!({"id": rental}), state).await
    }

    /// The caller's rentals, newest first.
    pub(crate) async fn rentals(&self) -> Vec<Value> {
        let asked = json!({"pageSize": 100, "side": "SIDE_RENTER"});
        self.all("rental.v1.RentalService/ListRentals", "rentals", asked).await
    }

    /// The caller's payments, newest first.
    pub(crate) async fn payments(&self) -> Vec<Value> {
        let asked = json!({"pageSize": 100});
        self.all("payment.v1.PaymentService/ListPayments", "payments", asked).await
    }

    /// All charges, newest first; only operators read them.
    pub(crate) async fn charges(&self) -> Vec<Value> {
        let asked = json!({"pageSize": 100});
        self.all("provider.v1.SandboxService/ListCharges", "charges", asked).await
    }

    /// Has the payment provider behave so from now on: well, but for what is said.
    pub(crate) async fn has_provider(&self, behave: Value) {
        self.sandbox("UpdateSandbox", behave).await.unwrap();
    }

    /// What is on the lists of an owner's items, as anybody finds it, by id and newest first.
    pub(crate) async fn finds_items(&self, owner: &str) -> Vec<String> {
        let asked = json!({"pageSize": 100, "owner": owner});
        let items = self.all("item.v1.ItemService/ListItems", "items", asked).await;
        items.iter().map(|item| item["id"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Waits until the caller's board shows so of an item; null stands for what is not shown.
    pub(crate) async fn sees_board(&self, item: &str, so: Value) -> Value {
        let rpc = "ItemBoardService/GetItemBoardRow";
        let row = async || self.view(rpc, json!({"itemId": item}), "").await;
        let shows = |row: &Value| {
            let mut fields = so.as_object().expect("fields are named").iter();
            fields.all(|(field, value)| row[field] == *value)
        };
        let seen = async || row().await.ok().map(|row| row.body).filter(|row| shows(row));
        if let Some(row) = within(SOON, seen).await {
            return row;
        }
        panic!("the board should show {so} of {item}, not {:?}", row().await);
    }
}
