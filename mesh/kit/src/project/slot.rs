//! Where a read model writes what an event says.
//!
//! A row of any read model has its `generation` in its key, and the number of its last `change` if
//! anybody watches it: both are written here.

use std::sync::atomic::{AtomicI64, Ordering};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DbErr, EntityTrait, IdenStatic as _, Iterable,
    ModelTrait as _, PrimaryKeyToColumn, QueryFilter, QueryOrder, Value,
    sea_query::{Expr, OnConflict},
};

use super::simulated::Table;
use crate::store::Tx;

const GENERATION: &str = "generation";
const CHANGE: &str = "change";

/// The column of this name, where there is one.
fn column<E: EntityTrait>(name: &str) -> Option<E::Column> {
    E::Column::iter().find(|column| column.as_str() == name)
}

/// The columns that name a row.
pub(super) fn key<E: EntityTrait>() -> impl Iterator<Item = E::Column> {
    E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column)
}

type Of<A> = <A as ActiveModelTrait>::Entity;

/// The rows that one event is written to.
pub struct Slot<'a> {
    /// The transaction of the event's gate.
    pub tx: &'a Tx,
    /// The generation of rows that is filled.
    pub generation: i64,
    /// The number of the last change.
    pub changes: &'a AtomicI64,
}

impl Slot<'_> {
    /// The number of the next change: every row that is written takes one of its own, so whoever
    /// watches can stop after any of them.
    fn change(&self) -> i64 {
        1 + self.changes.fetch_add(1, Ordering::Relaxed)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// There is one with its key; the database can't be reached, as everywhere here.
    pub async fn insert<A: ActiveModelTrait>(&self, row: A) -> Result<(), DbErr> {
        self.insert_all(vec![row]).await
    }

    /// Adds rows.
    ///
    /// # Errors
    /// Those of [`Slot::insert`].
    pub async fn insert_all<A: ActiveModelTrait>(&self, rows: Vec<A>) -> Result<(), DbErr> {
        if rows.is_empty() {
            return Ok(());
        }
        let rows = rows.into_iter().map(|row| self.own(row));
        match self.tx.rows() {
            Some(memory) => rows.into_iter().try_for_each(|row| Table::of(memory).insert(&row)),
            None => Of::<A>::insert_many(rows).exec_without_returning(self.tx).await.map(drop),
        }
    }

    /// Writes these columns of a row; where there is none yet, one begins with them.
    ///
    /// # Errors
    /// As everywhere here.
    pub async fn write<A: ActiveModelTrait>(&self, row: A) -> Result<(), DbErr> {
        let row = self.own(row);
        if let Some(memory) = self.tx.rows() {
            Table::of(memory).write(&row);
            return Ok(());
        }
        let key: Vec<_> = key::<Of<A>>().map(|column| column.as_str()).collect();
        let written = <Of<A> as EntityTrait>::Column::iter()
            .filter(|column| row.get(*column).is_set() && !key.contains(&column.as_str()));
        let there = OnConflict::columns(self::key::<Of<A>>()).update_columns(written).to_owned();
        Of::<A>::insert(row).on_conflict(there).exec_without_returning(self.tx).await.map(drop)
    }

    /// Writes these columns of a row; tells whether there is one.
    ///
    /// # Errors
    /// As everywhere here.
    pub async fn update<A: ActiveModelTrait>(&self, row: A) -> Result<bool, DbErr> {
        let mut row = self.own(row);
        if let Some(memory) = self.tx.rows() {
            return Ok(Table::of(memory).update(&row));
        }
        let this = this(&row);
        key::<Of<A>>().for_each(|column| row.not_set(column));
        let updated = Of::<A>::update_many().set(row).filter(this).exec(self.tx).await?;
        Ok(updated.rows_affected > 0)
    }

    /// What a column holds of the row with the key of this one, if there is one.
    ///
    /// # Errors
    /// As everywhere here.
    pub async fn read<A: ActiveModelTrait>(
        &self,
        row: A,
        column: <Of<A> as EntityTrait>::Column,
    ) -> Result<Option<Value>, DbErr> {
        let row = self.filled(row);
        if let Some(memory) = self.tx.rows() {
            return Ok(Table::of(memory).read(&row, column.as_str()));
        }
        let found = Of::<A>::find().filter(this(&row)).one(self.tx).await?;
        Ok(found.map(|found| found.get(column)))
    }

    /// Lets whoever watches see the rows again that hold this in a column: something that is shown with
    /// them has changed.
    ///
    /// # Errors
    /// As everywhere here.
    pub async fn touch<E: EntityTrait>(
        &self,
        column: E::Column,
        value: impl Into<Value>,
    ) -> Result<(), DbErr> {
        let value = value.into();
        if let Some(memory) = self.tx.rows() {
            let next = || self.change().into();
            Table::of(memory).touch::<E>(self.generation, (column, &value), CHANGE, next);
            return Ok(());
        }
        let (of, number) = (named::<E>(GENERATION)?, named::<E>(CHANGE)?);
        let mut rows = E::find().filter(of.eq(self.generation)).filter(column.eq(value));
        for column in key::<E>() {
            rows = rows.order_by_asc(column);
        }
        for row in rows.all(self.tx).await? {
            let this = key::<E>().map(|column| column.eq(row.get(column)));
            let this = this.fold(Condition::all(), Condition::add);
            let touched = E::update_many().col_expr(number, Expr::value(self.change()));
            touched.filter(this).exec(self.tx).await?;
        }
        Ok(())
    }

    /// The row as one of this generation, which has changed.
    fn own<A: ActiveModelTrait>(&self, row: A) -> A {
        let mut row = self.filled(row);
        if let Some(change) = column::<Of<A>>(CHANGE) {
            row.set(change, self.change().into());
        }
        row
    }

    fn filled<A: ActiveModelTrait>(&self, mut row: A) -> A {
        if let Some(generation) = column::<Of<A>>(GENERATION) {
            row.set(generation, self.generation.into());
        }
        row
    }
}

/// Removes the rows of a generation.
///
/// # Errors
/// The database can't be reached.
pub async fn clear<E: EntityTrait>(tx: &Tx, generation: i64) -> Result<(), DbErr> {
    if let Some(memory) = tx.rows() {
        Table::of(memory).clear::<E>(generation);
        return Ok(());
    }
    let of = named::<E>(GENERATION)?.eq(generation);
    E::delete_many().filter(of).exec(tx).await.map(drop)
}

fn named<E: EntityTrait>(name: &str) -> Result<E::Column, DbErr> {
    column::<E>(name)
        .ok_or_else(|| DbErr::Custom(format!("{} has no column {name}", E::default().table_name())))
}

/// The row with the key of this one.
fn this<A: ActiveModelTrait>(row: &A) -> Condition {
    let equal = key::<Of<A>>().map(|column| match row.get(column).into_value() {
        Some(value) => column.eq(value),
        None => column.is_null(),
    });
    equal.fold(Condition::all(), Condition::add)
}
