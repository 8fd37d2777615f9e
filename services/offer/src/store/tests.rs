//! Offers come back from their table, on every database that jangteo runs on; and there, one offer
//! for a post is accepted at most.

use jangteo_kit::{
    execute::{Head, Index as _, find},
    store::{Failure, Never, Store},
};
use jangteo_testing::{mariadb, postgres, scratch};
use sea_orm::{
    ActiveModelTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, SqlErr, TryIntoModel,
};
use uuid::Uuid;

use super::*;
use crate::{
    domain::samples::{POST, asking_again, made, open as is_open, proposal, request, states},
    policy::OpenFor,
};

fn stored(id: u128, offer: Offer) -> Versioned<Offer> {
    let id = Uuid::from_u128(id);
    let head =
        Head { id, revision: 3, sequence: 2, correlation_id: POST, create_time: 1, update_time: 2 };
    Versioned { state: Offer { id, ..offer }, head }
}

/// The same for another post, so that both can be accepted.
pub(crate) fn elsewhere(id: u128, offer: Offer) -> Versioned<Offer> {
    stored(id, Offer { post: Uuid::from_u128(1000 + id), ..offer })
}

/// Every state, and what strains a column.
fn offers() -> Vec<Versioned<Offer>> {
    let of_both = states().into_iter().flat_map(|state| [request(state.clone()), proposal(state)]);
    let mut offers: Vec<_> = (10..).zip(of_both).map(|(id, offer)| elsewhere(id, offer)).collect();
    let longest = "🥕".repeat(64);
    let terms = Terms { seller: longest.clone(), list_price_krw: i64::MAX };
    let dear = State::Made(terms, Standing::Open(Open::Accepted));
    let (proposed_krw, checks) = (Some(i64::MAX), i64::MAX);
    offers.push(elsewhere(1, Offer { buyer: longest, proposed_krw, checks, ..request(dear) }));
    let message = "'\\\"%_;🥕".repeat(1000);
    let why = No { code: 14, reason: "NO".to_owned(), message, retry_after_ms: Some(u64::MAX) };
    offers.push(elsewhere(2, request(State::Abandoned(why))));
    let mut eternal = elsewhere(u128::MAX - 2000, request(State::Asking));
    (eternal.head.revision, eternal.head.sequence) = (i64::MAX, i64::MAX);
    (eternal.head.create_time, eternal.head.update_time) = (i64::MIN, i64::MAX);
    eternal.state.open_since = i64::MIN;
    offers.push(eternal);
    offers
}

pub(crate) async fn save(store: &Store, offer: &Versioned<Offer>, born: bool) -> Result<(), DbErr> {
    let row = Offer::write(offer);
    let saved = store.unit(move |tx| {
        let row = row.clone();
        Box::pin(async move {
            let saved = if born { row.insert(tx).await } else { row.reset_all().update(tx).await };
            saved.map(drop).map_err(Failure::<Never>::Database)
        })
    });
    saved.await.map_err(|failure| match failure {
        Failure::Database(error) => error,
        other => panic!("{other}"),
    })
}

async fn found(store: &Store, id: Uuid) -> Versioned<Offer> {
    let found: Result<_, Failure<Never>> = find(store.reader().unwrap(), id).await;
    found.unwrap().expect("the offer is there")
}

async fn is_as_it_should_be(url: &str) {
    let store = Store::connect("offer", url).await.unwrap();
    store.migrate(crate::migration::all).await.unwrap();
    every_offer_comes_back(&store).await;
    every_state_gives_way_to_others(&store).await;
    one_offer_for_a_post_is_accepted(&store).await;
    a_policy_finds_what_is_open(&store).await;
    store.close().await;
}

async fn every_offer_comes_back(store: &Store) {
    let offers = offers();
    for offer in &offers {
        save(store, offer, true).await.unwrap();
    }
    for offer in offers {
        assert_eq!(found(store, offer.head.id).await, offer);
    }
}

/// No column of an earlier state is left.
async fn every_state_gives_way_to_others(store: &Store) {
    for state in states().into_iter().chain(states().into_iter().rev()) {
        let offer = elsewhere(10, proposal(state));
        save(store, &offer, false).await.unwrap();
        assert_eq!(found(store, offer.head.id).await, offer);
    }
}

async fn one_offer_for_a_post_is_accepted(store: &Store) {
    for id in 100..103 {
        save(store, &stored(id, request(is_open(Open::Pending))), true).await.unwrap();
    }
    save(store, &stored(100, request(asking_again(Open::Accepted))), false).await.unwrap();
    let second = stored(101, request(is_open(Open::Accepted)));
    let refused = save(store, &second, false).await.unwrap_err();
    let Some(SqlErr::UniqueConstraintViolation(what)) = refused.sql_err() else {
        panic!("{refused}");
    };
    assert_eq!(Offer::taken(&what), Some(Rejection::AnotherAccepted), "{what}");
    // The key itself is no rule: whoever lost the race for it tries again.
    let pending = stored(102, request(is_open(Open::Pending)));
    let born_twice = save(store, &pending, true).await.unwrap_err();
    let Some(SqlErr::UniqueConstraintViolation(what)) = born_twice.sql_err() else {
        panic!("{born_twice}");
    };
    assert_eq!(Offer::taken(&what), None, "{what}");
    save(store, &stored(100, request(made(Standing::Refused))), false).await.unwrap();
    save(store, &second, false).await.unwrap();
}

/// In the order in which they were made; of this post, and not the one that won.
async fn a_policy_finds_what_is_open(store: &Store) {
    for (id, state) in (200..).zip(states()) {
        save(store, &elsewhere(id, request(state)), true).await.unwrap();
    }
    for (but, expected) in [(None, vec![101, 102]), (Some(101), vec![102])] {
        let index = OpenFor { post: POST, but: but.map(Uuid::from_u128) };
        assert_eq!(open_for(store, &index).await, expected);
    }
    let each = (200..).zip(states()).filter(|(_, state)| closes_with_its_post(state));
    for (id, _) in each {
        let index = OpenFor { post: Uuid::from_u128(1000 + id), but: None };
        assert_eq!(open_for(store, &index).await, [id]);
    }
    let held = (200..).zip(states()).filter(|(_, state)| !closes_with_its_post(state));
    for (id, _) in held {
        let index = OpenFor { post: Uuid::from_u128(1000 + id), but: None };
        assert_eq!(open_for(store, &index).await, [0; 0]);
    }
}

fn closes_with_its_post(state: &State) -> bool {
    matches!(state, State::Asking | State::Made(_, Standing::Open(_) | Standing::AskingAgain(_)))
}

/// The rows that an index selects: those whose states it finds.
async fn open_for(store: &Store, index: &OpenFor) -> Vec<u128> {
    let by_id = || entity::Entity::find().order_by_asc(entity::Column::Id);
    let db = store.reader().unwrap();
    let selected = by_id().filter(index.select()).all(db).await.unwrap();
    let all = by_id().all(db).await.unwrap();
    let found = all.into_iter().filter(|row| {
        let offer = Offer::read(row.clone()).unwrap();
        index.finds(&offer.state)
    });
    let ids = |rows: Vec<entity::Model>| rows.iter().map(|row| row.id.as_u128()).collect();
    let selected: Vec<u128> = ids(selected);
    let found: Vec<u128> = ids(found.collect());
    assert_eq!(selected, found);
    selected
}

#[tokio::test]
async fn offers_lie_in_sqlite_as_they_should() {
    let dir = scratch::directory("offer").unwrap();
    is_as_it_should_be(&format!("sqlite://{}/offer.db", dir.path().display())).await;
}

#[tokio::test]
async fn offers_lie_in_postgres_as_they_should() {
    is_as_it_should_be(&postgres::database().await.unwrap()).await;
}

#[tokio::test]
async fn offers_lie_in_mariadb_as_they_should() {
    is_as_it_should_be(&mariadb::database().await.unwrap()).await;
}

#[test]
fn a_row_that_is_no_state_is_named() {
    let row = Offer::write(&stored(1, request(State::Asking))).try_into_model().unwrap();
    let broken: [fn(&mut entity::Model); 7] = [
        |row| row.seller = Some("seller01".to_owned()),
        |row| row.list_price_krw = Some(1),
        |row| row.asks_again = true,
        |row| row.deal_id = Some(POST),
        |row| row.why = Some("{}".to_owned()),
        |row| row.state = "abandoned".to_owned(),
        |row| (row.state, row.why) = ("abandoned".to_owned(), Some("{}".to_owned())),
    ];
    for spoil in broken {
        let mut row = row.clone();
        spoil(&mut row);
        assert!(Offer::read(row).unwrap_err().starts_with("offer "));
    }
}

#[test]
fn a_row_that_was_made_keeps_to_its_columns() {
    for state in states().into_iter().filter(|state| matches!(state, State::Made(..))) {
        let row = Offer::write(&stored(1, request(state))).try_into_model().unwrap();
        let broken: [fn(&mut entity::Model); 5] = [
            |row| row.seller = None,
            |row| row.why = Some("{}".to_owned()),
            |row| row.was = Some("refused".to_owned()),
            |row| row.state = "asking".to_owned(),
            |row| (row.asks_again, row.deal_id) = (true, Some(POST)),
        ];
        for spoil in broken {
            let mut row = row.clone();
            spoil(&mut row);
            assert!(Offer::read(row).is_err());
        }
    }
}
