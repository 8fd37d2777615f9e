//! Deals come back from their table, on every database that jangteo runs on.

use jangteo_kit::{
    execute::{Head, find},
    store::{Failure, Never, Store},
};
use jangteo_testing::{mariadb, postgres, scratch};
use sea_orm::{ActiveModelTrait, TryIntoModel};
use uuid::Uuid;

use super::*;

fn offered() -> Offered {
    Offered { post: Uuid::from_u128(u128::MAX), buyer: "buyer01".to_owned(), price_krw: 9_000 }
}

pub(crate) fn terms() -> Terms {
    let Offered { post, buyer, price_krw } = offered();
    Terms { post: Some(post), seller: "seller02".to_owned(), buyer, price_krw }
}

fn why() -> No {
    No::unavailable("OFFER_UNAVAILABLE", "offers can't be asked")
}

pub(crate) fn states() -> [State; 8] {
    [
        State::Reserving(Step::Taking),
        State::Reserving(Step::Holding(offered())),
        State::Abandoning { undo: Undo::Post(offered()), why: why() },
        State::Abandoning { undo: Undo::Offer, why: why() },
        State::Abandoned { why: why() },
        State::Reserved(terms()),
        State::Ended(terms()),
        State::Cancelled(terms()),
    ]
}

pub(crate) fn meeting() -> Meeting {
    Meeting { time: Some(3), place: "방배역 2번 출구".to_owned() }
}

pub(crate) fn stored(id: u128, meeting: Meeting, state: State) -> Versioned<Deal> {
    let (id, offer) = (Uuid::from_u128(id), Uuid::from_u128(3));
    let head = Head {
        id,
        revision: 3,
        sequence: 2,
        correlation_id: offer,
        create_time: 1,
        update_time: 2,
    };
    let (subject, asker) = (Subject::Offer(offer), "seller02".to_owned());
    Versioned { state: Deal { id, subject, asker, meeting, state }, head }
}

/// The states of a deal on a product that one from an offer does not have, and those of both.
pub(crate) fn purchases() -> [State; 7] {
    let bought = || Terms { post: None, ..terms() };
    [
        State::Reserving(Step::Stocking),
        State::Abandoning { undo: Undo::Stock, why: why() },
        State::Abandoned { why: why() },
        State::Refused { why: why() },
        State::Reserved(bought()),
        State::Ended(bought()),
        State::Cancelled(bought()),
    ]
}

/// A deal on a product, for `buyer01`.
pub(crate) fn purchase(id: u128, state: State) -> Versioned<Deal> {
    let mut deal = stored(id, meeting(), state);
    deal.state.subject = Subject::Product { id: Uuid::from_u128(5), quantity: i64::MAX };
    deal.state.asker = "buyer01".to_owned();
    deal
}

/// Every state, and what strains a column.
fn deals() -> Vec<Versioned<Deal>> {
    let mut deals: Vec<_> =
        (1..).zip(states()).map(|(id, state)| stored(id, meeting(), state)).collect();
    deals.push(stored(9, Meeting::default(), State::Reserved(terms())));
    let carrots = "🥕".repeat(100);
    let never = Meeting { time: Some(i64::MIN), place: carrots };
    let dear = Terms { buyer: "🥕".repeat(64), price_krw: i64::MAX, ..terms() };
    deals.push(stored(10, never, State::Reserved(dear)));
    let long = No {
        code: 9,
        reason: "POST_RESERVED".repeat(20),
        message: "'\\\"%_; \n예약됨".repeat(500),
        retry_after_ms: None,
    };
    deals.push(stored(11, meeting(), State::Abandoned { why: long }));
    let mut eternal = stored(u128::MAX, meeting(), State::Ended(terms()));
    (eternal.head.revision, eternal.head.sequence) = (i64::MAX, i64::MAX);
    (eternal.head.create_time, eternal.head.update_time) = (i64::MIN, i64::MAX);
    deals.push(eternal);
    deals.extend((100..).zip(purchases()).map(|(id, state)| purchase(id, state)));
    deals
}

pub(crate) async fn save(store: &Store, deal: &Versioned<Deal>, born: bool) {
    let row = Deal::write(deal);
    let saved = store.unit(move |tx| {
        let row = row.clone();
        Box::pin(async move {
            let saved = if born { row.insert(tx).await } else { row.reset_all().update(tx).await };
            saved.map(drop).map_err(Failure::<Never>::Database)
        })
    });
    saved.await.unwrap();
}

async fn found(store: &Store, id: Uuid) -> Versioned<Deal> {
    let found: Result<_, Failure<Never>> = find(store.reader().unwrap(), id).await;
    found.unwrap().expect("the deal is there")
}

async fn every_deal_comes_back(url: &str) {
    let store = Store::connect("deal", url).await.unwrap();
    store.migrate(crate::migration::all).await.unwrap();
    let deals = deals();
    for deal in &deals {
        save(&store, deal, true).await;
    }
    for deal in deals {
        assert_eq!(found(&store, deal.head.id).await, deal);
    }
    every_state_gives_way_to_others(&store).await;
    store.close().await;
}

/// No column of an earlier state is left.
async fn every_state_gives_way_to_others(store: &Store) {
    for state in states().into_iter().chain(states().into_iter().rev()) {
        let deal = stored(1, meeting(), state);
        save(store, &deal, false).await;
        assert_eq!(found(store, deal.head.id).await, deal);
    }
    for state in purchases().into_iter().chain(purchases().into_iter().rev()) {
        let deal = purchase(100, state);
        save(store, &deal, false).await;
        assert_eq!(found(store, deal.head.id).await, deal);
    }
}

#[tokio::test]
async fn every_deal_comes_back_from_sqlite() {
    let dir = scratch::directory("deal").unwrap();
    every_deal_comes_back(&format!("sqlite://{}/deal.db", dir.path().display())).await;
}

#[tokio::test]
async fn every_deal_comes_back_from_postgres() {
    every_deal_comes_back(&postgres::database().await.unwrap()).await;
}

#[tokio::test]
async fn every_deal_comes_back_from_mariadb() {
    every_deal_comes_back(&mariadb::database().await.unwrap()).await;
}

#[test]
fn a_row_that_is_no_state_is_named() {
    let deal = stored(1, meeting(), State::Reserved(terms()));
    let row = Deal::write(&deal).try_into_model().unwrap();
    let refused = |change: fn(&mut entity::Model)| {
        let mut row = row.clone();
        change(&mut row);
        Deal::read(row).unwrap_err()
    };
    assert!(refused(|row| row.buyer = None).contains("half its terms"));
    assert!(refused(|row| row.why = Some("later".to_owned())).contains("no reason"));
    assert!(refused(|row| row.product_id = Some(Uuid::nil())).contains("neither"));
    assert!(refused(|row| row.offer_id = Uuid::nil()).contains("neither"));
    for change in [
        |row: &mut entity::Model| row.state = "taking".to_owned(),
        |row: &mut entity::Model| row.state = "refused".to_owned(),
        |row: &mut entity::Model| row.why = Some(why().to_json()),
    ] {
        assert!(refused(change).contains("does not fit"));
    }
}
