//! The broker that the tests run on: what it is decides what they prove.

use std::io::Write;

use jangteo_testing::Nats;

#[tokio::test(flavor = "multi_thread")]
async fn the_tests_run_on_a_broker_that_syncs_before_it_acknowledges() {
    let nats = Nats::start().await.unwrap();
    let (version, durable) = (nats.version().await.unwrap(), nats.durable().await.unwrap());
    // Past the test harness, which would swallow it.
    writeln!(std::io::stderr(), "nats-server {version}, sync_always: {durable}").unwrap();
    assert!(durable, "sync_always: false");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_does_not_sync_is_told_from_one_that_does() {
    assert!(!Nats::start_unsynced().await.unwrap().durable().await.unwrap());
}
