//! A clean run on each database, then one planted fault after another.

mod world;

use std::time::Duration;

use super::{Finding, check};
use world::{World, post};

/// Spoils a clean world and answers what is found.
async fn found(spoil: impl AsyncFnOnce(&mut World)) -> Vec<Finding> {
    let mut world = World::clean_on_sqlite().await;
    spoil(&mut world).await;
    check(&world.case).await.unwrap()
}

/// What one statement in the database of `post` leads to.
async fn found_after_post(sql: &str) -> Vec<Finding> {
    found(async |world| world.post(sql).await).await
}

/// What one statement in the database of `view` leads to.
async fn found_after_view(sql: &str) -> Vec<Finding> {
    found(async |world| world.view(sql).await).await
}

#[tokio::test]
async fn a_clean_run_is_clean_on_sqlite() {
    assert_eq!(found(async |_| {}).await, []);
}

#[tokio::test]
async fn a_clean_run_is_clean_on_postgres_and_a_fault_is_seen() {
    let [post, view] = [crate::postgres::database().await, crate::postgres::database().await];
    clean_then_spoilt(World::clean_on(post.unwrap(), view.unwrap()).await).await;
}

#[tokio::test]
async fn a_clean_run_is_clean_on_mariadb_and_a_fault_is_seen() {
    let [post, view] = [crate::mariadb::database().await, crate::mariadb::database().await];
    clean_then_spoilt(World::clean_on(post.unwrap(), view.unwrap()).await).await;
}

async fn clean_then_spoilt(world: World) {
    assert_eq!(check(&world.case).await.unwrap(), []);
    world.view("UPDATE my_sale SET price_krw = 1 WHERE state = 1").await;
    world.view("UPDATE my_sale SET buyer = NULL WHERE state = 2").await;
    let findings = check(&world.case).await.unwrap();
    assert!(matches!(
        &findings[..],
        [Finding::Row { column: "price_krw", .. }, Finding::Row { column: "buyer", .. }]
    ));
}

#[tokio::test]
async fn a_missing_event_is_a_gap_and_foreign_in_the_stream() {
    let findings =
        found_after_post("DELETE FROM journal WHERE sequence = 1 AND type LIKE '%PostWritten'")
            .await;
    assert!(
        findings
            .iter()
            .any(|finding| matches!(finding, Finding::Gap { expected: 1, found: 2, .. }))
    );
    assert!(findings.iter().any(|finding| matches!(finding, Finding::Foreign { .. })));
    assert!(findings.iter().any(|finding| matches!(finding, Finding::Lost { .. })));
}

#[tokio::test]
async fn a_missing_last_event_is_seen_by_row_and_gate() {
    let findings = found_after_post("DELETE FROM journal WHERE type LIKE '%PostReserved'").await;
    let head = Finding::Head { aggregate: post(2), row: Some(2), journal: 1 };
    let gate =
        Finding::Gate { consumer: "my_sales@2".into(), aggregate: post(2), gate: 2, journal: 1 };
    assert!(findings.contains(&head) && findings.contains(&gate), "{findings:?}");
}

#[tokio::test]
async fn an_event_twice_in_the_journal_is_a_gap_and_a_second_effect() {
    let findings = found(async |world| {
        world.journal(1, 1, &world::written(), true).await;
    })
    .await;
    assert!(findings.iter().any(|finding| matches!(finding, Finding::Gap { found: 1, .. })));
    assert!(findings.iter().any(|finding| matches!(finding, Finding::Doubled { found: 2, .. })));
}

#[tokio::test]
async fn an_unacknowledged_event_is_seen() {
    let sql = "UPDATE journal SET acked_time = NULL WHERE type LIKE '%PostReserved'";
    let expected = Finding::Unacked { aggregate: post(2), sequence: 2 };
    assert_eq!(found_after_post(sql).await, [expected]);
}

#[tokio::test]
async fn a_row_that_differs_from_its_history_is_seen() {
    let findings =
        found_after_post("UPDATE post SET state = 'sold' WHERE state = 'reserved'").await;
    assert!(matches!(&findings[..], [Finding::Row { table: "post", column: "state", .. }]));
    let sql = "UPDATE my_sale SET removed = 0 WHERE removed = 1";
    let findings = found_after_view(sql).await;
    assert!(matches!(&findings[..], [Finding::Row { table: "my_sale", column: "removed", .. }]));
}

#[tokio::test]
async fn an_event_that_the_stream_lacks_is_seen_unless_it_was_wiped() {
    let findings = found(async |world| drop(world.stream().remove(0))).await;
    assert_eq!(findings, [Finding::Unpublished { aggregate: post(1), sequence: 1 }]);
    assert_eq!(found(async |world| world.case.stream = None).await, []);
}

#[tokio::test]
async fn a_message_twice_is_fine_but_another_one_under_its_number_is_not() {
    let twice = found(async |world| {
        let first = world.stream()[0].clone();
        world.stream().push(first);
    });
    assert_eq!(twice.await, []);
    let findings = found(async |world| world.stream()[0].payload.clear()).await;
    assert_eq!(findings, [Finding::Altered { aggregate: post(1), sequence: 1, what: "payload" }]);
    let findings = found(async |world| world.stream()[0].id.clear()).await;
    assert_eq!(findings, [Finding::Altered { aggregate: post(1), sequence: 1, what: "id" }]);
}

#[tokio::test]
async fn a_gate_behind_or_absent_is_seen() {
    for (sql, gate) in [
        ("UPDATE gate SET sequence = 1 WHERE consumer = 'my_sales@2' AND sequence = 2", 1),
        ("DELETE FROM gate WHERE consumer = 'my_sales@2' AND sequence = 2", 0),
    ] {
        let findings = found_after_view(sql).await;
        assert_eq!(findings.len(), 2, "{findings:?}");
        let behind =
            |finding: &Finding| matches!(finding, Finding::Gate { gate: at, .. } if *at == gate);
        assert!(findings.iter().all(behind), "{findings:?}");
    }
}

#[tokio::test]
async fn only_the_generation_that_serves_counts_and_there_is_exactly_one() {
    let old = "DELETE FROM my_sale WHERE generation = 1";
    assert_eq!(found_after_view(old).await, []);
    for (sql, serving) in [
        ("UPDATE read_model SET state = 'serving'", 2),
        ("UPDATE read_model SET state = 'gone'", 0),
    ] {
        let expected = Finding::Generations { read_model: "my_sales", serving };
        assert_eq!(found_after_view(sql).await, [expected]);
    }
}

#[tokio::test]
async fn a_sale_too_many_or_too_few_is_seen() {
    let findings = found_after_view("DELETE FROM my_sale WHERE state = 2").await;
    assert_eq!(findings, [Finding::Missing { table: "my_sale", aggregate: post(2) }]);
    let findings = found(async |world| world.stray(9).await).await;
    assert_eq!(findings, [Finding::Stray { table: "my_sale", aggregate: post(9) }]);
}

#[tokio::test]
async fn a_held_event_is_seen() {
    let findings = found(async |world| world.hold(post(1)).await).await;
    assert!(matches!(&findings[..], [Finding::Held { sequence: 7, cause, .. }] if cause == "why"));
}

#[tokio::test]
async fn an_acknowledged_write_without_its_effect_is_lost() {
    let findings = found(async |world| {
        let writes = &mut world.case.history.writes;
        writes[0].event = "PostSold";
        world.case.history.complete = false;
    })
    .await;
    assert!(matches!(&findings[..], [Finding::Lost { acknowledged: 1, found: 0, .. }]));
}

#[tokio::test]
async fn an_effect_that_nobody_asked_for_is_doubled() {
    let unasked = found(async |world| drop(world.case.history.writes.remove(0))).await;
    assert!(matches!(&unasked[..], [Finding::Doubled { acknowledged: 0, found: 1, .. }]));
}

#[tokio::test]
async fn a_repeat_with_another_answer_and_a_forgotten_one_are_seen() {
    let findings = found(async |world| {
        let mut repeat = world.case.history.writes[0].clone();
        repeat.etag = "other".into();
        world.case.history.writes.push(repeat);
    })
    .await;
    assert!(matches!(&findings[..], [Finding::Contradicted { .. }]));
    let findings = found_after_post("DELETE FROM request").await;
    assert!(matches!(&findings[..], [Finding::Forgotten { .. }, ..]));
}

#[tokio::test]
#[should_panic(expected = "held: my_sales@2 holds event 7")]
async fn what_does_not_settle_is_told() {
    let world = World::clean_on_sqlite().await;
    world.hold(post(1)).await;
    super::settled(Duration::from_millis(300), async || check(&world.case).await).await;
}

/// What so many events have not reached yet.
fn behind(events: i64) -> Vec<Finding> {
    let gate =
        |gate| Finding::Gate { consumer: String::new(), aggregate: post(1), gate, journal: 9 };
    (0..events).map(gate).collect()
}

/// What is found where an event arrives with every look, until so many are left.
async fn found_while_arriving(left: i64) -> Vec<Finding> {
    let missing = std::cell::Cell::new(30);
    let look = async || {
        missing.set(left.max(missing.get() - 1));
        Ok(behind(missing.get()))
    };
    super::at_rest(Duration::from_millis(500), look).await.unwrap()
}

#[tokio::test]
async fn whoever_catches_up_is_waited_for() {
    assert_eq!(found_while_arriving(0).await, []);
}

#[tokio::test]
async fn whoever_stands_still_is_not() {
    assert_eq!(found_while_arriving(27).await, behind(27));
}

#[tokio::test]
async fn a_stream_is_read_whole_around_what_is_gone() {
    let nats = crate::Nats::start().await.unwrap();
    let client = nats.client().await.unwrap();
    let context = async_nats::jetstream::new(client.clone());
    let config = async_nats::jetstream::stream::Config {
        name: "POST".into(),
        subjects: vec!["jangteo.post.>".into()],
        ..Default::default()
    };
    assert_eq!(super::messages(&client, "POST").await.unwrap(), []);
    let stream = context.create_stream(config).await.unwrap();
    assert_eq!(super::messages(&client, "POST").await.unwrap(), []);
    for number in ["1", "2", "3"] {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("ce-sequence", number);
        let sent = context.publish_with_headers("jangteo.post.p00.Any", headers, number.into());
        sent.await.unwrap().await.unwrap();
    }
    stream.delete_message(2).await.unwrap();

    let messages = super::messages(&client, "POST").await.unwrap();

    let read: Vec<_> =
        messages.iter().map(|message| (&*message.sequence, &*message.payload)).collect();
    assert_eq!(read, [("1", b"1".as_slice()), ("3", b"3")]);
}
