//! The lease: one holder at a time, by the database's own clock.

use std::time::Duration;

use futures::future::join_all;
use jangteo_kit::{
    clock,
    store::{Lease, Store, now_ms},
};
use jangteo_testing::until;
use sea_orm::ConnectionTrait as _;
use uuid::Uuid;

use crate::place::{Place, SOON, ask, on, on_all};

on_all!(
    one_of_many_has_the_lease,
    a_released_lease_is_had_at_once,
    a_lease_that_runs_out_is_taken_over,
);
on!(postgres_clock Postgres: the_database_tells_the_time);

const LONG: Duration = Duration::from_hours(1);

fn lease(store: &Store, holder: u128, length: Duration) -> Lease {
    Lease::new(store.clone(), Uuid::from_u128(holder), length)
}

async fn one_of_many_has_the_lease(place: Place) {
    let store = place.store().await;
    let all: Vec<Lease> = (1..=8).map(|holder| lease(&store, holder, LONG)).collect();
    for _ in 0..3 {
        let held = join_all(all.iter().map(Lease::renew)).await;
        assert_eq!(held.into_iter().filter(|held| *held.as_ref().unwrap()).count(), 1);
    }
}

async fn a_released_lease_is_had_at_once(place: Place) {
    let store = place.store().await;
    let [one, other] = [1, 2].map(|holder| lease(&store, holder, LONG));
    assert!(one.renew().await.unwrap());
    assert!(!other.renew().await.unwrap());
    // Who does not hold it has nothing to release.
    other.release().await.unwrap();
    assert!(!other.renew().await.unwrap());
    one.release().await.unwrap();
    assert!(other.renew().await.unwrap());
    assert!(!one.renew().await.unwrap());
}

async fn a_lease_that_runs_out_is_taken_over(place: Place) {
    let store = place.store().await;
    assert!(lease(&store, 1, Duration::from_millis(1)).renew().await.unwrap());
    let heir = lease(&store, 2, LONG);
    until(SOON, async || heir.renew().await.unwrap().then_some(())).await;
    assert!(!lease(&store, 1, LONG).renew().await.unwrap());
}

/// Sets the database's clock ahead of this machine's.
async fn set_ahead(place: &Place, hours: u32) {
    let sql = format!(
        "CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql
         AS $$ SELECT pg_catalog.clock_timestamp() + interval '{hours} hours' $$"
    );
    place.outside().await.execute_unprepared(&sql).await.unwrap();
}

async fn the_database_tells_the_time(place: Place) {
    let outside = place.outside().await;
    let name: String = ask(&outside, "SELECT current_database()::text").await;
    let own_first = format!("ALTER DATABASE {name} SET search_path = public, pg_catalog");
    outside.execute_unprepared(&own_first).await.unwrap();
    set_ahead(&place, 24).await;

    let store = place.store().await;
    let ahead = now_ms(store.reader().unwrap()).await.unwrap() - clock::now_ms();
    assert!(ahead > 23 * 3_600_000, "{ahead} ms");
    let [one, other] = [1, 2].map(|holder| lease(&store, holder, LONG));
    assert!(one.renew().await.unwrap());
    assert!(!other.renew().await.unwrap());
    set_ahead(&place, 26).await;
    assert!(other.renew().await.unwrap());
    assert!(!one.renew().await.unwrap());
}
