//! A running market, many calls to it at once, and a count of what it has written.

use std::{collections::BTreeMap, fs, path::Path, sync::Mutex, time::Duration};

use futures::{StreamExt as _, stream};
use jangteo_testing::{grpc, until};
use prost_reflect::prost::bytes::Bytes;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};
use serde_json::{Value, json};
use tokio::time::timeout;
use tonic::{Code, Status, transport::Channel};

use super::{
    agreed::{Rpc, rpcs},
    requests::NOTHING,
    told::{Told, told},
};
use crate::mesh::Mesh;

pub(super) const SELLER: &str = "seller01";
const BUYER: &str = "buyer01";
pub(super) const SOON: Duration = Duration::from_secs(30);
/// Calls at once.
const AT_ONCE: usize = 48;
/// Tables that change while nobody asks for anything.
const HOUSEKEEPING: [&str; 2] = ["lease", "position"];

/// One call, and how it must end.
pub(super) struct Case {
    pub(super) what: String,
    pub(super) path: String,
    pub(super) streaming: bool,
    pub(super) body: Bytes,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) expected: Expected,
}

/// How a call must end.
#[derive(Clone, Debug)]
pub(super) enum Expected {
    /// Refused, just so.
    Told(Told),
    /// As if there were nothing of that id.
    Absent,
    /// Neither the caller nor the request is refused; there may be nothing of that id.
    Reached,
}

impl Case {
    /// A call of an RPC by somebody with this token.
    pub(super) fn new(rpc: &Rpc, what: String, body: Bytes, expected: Expected) -> Self {
        let (path, streaming) = (rpc.path.clone(), rpc.streaming);
        Self { what, path, streaming, body, headers: Vec::new(), expected }
    }

    #[must_use]
    pub(super) fn token(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    #[must_use]
    pub(super) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    async fn send(&self, channel: Channel) -> Result<(), Status> {
        let headers: Vec<_> =
            self.headers.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let body = self.body.clone();
        if self.streaming {
            let replies =
                grpc::stream(channel, &self.path, body, None, &headers).await?.next().await;
            return replies.transpose().map(drop);
        }
        grpc::call(channel, &self.path, body, None, &headers).await.map(drop)
    }

    /// What is wrong with the answer.
    fn judge(&self, answer: Result<(), Status>) -> Option<String> {
        let outcome = answer.map_err(|status| told(&status));
        let fine = match (&self.expected, &outcome) {
            (Expected::Told(expected), Err(Ok(told))) => told == expected,
            (Expected::Absent, Err(Ok(told))) => {
                told.code == Code::NotFound && told.reason.ends_with("_NOT_FOUND")
            }
            (Expected::Reached, Ok(())) => true,
            (Expected::Reached, Err(Ok(told))) => is_about_the_state(told),
            (Expected::Told(_) | Expected::Absent, Ok(())) | (_, Err(Err(_))) => false,
        };
        let Self { what, path, expected, .. } = self;
        (!fine).then(|| format!("{path}: {what}: {outcome:?} and not {expected:?}"))
    }
}

/// Whether an error is about what is there, and not about the caller or the request.
fn is_about_the_state(told: &Told) -> bool {
    !matches!(told.code, Code::Unauthenticated | Code::PermissionDenied | Code::Unimplemented)
        && !["FIELD_INVALID", "REQUEST_MALFORMED"].contains(&told.reason.as_str())
}

/// A planned deal, its offer and its post; a product, and an order of it; a store, and an order that it has cooked; a
/// paid rental, its item and its payment; and what somebody was told of them: all by their ids.
pub(super) struct Sale {
    post: String,
    offer: String,
    deal: String,
    product: String,
    order: String,
    store: String,
    ticket: String,
    item: String,
    rental: String,
    payment: String,
    notification: String,
    channel: String,
}

/// What people are told until a deal is planned, two orders wait for their couriers, and a rental is paid.
const TOLD: i64 = 15;

impl Sale {
    /// The id that is meant by a field of an RPC's request.
    pub(super) fn named_by(&self, rpc: &str, field: &str) -> &str {
        let context = rpc.trim_start_matches("/jangteo.").split('.').next().unwrap_or_default();
        match (context, field) {
            (_, "post_id" | "correlation_id") | ("post", "id") => &self.post,
            (_, "offer_id") | ("offer", "id") => &self.offer,
            (_, "deal_id" | "holder_id") | ("deal", "id") => &self.deal,
            (_, "product_id") | ("inventory", "id") => &self.product,
            (_, "order_id") | ("order" | "delivery", "id") => &self.order,
            ("store", "id") if rpc.contains("TicketService") => &self.ticket,
            (_, "store_id") | ("store", "id") => &self.store,
            (_, "item_id") | ("item", "id") => &self.item,
            (_, "rental_id") | ("rental" | "review", "id") => &self.rental,
            ("payment", "id") => &self.payment,
            (_, "channel_id") => &self.channel,
            ("notification", "id") if rpc.ends_with("Channel") => &self.channel,
            ("notification", "id") if rpc.ends_with("Dispatch") => NOTHING,
            ("notification", "id") => &self.notification,
            _ => panic!("{rpc}: the table does not know whose {field} is meant"),
        }
    }
}

/// A market with one post on its seller's my-page.
pub(super) struct World {
    pub(super) mesh: Mesh,
    pub(super) rpcs: Vec<Rpc>,
    /// The post's id.
    pub(super) post: String,
    channels: Vec<Channel>,
}

impl World {
    pub(super) async fn start() -> Self {
        let mesh = Mesh::start().await.unwrap();
        let post = json!({"goods": "무선마우스", "price_krw": 10_000, "neighbourhood": "서초동"});
        let (post, _) = mesh.call(SELLER, "post.v1.PostService/CreatePost", post).await.unwrap();
        let post = post["id"].as_str().unwrap().to_owned();
        let asked = json!({"post_id": post});
        let entries = json!({"correlation_id": post});
        for (rpc, asked) in [
            ("view.v1.MySalesService/GetMySale", asked),
            // Of the read models it takes an event in last.
            ("view.v1.TimelineService/ListMyTimelineEntries", entries),
        ] {
            until(SOON, async || mesh.call(SELLER, rpc, asked.clone()).await.ok()).await;
        }
        let channels = (0..4).map(|_| mesh.node.channel()).collect();
        let world = Self { mesh, rpcs: rpcs(), post, channels };
        // Offers follow posts as well: nothing is left to be written then.
        until(SOON, async || (world.rows().await["offer.gate"] > 0).then_some(())).await;
        world
    }

    /// Plans a deal on the post, sells some roses and something to eat, and rents something out.
    pub(super) async fn sells(&self) -> Sale {
        let post = self.post.clone();
        let offer = self.made(BUYER, "offer.v1.OfferService/CreateOffer", json!({"post_id": post}));
        let offer = id(&offer.await);
        let deal = self.made(SELLER, "deal.v1.DealService/ReserveDeal", json!({"offer_id": offer}));
        let deal = id(&deal.await);
        let roses = json!({"name": "장미", "price_krw": 50_000, "quantity": 10});
        let roses = self.made(SELLER, "inventory.v1.InventoryService/RegisterProduct", roses);
        let product = id(&roses.await);
        let order = self.orders(&product).await;
        self.knows_where(&order).await;
        let (store, ticket) = self.cooks().await;
        let camera = json!({"name": "Camera", "price_krw": 100});
        let item = id(&self.made(SELLER, "item.v1.ItemService/RegisterItem", camera).await);
        let reserved = json!({"item_id": item});
        let rental = id(&self.made(BUYER, "rental.v1.RentalService/ReserveRental", reserved).await);
        let paid = self.made(BUYER, "rental.v1.RentalService/PayRental", json!({"id": rental}));
        let payment = paid.await["paymentId"].as_str().unwrap().to_owned();
        self.rests().await;
        let list = "notification.v1.NotificationService/ListNotifications";
        let told = self.made(SELLER, list, json!({})).await;
        let notification = id(&told["notifications"][0]);
        // After all that would have to be sent there.
        let hook = json!({"kind": "KIND_WEBHOOK", "address": "https://hook.invalid"});
        let channel = self.made(SELLER, "notification.v1.ChannelService/CreateChannel", hook);
        let channel = id(&channel.await);
        Sale {
            post,
            offer,
            deal,
            product,
            order,
            store,
            ticket,
            item,
            rental,
            payment,
            notification,
            channel,
        }
    }

    /// Orders a piece of a product.
    async fn orders(&self, product: &str) -> String {
        let piece = json!({
            "lines": [{"product_id": product, "quantity": 1}],
            "address": "서울특별시 서초구 방배로 1",
            "phone_number": "010-1234-5678",
        });
        id(&self.made(BUYER, "order.v1.OrderService/PlaceOrder", piece).await)
    }

    /// Opens a store, and cooks something there that nothing more can happen to but that it is brought: answers both.
    async fn cooks(&self) -> (String, String) {
        let named = json!({"name": "스토어99"});
        let store = id(&self.made(SELLER, "store.v1.StoreService/OpenStore", named).await);
        let dish = json!({"name": "비빔밥", "price_krw": 22_000, "store_id": store});
        let dish = self.made(SELLER, "inventory.v1.InventoryService/RegisterProduct", dish).await;
        let order = self.orders(&id(&dish)).await;
        for method in ["AcceptTicket", "StartCooking", "FinishCooking"] {
            let rpc = format!("store.v1.TicketService/{method}");
            self.made(SELLER, &rpc, json!({"id": order})).await;
        }
        self.knows_where(&order).await;
        (store, order)
    }

    /// Waits until the delivery of an order knows where it goes.
    async fn knows_where(&self, order: &str) {
        let (rpc, asked) = ("delivery.v1.DeliveryService/GetDelivery", json!({"id": order}));
        until(SOON, async || {
            let (delivery, _) = self.mesh.call(BUYER, rpc, asked.clone()).await.ok()?;
            delivery["address"].is_string().then_some(())
        })
        .await;
    }

    /// Waits until everybody was told, and nothing else was written between two looks.
    async fn rests(&self) {
        let last = Mutex::new(BTreeMap::new());
        let rests = async || {
            let rows = self.rows().await;
            let told = rows["notification.my_notification"] >= TOLD;
            let before = std::mem::replace(&mut *last.lock().unwrap(), rows.clone());
            (told && before == rows).then_some(())
        };
        until(SOON, rests).await;
    }

    /// What comes of a request, once it is granted: others may have to hear of something first.
    async fn made(&self, person: &str, rpc: &str, asked: Value) -> Value {
        let call = async || self.mesh.call(person, rpc, asked.clone()).await.ok();
        until(SOON, call).await.0
    }

    /// Makes all of these calls, and fails with those that do not end as they must.
    pub(super) async fn all(&self, cases: Vec<Case>) {
        let count = cases.len();
        let problems: Vec<String> = stream::iter(cases.into_iter().enumerate())
            .map(|(index, case)| self.problem(index, case))
            .buffer_unordered(AT_ONCE)
            .filter_map(std::future::ready)
            .collect()
            .await;
        let first = problems.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
        assert!(problems.is_empty(), "{} of {count} calls:\n{first}", problems.len());
    }

    async fn problem(&self, index: usize, case: Case) -> Option<String> {
        let channel = self.channels[index % self.channels.len()].clone();
        match timeout(SOON, case.send(channel)).await {
            Ok(answer) => case.judge(answer),
            Err(_) => Some(format!("{}: {}: no answer", case.path, case.what)),
        }
    }

    /// The rows of every table of every context.
    pub(super) async fn rows(&self) -> BTreeMap<String, i64> {
        let mut rows = BTreeMap::new();
        for entry in fs::read_dir(self.mesh.node.data_dir()).unwrap() {
            let file = entry.unwrap().path();
            if file.extension().is_some_and(|extension| extension == "db") {
                count(&file, &mut rows).await;
            }
        }
        assert!(rows["post.journal"] > 0 && rows["post.post"] > 0, "{rows:?}");
        rows
    }

    /// Asserts that the process came through without a scratch.
    pub(super) async fn is_unharmed(&self) {
        let health = self.mesh.node.health("readiness").await.unwrap();
        assert_eq!(health.as_str_name(), "SERVING");
        let output = self.mesh.node.output();
        let hurt = |line: &&str| line.contains("panicked") || line.contains("ERROR");
        assert_eq!(output.lines().filter(hurt).collect::<Vec<_>>(), [""; 0]);
    }
}

/// Adds the rows of every table of a database, by its name and the table's.
async fn count(file: &Path, rows: &mut BTreeMap<String, i64>) {
    let db = Database::connect(format!("sqlite://{}", file.display())).await.unwrap();
    let context = file.file_stem().unwrap().display();
    let tables = texts(&db, "SELECT name FROM sqlite_master WHERE type = 'table'").await;
    for table in tables.iter().filter(|table| !HOUSEKEEPING.contains(&table.as_str())) {
        let query = format!("SELECT CAST(count(*) AS TEXT) FROM \"{table}\"");
        let count = texts(&db, &query).await[0].parse().unwrap();
        rows.insert(format!("{context}.{table}"), count);
    }
    db.close().await.unwrap();
}

/// The first column of the answer to a query.
async fn texts(db: &DatabaseConnection, query: &str) -> Vec<String> {
    let query = Statement::from_string(db.get_database_backend(), query);
    let rows = db.query_all_raw(query).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

fn id(made: &Value) -> String {
    made["id"].as_str().expect("it has an id").to_owned()
}
