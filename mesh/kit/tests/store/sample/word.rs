//! Rows under a key of text, for units that need no aggregate.

use jangteo_kit::store::{Failure, Store, Tx, raced};
use sea_orm::{ActiveValue::Set, ConnectionTrait as _, EntityTrait, QueryOrder, QuerySelect};

/// Why a unit of the suite comes to nothing by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct No;

/// What units of the suite come to.
pub(crate) type Outcome<T = ()> = Result<T, Failure<No>>;

mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "word")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub word: String,
        pub n: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Writes a word that nobody has written yet.
pub(crate) async fn insert(tx: &Tx, word: &str, n: i64) -> Outcome {
    let row = ActiveModel { word: Set(word.to_owned()), n: Set(n) };
    Entity::insert(row).exec_without_returning(tx).await.map_err(raced)?;
    Ok(())
}

/// Reads a word.
pub(crate) async fn find(tx: &Tx, word: &str) -> Outcome<Option<i64>> {
    Ok(Entity::find_by_id(word).one(tx).await?.map(|row| row.n))
}

/// Reads a word and locks its row.
pub(crate) async fn lock(tx: &Tx, word: &str) -> Outcome<i64> {
    let row = Entity::find_by_id(word).lock_exclusive().one(tx).await?;
    Ok(row.expect("the word is there").n)
}

/// Changes the number of a word.
pub(crate) async fn update(tx: &Tx, word: &str, n: i64) -> Outcome {
    let row = ActiveModel { word: Set(word.to_owned()), n: Set(n) };
    Entity::update(row).exec(tx).await?;
    Ok(())
}

/// Does what the database refuses: a word has a number.
pub(crate) async fn violate(tx: &Tx) -> Outcome {
    tx.execute_unprepared("INSERT INTO word (word, n) VALUES ('numberless', NULL)").await?;
    Ok(())
}

/// Writes a word in a unit of its own.
pub(crate) async fn write(store: &Store, word: &str, n: i64) -> Outcome {
    let word = word.to_owned();
    store
        .unit(move |tx| {
            let word = word.clone();
            Box::pin(async move { insert(tx, &word, n).await })
        })
        .await
}

/// All words with their numbers, by word.
pub(crate) async fn all(store: &Store) -> Vec<(String, i64)> {
    let rows = Entity::find().order_by_asc(Column::Word).all(store.reader().unwrap()).await;
    rows.unwrap().into_iter().map(|row| (row.word, row.n)).collect()
}
