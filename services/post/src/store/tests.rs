//! Posts come back from their table, on every database that jangteo runs on.

use jangteo_kit::{
    execute::{Head, find},
    store::{Failure, Never, Store},
};
use jangteo_testing::{mariadb, postgres, scratch};
use sea_orm::{ActiveModelTrait, TryIntoModel};
use uuid::Uuid;

use super::*;

fn agreement() -> Agreement {
    Agreement {
        deal: Uuid::from_u128(1),
        offer: Uuid::from_u128(u128::MAX),
        buyer: "buyer01".to_owned(),
        price_krw: 9_000,
    }
}

fn states() -> [State; 5] {
    [
        State::Available,
        State::Reserved(agreement()),
        State::Sold(agreement()),
        State::Hidden,
        State::Deleted,
    ]
}

fn listing(goods: &str, price_krw: i64, neighbourhood: &str) -> Listing {
    let (goods, neighbourhood) = (goods.to_owned(), neighbourhood.to_owned());
    Listing { goods, price_krw, neighbourhood }
}

fn stored(id: u128, listing: Listing, state: State) -> Versioned<Post> {
    let id = Uuid::from_u128(id);
    let head =
        Head { id, revision: 3, sequence: 2, correlation_id: id, create_time: 1, update_time: 2 };
    Versioned { state: Post { id, seller: "seller02".to_owned(), listing, state }, head }
}

/// Every state, and what strains a column.
fn posts() -> Vec<Versioned<Post>> {
    let mouse = || listing("무선마우스", 10_000, "서초동");
    let mut posts: Vec<_> =
        (1..).zip(states()).map(|(id, state)| stored(id, mouse(), state)).collect();
    let dear = Agreement { buyer: "🥕".repeat(64), price_krw: i64::MAX, ..agreement() };
    let carrots = "🥕".repeat(100);
    let longest = listing(&carrots, i64::MAX, &carrots);
    posts.push(stored(6, longest, State::Sold(dear)));
    // In lower case it is twice as long.
    posts.push(stored(7, listing(&"İ".repeat(100), 0, "방배동"), State::Available));
    posts.push(stored(8, listing("'\\\"%_; ", 1, " "), State::Hidden));
    let mut eternal = stored(u128::MAX, mouse(), State::Available);
    (eternal.head.revision, eternal.head.sequence) = (i64::MAX, i64::MAX);
    (eternal.head.create_time, eternal.head.update_time) = (i64::MIN, i64::MAX);
    posts.push(eternal);
    posts
}

async fn save(store: &Store, post: &Versioned<Post>, born: bool) {
    let row = Post::write(post);
    let saved = store.unit(move |tx| {
        let row = row.clone();
        Box::pin(async move {
            let saved = if born { row.insert(tx).await } else { row.reset_all().update(tx).await };
            saved.map(drop).map_err(Failure::<Never>::Database)
        })
    });
    saved.await.unwrap();
}

async fn found(store: &Store, id: Uuid) -> Versioned<Post> {
    let found: Result<_, Failure<Never>> = find(store.reader().unwrap(), id).await;
    found.unwrap().expect("the post is there")
}

async fn every_post_comes_back(url: &str) {
    let store = Store::connect("post", url).await.unwrap();
    store.migrate(crate::migration::all).await.unwrap();
    let posts = posts();
    for post in &posts {
        save(&store, post, true).await;
    }
    for post in posts {
        assert_eq!(found(&store, post.head.id).await, post);
    }
    every_state_gives_way_to_others(&store).await;
    store.close().await;
}

/// No column of an earlier state is left.
async fn every_state_gives_way_to_others(store: &Store) {
    for state in states().into_iter().chain(states().into_iter().rev()) {
        let post = stored(1, listing("무선마우스", 10_000, "서초동"), state);
        save(store, &post, false).await;
        assert_eq!(found(store, post.head.id).await, post);
    }
}

#[tokio::test]
async fn every_post_comes_back_from_sqlite() {
    let dir = scratch::directory("post").unwrap();
    every_post_comes_back(&format!("sqlite://{}/post.db", dir.path().display())).await;
}

#[tokio::test]
async fn every_post_comes_back_from_postgres() {
    every_post_comes_back(&postgres::database().await.unwrap()).await;
}

#[tokio::test]
async fn every_post_comes_back_from_mariadb() {
    every_post_comes_back(&mariadb::database().await.unwrap()).await;
}

#[test]
fn a_row_that_is_no_state_is_named() {
    let post = stored(1, listing("무선마우스", 10_000, "서초동"), State::Available);
    let mut row = Post::write(&post).try_into_model().unwrap();
    row.buyer = Some("buyer01".to_owned());
    assert!(Post::read(row.clone()).unwrap_err().contains("half an agreement"));
    row.buyer = None;
    row.state = "sold".to_owned();
    assert!(Post::read(row).is_err());
}
