//! Aggregates come back from their tables as they were, on every database that jangteo runs on.

use std::fmt::Debug;

use jangteo_kit::{
    execute::{Stored, Versioned, find},
    store::{Failure, Migrations, Never, Store},
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

/// The database of a context, with its tables.
pub async fn store(context: &'static str, migrations: Migrations, url: &str) -> Store {
    let store = Store::connect(context, url).await.unwrap();
    store.migrate(migrations).await.unwrap();
    store
}

/// Writes a row as it is; `born`: there is none yet.
pub async fn save<A>(store: &Store, versioned: &Versioned<A>, born: bool)
where
    A: Stored,
    A::Row: Clone + Sync,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A::Row>,
{
    let row = A::write(versioned);
    let saved = store.unit(move |tx| {
        let row = row.clone();
        Box::pin(async move {
            let saved = if born { row.insert(tx).await } else { row.reset_all().update(tx).await };
            saved.map(drop).map_err(Failure::<Never>::Database)
        })
    });
    saved.await.unwrap();
}

/// Every sample comes back, and no column of an earlier state is left when it gives way to another one.
/// `samples` are an aggregate of this id in every state, and what strains a column.
pub async fn come_back<A>(store: &Store, samples: fn(Uuid) -> Vec<Versioned<A>>)
where
    A: Stored + Debug,
    A::Row: Clone + Sync,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A::Row>,
{
    for (number, id) in (1..).map(Uuid::from_u128).enumerate().take(samples(Uuid::nil()).len()) {
        save(store, &samples(id)[number], true).await;
        assert_eq!(found::<A>(store, id).await, samples(id)[number]);
    }
    let all = samples(Uuid::from_u128(1));
    for sample in all.iter().chain(all.iter().rev()) {
        save(store, sample, false).await;
        assert_eq!(&found::<A>(store, sample.head.id).await, sample);
    }
}

async fn found<A: Stored>(store: &Store, id: Uuid) -> Versioned<A> {
    let found: Result<_, Failure<Never>> = find(store.reader().unwrap(), id).await;
    found.unwrap().expect("it is there")
}

/// The three tests of a context's rows: `rows_come_back!("deal", crate::migration::all, samples)`.
#[macro_export]
macro_rules! rows_come_back {
    ($context:literal, $migrations:path, $samples:path) => {
        #[tokio::test]
        async fn rows_come_back_from_sqlite() {
            let dir = $crate::scratch::directory($context).unwrap();
            let url = format!("sqlite://{}/rows.db", dir.path().display());
            let store = $crate::rows::store($context, $migrations, &url).await;
            $crate::rows::come_back(&store, $samples).await;
            store.close().await;
        }

        #[tokio::test]
        async fn rows_come_back_from_postgres() {
            let url = $crate::postgres::database().await.unwrap();
            let store = $crate::rows::store($context, $migrations, &url).await;
            $crate::rows::come_back(&store, $samples).await;
            store.close().await;
        }

        #[tokio::test]
        async fn rows_come_back_from_mariadb() {
            let url = $crate::mariadb::database().await.unwrap();
            let store = $crate::rows::store($context, $migrations, &url).await;
            $crate::rows::come_back(&store, $samples).await;
            store.close().await;
        }
    };
}
