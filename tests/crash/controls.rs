//! Positive controls: what a real run leaves behind is spoilt by hand, in one way after another,
//! and the checker has to name each.

use std::{collections::BTreeSet, fs, path::Path};

use async_nats::{HeaderMap, jetstream};
use jangteo_testing::{
    checker::{Case, Finding, History, Refusal, Sale, check},
    scratch,
};
use tempfile::TempDir;

use super::{
    load::Load,
    world::{World, execute, streams},
};
use crate::mesh::Database;

mod sale;

/// Enough writes that every kind of event is there.
const WRITES: usize = 300;

/// What a spoilt world is called, which database is spoilt how, and the name of what must be found.
type Control = (&'static str, &'static str, &'static str, &'static str);
const CONTROLS: [Control; 13] = [
    (
        "an event is gone",
        "post",
        "DELETE FROM journal WHERE sequence = 1 AND aggregate_id IN
            (SELECT aggregate_id FROM journal WHERE sequence = 2)",
        "lost",
    ),
    (
        "a number is skipped",
        "post",
        "UPDATE journal SET sequence = sequence + 1 WHERE id = (SELECT MAX(id) FROM journal)",
        "gap",
    ),
    (
        "an event is there twice",
        "post",
        "DROP INDEX journal_aggregate;
         INSERT INTO journal SELECT id + 100000, kind, aggregate_id, sequence, type, payload,
            correlation_id, causation_id, traceparent, time, acked_time FROM journal LIMIT 1",
        "doubled",
    ),
    (
        "an event lost its mark",
        "post",
        "UPDATE journal SET acked_time = NULL WHERE id = (SELECT MAX(id) FROM journal)",
        "unacked",
    ),
    (
        "an event says something else than its message",
        "post",
        "UPDATE journal SET payload = x'' WHERE id = (SELECT MAX(id) FROM journal)",
        "altered",
    ),
    (
        "a post says something else than its history",
        "post",
        "UPDATE post SET price_krw = price_krw + 1 WHERE state = 'available'",
        "row",
    ),
    ("a post is ahead of its history", "post", "UPDATE post SET sequence = sequence + 1", "head"),
    ("answers are forgotten", "post", "DELETE FROM request", "forgotten"),
    (
        "a sale says something else than its history",
        "view",
        "UPDATE my_sale SET price_krw = price_krw + 1 WHERE removed = 0",
        "row",
    ),
    ("a sale is gone", "view", "DELETE FROM my_sale WHERE removed = 0", "missing"),
    (
        "a gate is behind",
        "view",
        "UPDATE gate SET sequence = sequence - 1 WHERE aggregate_id =
            (SELECT MIN(aggregate_id) FROM gate)",
        "gate",
    ),
    (
        "an event is held",
        "view",
        "INSERT INTO held SELECT consumer, source, kind, aggregate_id, 9, x'', 'why', 1, '', 0
            FROM gate LIMIT 1",
        "held",
    ),
    ("no generation serves", "view", "UPDATE read_model SET state = 'building'", "generations"),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_spoilt_in_a_finished_world_is_found_by_its_name() {
    let finished = Finished::new().await;
    assert_eq!(finished.found(&[]).await, BTreeSet::new());
    for (what, database, sql, name) in CONTROLS.into_iter().chain(sale::CONTROLS) {
        let found = finished.found(&[(database, sql)]).await;
        assert!(found.contains(name), "{what}: {found:?} found, but no {name}");
    }
    finished.a_second_effect_that_all_agree_on().await;
    finished.a_refused_deal_that_is_there_all_the_same().await;
    finished.a_message_that_is_gone_and_one_that_is_nobodys().await;
}

/// A world that came to rest and was stopped.
struct Finished {
    world: World,
    history: History,
}

impl Finished {
    async fn new() -> Self {
        let world = World::launch(Database::Sqlite, None).await.unwrap();
        let load = Load::start(&world.node, &world.keys, 1);
        load.wait_for(WRITES).await.unwrap();
        let history = load.finish().await.unwrap();
        let (findings, _) = world.judged(history.clone()).await.unwrap();
        assert_eq!(findings, []);
        world.node.kill();
        Self { world, history }
    }

    /// The names of what is found in a copy after it was spoilt.
    async fn found(&self, spoil: &[(&str, &str)]) -> BTreeSet<String> {
        let client = self.world.nats.client().await.unwrap();
        let (_dir, mut case) = self.spoilt(spoil).await;
        case.stream = Some(streams(&client).await.unwrap());
        names(&case).await
    }

    /// A copy of the databases after these statements, without the streams.
    async fn spoilt(&self, spoil: &[(&str, &str)]) -> (TempDir, Case) {
        let dir = scratch::directory("spoilt").unwrap();
        copy(self.world.node.data_dir(), dir.path());
        let url = |context: &str| format!("sqlite://{}/{context}.db", dir.path().display());
        for (context, sql) in spoil {
            for statement in sql.split(';') {
                execute(&url(context), statement).await.unwrap();
            }
        }
        let sale = Sale { offer: url("offer"), deal: url("deal"), ahead_ms: 0 };
        let case = Case {
            post: url("post"),
            view: url("view"),
            sale: Some(sale),
            stream: None,
            history: self.history.clone(),
        };
        (dir, case)
    }

    /// Every post that was edited last is edited so once more: journal, rows and gates agree, and
    /// only what clients asked for tells.
    async fn a_second_effect_that_all_agree_on(&self) {
        let twice = "INSERT INTO journal SELECT id + 100000, kind, aggregate_id, sequence + 1,
                type, payload, correlation_id, causation_id, traceparent, time, acked_time
                FROM journal AS last WHERE type LIKE '%PostEdited' AND sequence =
                    (SELECT MAX(sequence) FROM journal WHERE aggregate_id = last.aggregate_id);
             UPDATE post SET sequence =
                (SELECT MAX(sequence) FROM journal WHERE aggregate_id = post.id)";
        // The followers' databases do not know which posts those are: their gates say what is allowed.
        let (_dir, case) = self.spoilt(&[("post", twice)]).await;
        let followers = [&case.view, &case.sale.as_ref().unwrap().offer];
        for finding in check(&case).await.unwrap() {
            if let Finding::Gate { consumer, aggregate, .. } = finding {
                let follower = followers[usize::from(consumer == "offer")];
                let sql = format!(
                    "UPDATE gate SET sequence = sequence + 1
                        WHERE consumer = '{consumer}' AND aggregate_id = x'{}'",
                    aggregate.simple()
                );
                execute(follower, &sql).await.unwrap();
            }
        }
        // One thing more happened to those posts, which the timeline has not heard of.
        let found = names(&case).await;
        assert_eq!(found, BTreeSet::from(["doubled", "missing"].map(str::to_owned)));
    }

    /// Its client was told no, and there it is.
    async fn a_refused_deal_that_is_there_all_the_same(&self) {
        let (_dir, mut case) = self.spoilt(&[]).await;
        let history = &mut case.history;
        let deal = history.writes.iter().position(|write| write.event == "DealReserved").unwrap();
        let request_id = history.writes.swap_remove(deal).request_id;
        history.refusals.push(Refusal { request_id, reason: "POST_UNAVAILABLE".into() });
        let found = names(&case).await;
        assert_eq!(found, BTreeSet::from(["contradicted", "doubled"].map(str::to_owned)));
    }

    async fn a_message_that_is_gone_and_one_that_is_nobodys(&self) {
        let context = jetstream::new(self.world.nats.client().await.unwrap());
        context.get_stream("POST").await.unwrap().delete_message(1).await.unwrap();
        assert_eq!(self.found(&[]).await, BTreeSet::from(["unpublished".to_string()]));
        let subject = "jangteo.post.p00.PostEdited";
        let sent = context.publish_with_headers(subject, HeaderMap::new(), "".into()).await;
        sent.unwrap().await.unwrap();
        assert!(self.found(&[]).await.contains("foreign"));
    }
}

async fn names(case: &Case) -> BTreeSet<String> {
    check(case).await.unwrap().iter().map(name).collect()
}

/// The word that a finding begins with.
fn name(finding: &Finding) -> String {
    let text = finding.to_string();
    text.split(':').next().unwrap_or_default().to_string()
}

/// Copies databases with their logs.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default();
        if name.to_string_lossy().contains(".db") {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
