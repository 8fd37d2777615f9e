//! Schemas: brought up to date once, whoever comes first and whatever broke off before.

use jangteo_kit::store::{
    Failure, Store,
    schema::{number, table},
};
use jangteo_testing::{Proxy, ports};
use sea_orm::{ConnectionTrait as _, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait};
use tokio::time::timeout;

use crate::{
    place::{Database, Place, SOON, ask, count, on, on_all, on_servers},
    sample::{self, word},
};

on_all!(
    two_processes_migrate_at_once,
    a_migration_is_not_repeated,
    a_migration_that_broke_off_is_completed,
    a_schema_that_a_newer_version_expanded_is_worked_on,
    a_schema_that_a_newer_version_contracted_is_refused_with_what_to_do,
    nothing_is_done_before_the_schema_is_there,
);
on_servers!(a_server_that_is_not_there_is_told_of, a_server_that_is_silent_is_told_of);
on!(mariadb_half MariaDb: tables_without_a_record_of_them_are_completed);

/// The migrations that were applied, by the database's own list.
const APPLIED: &str = "SELECT COUNT(*) FROM seaql_migrations";
/// The kit's migrations and the sample's one.
const ALL: i64 = 5;

async fn connect(url: &str) -> Store {
    Store::connect("sample", url).await.unwrap()
}

async fn two_processes_migrate_at_once(place: Place) {
    let stores = [connect(&place.url).await, connect(&place.url).await];
    let (one, other) =
        tokio::join!(stores[0].migrate(sample::migrations), stores[1].migrate(sample::migrations),);
    one.unwrap();
    other.unwrap();
    for (n, store) in (0..).zip(&stores) {
        word::write(store, &format!("word {n}"), n).await.unwrap();
    }
    assert_eq!(ask::<i64>(stores[0].reader().unwrap(), APPLIED).await, ALL);
    assert_eq!(count(&stores[0], "word").await, 2);
}

async fn a_migration_is_not_repeated(place: Place) {
    word::write(&place.store().await, "kept", 1).await.unwrap();
    let again = place.store().await;
    assert_eq!(word::all(&again).await, [("kept".to_owned(), 1)]);
    assert_eq!(ask::<i64>(again.reader().unwrap(), APPLIED).await, ALL);
}

/// A later migration of two tables, which breaks off after the first one.
struct Later<const BROKEN: bool>;

impl<const BROKEN: bool> MigrationName for Later<BROKEN> {
    fn name(&self) -> &'static str {
        "m20261121_000902_later"
    }
}

#[async_trait::async_trait]
impl<const BROKEN: bool> MigrationTrait for Later<BROKEN> {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(table(manager, "first").col(number("n")).take()).await?;
        if BROKEN {
            return Err(DbErr::Custom("it broke off".to_owned()));
        }
        manager.create_table(table(manager, "second").col(number("n")).take()).await
    }
}

fn later<const BROKEN: bool>() -> Vec<Box<dyn MigrationTrait>> {
    let mut all = sample::migrations();
    all.push(Box::new(Later::<BROKEN>));
    all
}

async fn a_migration_that_broke_off_is_completed(place: Place) {
    word::write(&place.store().await, "kept", 1).await.unwrap();
    let broken = connect(&place.url).await;
    let error = broken.migrate(later::<true>).await.unwrap_err();
    assert!(error.to_string().contains("it broke off"), "{error}");
    let first = place.outside().await.execute_unprepared("SELECT n FROM first").await;
    // MariaDB alone has already committed it.
    assert_eq!(first.is_ok(), place.database == Database::MariaDb);

    broken.migrate(later::<false>).await.unwrap();
    assert_eq!(count(&broken, "first").await + count(&broken, "second").await, 0);
    assert_eq!(ask::<i64>(broken.reader().unwrap(), APPLIED).await, ALL + 1);
    assert_eq!(word::all(&broken).await, [("kept".to_owned(), 1)]);
}

/// What a crash leaves that comes after the tables were made and before that was written down.
async fn tables_without_a_record_of_them_are_completed(place: Place) {
    word::write(&place.store().await, "kept", 1).await.unwrap();
    let outside = place.outside().await;
    for sql in
        ["DELETE FROM seaql_migrations", "DROP TABLE gate", "DROP INDEX request_time ON request"]
    {
        outside.execute_unprepared(sql).await.unwrap();
    }
    let store = place.store().await;
    assert_eq!(word::all(&store).await, [("kept".to_owned(), 1)]);
    assert_eq!(count(&store, "gate").await, 0);
    let indices = "SELECT COUNT(*) FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND index_name = 'request_time'";
    assert_eq!(ask::<i64>(&outside, indices).await, 1);
}

/// Writes down that a newer version has applied a migration.
async fn applied(place: &Place, name: &str) {
    let newer = format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{name}', 0)");
    place.outside().await.execute_unprepared(&newer).await.unwrap();
}

async fn a_schema_that_a_newer_version_expanded_is_worked_on(place: Place) {
    word::write(&place.store().await, "kept", 1).await.unwrap();
    applied(&place, "m20991231_000001_wider").await;
    let store = connect(&place.url).await;
    store.migrate(later::<false>).await.unwrap();
    word::write(&store, "written", 1).await.unwrap();
    assert_eq!(word::all(&store).await.len(), 2);
    assert_eq!(count(&store, "second").await, 0, "its own migrations are applied all the same");
}

async fn a_schema_that_a_newer_version_contracted_is_refused_with_what_to_do(place: Place) {
    word::write(&place.store().await, "kept", 1).await.unwrap();
    applied(&place, "m20991231_000002_narrower_contract").await;
    applied(&place, "m20991231_000003_wider").await;
    let store = connect(&place.url).await;
    let error = store.migrate(sample::migrations).await.unwrap_err();
    assert!(matches!(error, DbErr::Migration(_)), "{error:?}");
    let said = error.to_string();
    for word in ["newer jangteo", "start that version", "m20991231_000002_narrower_contract"] {
        assert!(said.contains(word), "{said}");
    }
    assert!(matches!(store.reader(), Err(Failure::Starting)));
}

async fn nothing_is_done_before_the_schema_is_there(place: Place) {
    let store = connect(&place.url).await;
    let written = word::write(&store, "early", 1).await;
    assert!(matches!(written, Err(Failure::Starting)), "{written:?}");
    assert!(!store.ping().await);
    store.migrate(sample::migrations).await.unwrap();
    word::write(&store, "in time", 1).await.unwrap();
    store.close().await;
    let written = word::write(&store, "late", 1).await;
    assert!(matches!(written, Err(Failure::Stopping)), "{written:?}");
}

async fn a_server_that_is_not_there_is_told_of(place: Place) {
    let (server, _) = place.url.rsplit_once(':').unwrap();
    let nowhere = connect(&format!("{server}:{}/nothing", ports::free())).await;
    let migrated = timeout(SOON, nowhere.migrate(sample::migrations)).await.unwrap();
    assert!(!matches!(migrated.unwrap_err(), DbErr::Migration(_)));
}

async fn a_server_that_is_silent_is_told_of(place: Place) {
    let proxy = Proxy::before(&place.url).await.unwrap();
    proxy.blackhole();
    let store = connect(proxy.url()).await;
    timeout(SOON, store.migrate(sample::migrations)).await.unwrap().unwrap_err();
    proxy.restore().await.unwrap();
    store.migrate(sample::migrations).await.unwrap();
}
