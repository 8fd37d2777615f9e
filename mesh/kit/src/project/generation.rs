//! Generations: fillings of a read model, of which one serves.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::simulated;
use crate::store::{Failure, Never, Store, Tx};

/// What becomes of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is being filled.
    Building,
    /// Queries read it.
    Serving,
    /// A later one has taken over.
    Gone,
}

impl Stage {
    fn text(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Serving => "serving",
            Self::Gone => "gone",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Building, Self::Serving, Self::Gone].into_iter().find(|stage| stage.text() == text)
    }
}

/// One filling of a read model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// The read model.
    pub name: String,
    /// Counts from 1.
    pub number: i64,
    /// What becomes of it.
    pub stage: Stage,
    /// The number of its last change.
    pub change: i64,
}

/// The name of a generation's gates.
pub fn consumer(model: &str, generation: i64) -> String {
    format!("{model}@{generation}")
}

mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "read_model")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        pub state: String,
        pub change: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Column, Entity};

fn generation<R>(row: entity::Model) -> Result<Generation, Failure<R>> {
    let stage = Stage::parse(&row.state)
        .ok_or_else(|| Failure::Inconsistent(format!("read model state `{}`", row.state)))?;
    Ok(Generation { name: row.name, number: row.generation, stage, change: row.change })
}

/// The generation that queries read.
///
/// # Errors
/// The database can't be reached.
pub async fn serving<R>(db: &impl ConnectionTrait, model: &str) -> Result<Generation, Failure<R>> {
    let row = Entity::find()
        .filter(Column::Name.eq(model))
        .filter(Column::State.eq(Stage::Serving.text()))
        .one(db)
        .await?;
    // Before the projector's first start there are no rows either.
    let first =
        || Ok(Generation { name: model.to_owned(), number: 1, stage: Stage::Serving, change: 0 });
    row.map_or_else(first, generation)
}

/// The generations that are being filled, whether they serve or not.
pub(super) async fn live(store: &Store, model: &str) -> Result<Vec<Generation>, Failure<Never>> {
    if let Some(rows) = store.rows() {
        return Ok(simulated::live(rows, model));
    }
    let rows = select_live(model).all(store.reader()?).await?;
    rows.into_iter().map(generation).collect()
}

/// The same, locked: whoever projects and whoever switches take turns.
pub(super) async fn lock_live<R>(tx: &Tx, model: &str) -> Result<Vec<Generation>, Failure<R>> {
    if let Some(rows) = tx.rows() {
        return Ok(simulated::live(rows, model));
    }
    let rows = select_live(model).lock_exclusive().all(tx).await?;
    rows.into_iter().map(generation).collect()
}

fn select_live(model: &str) -> sea_orm::Select<Entity> {
    Entity::find()
        .filter(Column::Name.eq(model))
        .filter(Column::State.ne(Stage::Gone.text()))
        .order_by_asc(Column::Generation)
}

/// One generation.
pub(super) async fn find<R>(
    db: &impl ConnectionTrait,
    model: &str,
    number: i64,
) -> Result<Option<Generation>, Failure<R>> {
    Entity::find_by_id((model.to_owned(), number)).one(db).await?.map(generation).transpose()
}

/// The number of the newest generation; 0: there is none.
pub(super) async fn newest(tx: &Tx, model: &str) -> Result<i64, DbErr> {
    if let Some(rows) = tx.rows() {
        return Ok(simulated::generations(rows, model).last().map_or(0, |newest| newest.number));
    }
    let newest = Entity::find()
        .filter(Column::Name.eq(model))
        .order_by_desc(Column::Generation)
        .one(tx)
        .await?;
    Ok(newest.map_or(0, |row| row.generation))
}

/// Adds a generation unless it is there.
pub(super) async fn add(tx: &Tx, model: &str, number: i64, stage: Stage) -> Result<(), DbErr> {
    if let Some(rows) = tx.rows() {
        simulated::add(rows, model, number, stage);
        return Ok(());
    }
    let row = ActiveModel {
        name: Set(model.to_owned()),
        generation: Set(number),
        state: Set(stage.text().to_owned()),
        change: Set(0),
    };
    let there = OnConflict::new().do_nothing_on([Column::Name, Column::Generation]).to_owned();
    Entity::insert(row).on_conflict(there).exec_without_returning(tx).await.map(drop)
}

/// Moves a generation on.
pub(super) async fn set_stage(
    tx: &Tx,
    model: &str,
    number: i64,
    stage: Stage,
) -> Result<(), DbErr> {
    if let Some(rows) = tx.rows() {
        simulated::change(rows, model, number, |one| one.stage = stage);
        return Ok(());
    }
    update(tx, model, number, Column::State, Expr::value(stage.text())).await
}

/// Writes the number of the last change.
pub(super) async fn set_change(
    tx: &Tx,
    model: &str,
    number: i64,
    change: i64,
) -> Result<(), DbErr> {
    if let Some(rows) = tx.rows() {
        simulated::change(rows, model, number, |one| one.change = change);
        return Ok(());
    }
    update(tx, model, number, Column::Change, Expr::value(change)).await
}

async fn update(
    tx: &Tx,
    model: &str,
    number: i64,
    column: Column,
    value: sea_orm::sea_query::SimpleExpr,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(column, value)
        .filter(Column::Name.eq(model))
        .filter(Column::Generation.eq(number))
        .exec(tx)
        .await
        .map(drop)
}
