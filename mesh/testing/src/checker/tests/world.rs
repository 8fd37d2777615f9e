//! What a clean run leaves behind, written by hand: three posts, of which one is for sale, one
//! reserved, and one deleted.

use jangteo::post::v1::{Post, PostDeleted, PostReserved, PostWritten};
use prost::{Message as _, Name};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, Value};
use uuid::Uuid;

use super::super::{Case, History, Message, Write, stream};
use crate::database::connect;

/// The tables of `post`; `$…` stands for what each database calls it.
const POST: &str = "
CREATE TABLE journal (id BIGINT, kind VARCHAR(64), aggregate_id $UUID, sequence BIGINT,
  type VARCHAR(200), payload $BYTES, acked_time BIGINT);
CREATE TABLE post (id $UUID, sequence BIGINT, seller VARCHAR(64), goods VARCHAR(100),
  price_krw BIGINT, neighbourhood VARCHAR(100), state VARCHAR(64), deal_id $UUID,
  buyer VARCHAR(64), agreed_price_krw BIGINT);
CREATE TABLE request (request_id $UUID, reply $BYTES, verdict VARCHAR(64))";

/// The tables of `view`.
const VIEW: &str = "
CREATE TABLE gate (consumer VARCHAR(64), source VARCHAR(64), kind VARCHAR(64),
  aggregate_id $UUID, sequence BIGINT);
CREATE TABLE held (consumer VARCHAR(64), aggregate_id $UUID, sequence BIGINT, cause TEXT);
CREATE TABLE read_model (name VARCHAR(64), generation BIGINT, state VARCHAR(64));
CREATE TABLE my_sale (generation BIGINT, post_id $UUID, seller VARCHAR(64), goods VARCHAR(100),
  price_krw BIGINT, neighbourhood VARCHAR(100), state $NUMBER, agreed_price_krw BIGINT,
  deal_id $UUID, buyer VARCHAR(64), removed $FLAG);
INSERT INTO read_model VALUES ('my_sales', 1, 'gone'), ('my_sales', 2, 'serving')";

/// The databases of a run, and what is known of it.
pub(super) struct World {
    pub(super) case: Case,
    _dir: Option<tempfile::TempDir>,
}

impl World {
    pub(super) async fn clean_on_sqlite() -> Self {
        let dir = crate::scratch::directory("checker").unwrap();
        let [post, view] = ["post", "view"]
            .map(|name| format!("sqlite://{}/{name}.db?mode=rwc", dir.path().display()));
        Self { _dir: Some(dir), ..Self::clean_on(post, view).await }
    }

    pub(super) async fn clean_on(post: String, view: String) -> Self {
        let history = History { complete: true, ..History::default() };
        let case = Case { post, view, sale: None, stream: Some(vec![]), history };
        let mut world = Self { case, _dir: None };
        world.post(POST).await;
        world.view(VIEW).await;
        for number in 1..=3 {
            world.event(number, 1, &written()).await;
        }
        world.event(2, 2, &reserved()).await;
        world.event(3, 2, &PostDeleted::default()).await;
        for number in 1..=3 {
            world.rows(number).await;
        }
        world
    }

    /// An event that went all its way.
    async fn event<M: Name>(&mut self, number: u8, sequence: i64, event: &M) {
        self.journal(number, sequence, event, true).await;
        let id = post(number);
        self.stream().push(Message {
            id: stream::id("post", id, sequence).to_string(),
            kind: "post".into(),
            aggregate: id.to_string(),
            sequence: sequence.to_string(),
            type_name: M::full_name(),
            payload: event.encode_to_vec(),
        });
        self.write(number, sequence, M::NAME).await;
    }

    /// A row of the journal.
    pub(super) async fn journal<M: Name>(&self, number: u8, sequence: i64, event: &M, acked: bool) {
        let sql = "INSERT INTO journal VALUES (0, 'post', ?, ?, ?, ?, ?)";
        let values: [Value; 5] = [
            post(number).into(),
            sequence.into(),
            M::full_name().into(),
            event.encode_to_vec().into(),
            acked.then_some(1_i64).into(),
        ];
        execute(&self.case.post, sql, values).await;
    }

    /// A write that was acknowledged, and its answer on record.
    async fn write(&mut self, number: u8, sequence: i64, event: &'static str) {
        let request_id = Uuid::new_v5(&post(number), &sequence.to_be_bytes());
        let etag = sequence.to_string();
        let reply = Post { id: post(number).to_string(), etag: etag.clone(), ..Post::default() };
        let values: [Value; 2] = [request_id.into(), reply.encode_to_vec().into()];
        execute(&self.case.post, "INSERT INTO request VALUES (?, ?, 'yes')", values).await;
        self.case.history.writes.push(Write { request_id, id: post(number), etag, event });
    }

    /// What is kept of a post, besides its history.
    async fn rows(&self, number: u8) {
        let (state, shown, deal, buyer, price) = match number {
            1 => ("available", 1, None, None, None),
            2 => ("reserved", 2, Some(deal()), Some("buyer01"), Some(9_000_i64)),
            _ => ("deleted", 1, None, None, None),
        };
        let sequence = if number == 1 { 1_i64 } else { 2 };
        let values: [Value; 6] = [
            post(number).into(),
            sequence.into(),
            state.into(),
            deal.into(),
            buyer.into(),
            price.into(),
        ];
        let sql = "INSERT INTO post VALUES (?, ?, 'seller01', '의자', 10000, '방배동', ?, ?, ?, ?)";
        execute(&self.case.post, sql, values).await;
        for generation in [1, 2] {
            self.project(number, generation, sequence, shown).await;
        }
    }

    /// What a generation of the read model keeps of a post.
    async fn project(&self, number: u8, generation: i64, sequence: i64, state: i32) {
        let consumer = format!("my_sales@{generation}");
        let gate: [Value; 3] = [consumer.into(), post(number).into(), sequence.into()];
        execute(&self.case.view, "INSERT INTO gate VALUES (?, 'post', 'post', ?, ?)", gate).await;
        let reserved = number == 2;
        let values: [Value; 7] = [
            generation.into(),
            post(number).into(),
            state.into(),
            reserved.then_some(9_000_i64).into(),
            reserved.then(deal).into(),
            reserved.then_some("buyer01").into(),
            (number == 3).into(),
        ];
        let sql =
            "INSERT INTO my_sale VALUES (?, ?, 'seller01', '의자', 10000, '방배동', ?, ?, ?, ?, ?)";
        execute(&self.case.view, sql, values).await;
    }

    /// A sale of the serving generation that no history tells of.
    pub(super) async fn stray(&self, number: u8) {
        let values: [Value; 1] = [post(number).into()];
        let sql = "INSERT INTO my_sale (generation, post_id) VALUES (2, ?)";
        execute(&self.case.view, sql, values).await;
    }

    /// An event behind a gap.
    pub(super) async fn hold(&self, id: Uuid) {
        let values: [Value; 1] = [id.into()];
        execute(&self.case.view, "INSERT INTO held VALUES ('my_sales@2', ?, 7, 'why')", values)
            .await;
    }

    pub(super) async fn post(&self, sql: &str) {
        script(&self.case.post, sql).await;
    }

    pub(super) async fn view(&self, sql: &str) {
        script(&self.case.view, sql).await;
    }

    pub(super) fn stream(&mut self) -> &mut Vec<Message> {
        self.case.stream.as_mut().unwrap()
    }
}

/// The id of a post.
pub(super) fn post(number: u8) -> Uuid {
    Uuid::from_u128(number.into())
}

fn deal() -> Uuid {
    Uuid::from_u128(100)
}

pub(super) fn written() -> PostWritten {
    PostWritten {
        seller: "seller01".into(),
        goods: "의자".into(),
        price_krw: 10_000,
        neighbourhood: "방배동".into(),
        ..PostWritten::default()
    }
}

fn reserved() -> PostReserved {
    PostReserved {
        deal_id: deal().to_string(),
        buyer: "buyer01".into(),
        agreed_price_krw: 9_000,
        ..PostReserved::default()
    }
}

async fn script(url: &str, sql: &str) {
    let db = connect(url).await.unwrap();
    let [uuid, bytes, flag, number] = match db.get_database_backend() {
        DbBackend::Postgres => ["UUID", "BYTEA", "BOOLEAN", "INTEGER"],
        DbBackend::MySql => ["BINARY(16)", "LONGBLOB", "BOOLEAN", "INTEGER"],
        _ => ["BLOB", "BLOB", "BOOLEAN", "INTEGER"],
    };
    let words = [("$UUID", uuid), ("$BYTES", bytes), ("$FLAG", flag), ("$NUMBER", number)];
    let sql = words.iter().fold(sql.to_string(), |sql, (word, own)| sql.replace(word, own));
    for statement in sql.split(';') {
        db.execute_unprepared(statement).await.unwrap();
    }
}

async fn execute(url: &str, sql: &str, values: impl IntoIterator<Item = Value>) {
    let db = connect(url).await.unwrap();
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, numbered(backend, sql), values);
    db.execute_raw(statement).await.unwrap();
}

/// `?` as `PostgreSQL` writes it.
fn numbered(backend: DbBackend, sql: &str) -> String {
    let mut parts = sql.split('?');
    let first = parts.next().unwrap().to_string();
    (1..).zip(parts).fold(first, |sql, (number, part)| match backend {
        DbBackend::Postgres => format!("{sql}${number}{part}"),
        _ => format!("{sql}?{part}"),
    })
}
