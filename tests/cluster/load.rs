//! People who use a market while its processes come and go. Each asks once, on a connection as every
//! gRPC client has it; whatever fails is kept.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{StreamExt as _, stream::BoxStream};
use jangteo_kit::peer::Way;
use jangteo_testing::{
    checker::{History, Write},
    grpc,
    tokens::Keys,
    until, within,
};
use prost_reflect::DynamicMessage;
use serde_json::{Value, json};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tonic::{Code, Status};

use crate::{
    seller::{LONG, reason, request_id},
    stories::ordering::of_pieces,
};

/// Who sells; on several connections he is as many people.
pub(crate) const SELLER: &str = "seller01";
/// Who orders.
pub(crate) const CUSTOMER: &str = "customer01";
/// Who rents.
pub(crate) const RENTER: &str = "renter01";
/// How many connections the seller has: more than one of them leads to each of two gateways.
const STALLS: usize = 4;
/// How long everybody thinks before he asks: a payment may take 610 ms on whatever machine this is.
const PAUSE: Duration = Duration::from_millis(300);
/// What the seller asks for in the end.
const PRICE_KRW: &str = "5000";

/// Changes of a page.
type Changes = BoxStream<'static, Result<DynamicMessage, Status>>;

/// People at work.
pub(crate) struct Load {
    shared: Arc<Shared>,
    people: JoinSet<Vec<Write>>,
    watcher: JoinSet<()>,
}

/// What became of it.
pub(crate) struct Outcome {
    /// What the seller was told.
    pub(crate) history: History,
    /// How much was asked.
    pub(crate) asked: usize,
    /// What failed.
    pub(crate) failed: Vec<String>,
}

/// What everybody writes to.
#[derive(Default)]
struct Shared {
    asked: AtomicUsize,
    failed: Mutex<Vec<String>>,
    /// The seller's page as it was told to whoever watches it: prices by post.
    page: Mutex<BTreeMap<String, Value>>,
    /// Nobody begins anything any more.
    over: AtomicBool,
    /// All was told.
    told: AtomicBool,
}

/// Somebody at a door, on a way of his own.
struct Person {
    way: Way,
    token: String,
    name: &'static str,
    shared: Arc<Shared>,
}

/// An answer.
struct Answer {
    body: Value,
    /// Its consistency token.
    written: String,
}

impl Load {
    /// A seller at this door, who writes posts and edits them, reads them and watches his page.
    pub(crate) fn of_a_seller(door: &str, keys: &Keys) -> Self {
        let (shared, people, watcher) = (Arc::default(), JoinSet::new(), JoinSet::new());
        let mut load = Self { shared, people, watcher };
        for _ in 0..STALLS {
            let seller = load.person(door, keys, SELLER);
            load.people.spawn(seller.sells());
        }
        let watcher = load.person(door, keys, SELLER);
        load.watcher.spawn(watcher.watches());
        load
    }

    /// The same with a customer who orders these roses, and somebody who rents; both call off.
    pub(crate) fn of_all(door: &str, keys: &Keys, roses: String) -> Self {
        let mut load = Self::of_a_seller(door, keys);
        let person = |name| load.person(door, keys, name);
        let [customer, renter, owner] = [CUSTOMER, RENTER, "owner01"].map(person);
        load.people.spawn(customer.orders(roses));
        load.people.spawn(renter.rents(owner));
        load
    }

    fn person(&self, door: &str, keys: &Keys, name: &'static str) -> Person {
        let way = Way::to(door).expect("it is a URL");
        Person { way, token: keys.user(name), name, shared: self.shared.clone() }
    }

    /// Waits until everybody has asked a few more times.
    pub(crate) async fn goes_on(&self) {
        let asked = || self.shared.asked.load(Ordering::Relaxed);
        let enough = asked() + 10 * STALLS;
        until(LONG, async || (asked() >= enough).then_some(())).await;
    }

    /// Lets everybody bring to its end what he has begun.
    pub(crate) async fn end(mut self) -> Outcome {
        let Self { shared, people, watcher } = &mut self;
        shared.over.store(true, Ordering::Relaxed);
        let mut writes = vec![];
        while let Some(told) = people.join_next().await {
            writes.extend(told.expect("nobody panics"));
        }
        if within(LONG, async || shared.shows(&writes).then_some(())).await.is_none() {
            shared.fails(SELLER, "his page was never told in full");
        }
        shared.told.store(true, Ordering::Relaxed);
        while watcher.join_next().await.is_some() {}
        let asked = shared.asked.load(Ordering::Relaxed);
        let failed = std::mem::take(&mut *lock(&shared.failed));
        let history = History { writes, complete: true, ..History::default() };
        Outcome { history, asked, failed }
    }
}

impl Shared {
    fn fails(&self, who: &str, what: &str) {
        println!("{who}: {what}");
        lock(&self.failed).push(format!("{who}: {what}"));
    }

    /// Whether the page shows the last price of each post that was edited.
    fn shows(&self, writes: &[Write]) -> bool {
        let page = lock(&self.page);
        let mut edited = writes.iter().filter(|write| write.event == "PostEdited");
        edited.all(|write| page.get(&write.id.to_string()).is_some_and(|it| *it == PRICE_KRW))
    }
}

/// What each of them does; nothing comes of what failed, and he begins anew.
impl Person {
    fn goes_on(&self) -> bool {
        !self.shared.over.load(Ordering::Relaxed)
    }

    /// Sells until it is over; what he was told.
    async fn sells(self) -> Vec<Write> {
        let mut writes = vec![];
        while self.goes_on() {
            self.sells_one(&mut writes).await;
        }
        writes
    }

    async fn sells_one(&self, writes: &mut Vec<Write>) -> Option<()> {
        let post = json!({"goods": "의자", "price_krw": 10_000, "neighbourhood": "서초동"});
        let post = self.writes("CreatePost", "PostWritten", post, writes).await?;
        let id = &post.body["id"];
        self.asks("post.v1.PostService/GetPost", json!({"id": id})).await?;
        let edit = json!({"id": id, "price_krw": PRICE_KRW});
        let edited = self.writes("UpdatePost", "PostEdited", edit, writes).await?;
        let sale = "view.v1.MySalesService/GetMySale";
        let sale = self.asks_since(&edited.written, sale, json!({"post_id": id})).await?;
        if sale.body["priceKrw"] != PRICE_KRW {
            self.shared.fails(self.name, &format!("an old page: {}", sale.body));
        }
        Some(())
    }

    /// Watches his page until all was told.
    async fn watches(self) {
        let mut resume = String::new();
        while !self.shared.told.load(Ordering::Relaxed) {
            sleep(PAUSE).await;
            let (path, asked) =
                ("/jangteo.view.v1.MySalesService/WatchMySales", json!({"resume_token": resume}));
            self.shared.asked.fetch_add(1, Ordering::Relaxed);
            let token = Some(self.token.as_str());
            let opened = grpc::stream(self.way.clone(), path, asked, token, &[]);
            match timeout(LONG, opened).await.unwrap_or_else(|_| Err(late())) {
                Ok(changes) => self.follows(changes, &mut resume).await,
                Err(status) => self.fails("WatchMySales", &status),
            }
        }
    }

    /// Follows changes until they end, and remembers where to go on. A process that goes away says so;
    /// whoever is told goes on at another one.
    async fn follows(&self, mut changes: Changes, resume: &mut String) {
        while !self.shared.told.load(Ordering::Relaxed) {
            // Now and then it is time to look whether that was all.
            let Ok(next) = timeout(PAUSE, changes.next()).await else { continue };
            match next.unwrap_or_else(|| Err(Status::unknown("it ended without a word"))) {
                Ok(change) => *resume = self.sees(&grpc::json(&change)),
                Err(status) => {
                    let told = (status.code(), reason(&status));
                    if told != (Code::Unavailable, "STOPPING".to_owned()) {
                        self.fails("WatchMySales", &status);
                    }
                    return;
                }
            }
        }
    }

    /// Notes a change; where to go on after it.
    fn sees(&self, change: &Value) -> String {
        let mut page = lock(&self.shared.page);
        if change["reset"].is_object() {
            page.clear();
        }
        let sale = &change["sale"];
        if let Some(post) = sale["postId"].as_str() {
            page.insert(post.to_owned(), sale["priceKrw"].clone());
        }
        change["resumeToken"].as_str().unwrap_or_default().to_owned()
    }

    /// Orders and calls off until it is over.
    async fn orders(self, roses: String) -> Vec<Write> {
        while self.goes_on() {
            self.orders_one(&roses).await;
        }
        vec![]
    }

    async fn orders_one(&self, roses: &str) -> Option<()> {
        let order = self.asks("order.v1.OrderService/PlaceOrder", of_pieces(roses, 1)).await?;
        let id = json!({"id": order.body["id"]});
        self.asks("order.v1.OrderService/CancelOrder", id.clone()).await?;
        self.becomes("order.v1.OrderService/GetOrder", id, "STATE_CANCELLED").await
    }

    /// Rents, pays and calls off until it is over, each time something else of an owner's.
    async fn rents(self, owner: Self) -> Vec<Write> {
        while self.goes_on() {
            self.rents_one(&owner).await;
        }
        vec![]
    }

    async fn rents_one(&self, owner: &Self) -> Option<()> {
        let item = json!({"name": "Camera", "price_krw": 100});
        let item = owner.asks("item.v1.ItemService/RegisterItem", item).await?;
        let rental = json!({"item_id": item.body["id"]});
        let rental = self.asks("rental.v1.RentalService/ReserveRental", rental).await?;
        let (id, read) = (json!({"id": rental.body["id"]}), "rental.v1.RentalService/GetRental");
        self.becomes(read, id.clone(), "STATE_CONFIRMED").await?;
        self.asks("rental.v1.RentalService/PayRental", id.clone()).await?;
        self.asks("rental.v1.RentalService/CancelRental", id.clone()).await?;
        self.becomes(read, id, "STATE_CANCELLED").await
    }

    /// Reads until it stands so.
    async fn becomes(&self, read: &str, asked: Value, state: &str) -> Option<()> {
        let end = Instant::now() + LONG;
        loop {
            let now = self.asks(read, asked.clone()).await?.body;
            if now["state"] == state {
                return Some(());
            }
            if Instant::now() > end {
                self.shared.fails(self.name, &format!("{read} never tells {state}: {now}"));
                return None;
            }
        }
    }

    /// Asks post for something that has one effect, and keeps what is answered.
    async fn writes(
        &self,
        rpc: &str,
        event: &'static str,
        mut body: Value,
        writes: &mut Vec<Write>,
    ) -> Option<Answer> {
        let request_id = request_id();
        body["request_id"] = json!(request_id);
        let answer = self.asks(&format!("post.v1.PostService/{rpc}"), body).await?;
        let text = |field: &str| answer.body[field].as_str().expect("every post has it");
        let (id, etag) = (text("id").parse().expect("ids are UUIDs"), text("etag").to_owned());
        writes.push(Write { request_id, id, etag, event });
        Some(answer)
    }

    async fn asks(&self, rpc: &str, body: Value) -> Option<Answer> {
        self.asks_since("", rpc, body).await
    }

    /// Thinks, asks once, and keeps it if that fails. The answer knows of what was written before.
    async fn asks_since(&self, written: &str, rpc: &str, body: Value) -> Option<Answer> {
        sleep(PAUSE).await;
        self.shared.asked.fetch_add(1, Ordering::Relaxed);
        let (path, token) = (format!("/jangteo.{rpc}"), Some(self.token.as_str()));
        let metadata: grpc::Metadata<'_> =
            if written.is_empty() { &[] } else { &[("jangteo-token", written)] };
        let call = grpc::call(self.way.clone(), &path, body, token, metadata);
        match timeout(LONG, call).await.unwrap_or_else(|_| Err(late())) {
            Ok((reply, metadata)) => {
                let written = metadata.get("jangteo-token").and_then(|it| it.to_str().ok());
                let written = written.unwrap_or_default().to_owned();
                Some(Answer { body: grpc::json(&reply), written })
            }
            Err(status) => {
                self.fails(rpc, &status);
                None
            }
        }
    }

    fn fails(&self, rpc: &str, status: &Status) {
        let (code, said) = (status.code(), status.message());
        self.shared.fails(self.name, &format!("{rpc}: {code:?} {} {said}", reason(status)));
    }
}

fn late() -> Status {
    Status::deadline_exceeded("no answer")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
