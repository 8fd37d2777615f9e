//! Rows of read models that lie in no SQL database.

use std::{collections::BTreeMap, sync::Arc};

use sea_orm::{ActiveModelTrait, DbErr, EntityTrait, IdenStatic as _, Iterable, Value};

use super::{
    generation::{Generation, Stage},
    slot::key,
};
use crate::store::Rows;

/// A row of a read model: its columns that were written, by their names.
pub type Columns = BTreeMap<&'static str, Value>;

/// The table of generations.
pub const GENERATIONS: &str = "read_model";

/// The tables of read models.
pub(super) struct Table<'a>(&'a dyn Rows);

impl<'a> Table<'a> {
    pub(super) fn of(rows: &'a dyn Rows) -> Self {
        Self(rows)
    }

    pub(super) fn insert<A: ActiveModelTrait>(&self, row: &A) -> Result<(), DbErr> {
        let (table, place) = (name::<A::Entity>(), place(row));
        if self.0.insert(table, place.clone(), columns(row)) {
            return Ok(());
        }
        Err(DbErr::Custom(format!("there is a row {place} in {table}")))
    }

    pub(super) fn write<A: ActiveModelTrait>(&self, row: &A) {
        let (table, place) = (name::<A::Entity>(), place(row));
        let mut there = self.0.one::<Columns>(table, &place).unwrap_or_default();
        there.extend(columns(row));
        self.0.put(table, place, Arc::new(there));
    }

    pub(super) fn update<A: ActiveModelTrait>(&self, row: &A) -> bool {
        let there = self.0.get(name::<A::Entity>(), &place(row)).is_some();
        if there {
            self.write(row);
        }
        there
    }

    pub(super) fn read<A: ActiveModelTrait>(&self, row: &A, column: &str) -> Option<Value> {
        let there = self.0.one::<Columns>(name::<A::Entity>(), &place(row))?;
        there.get(column).cloned()
    }

    pub(super) fn touch<E: EntityTrait>(
        &self,
        generation: i64,
        (column, value): (E::Column, &Value),
        change: &'static str,
        next: impl Fn() -> Value,
    ) {
        let table = name::<E>();
        for place in self.0.keys(table, &of(generation)) {
            self.0.change(table, &place, |row: &mut Columns| {
                if row.get(column.as_str()) == Some(value) {
                    row.insert(change, next());
                }
            });
        }
    }

    pub(super) fn clear<E: EntityTrait>(&self, generation: i64) {
        self.0.clear(name::<E>(), &of(generation));
    }
}

fn name<E: EntityTrait>() -> &'static str {
    E::default().table_name()
}

/// How the keys of a generation's rows begin.
fn of(generation: i64) -> String {
    format!("{generation:020} ")
}

/// The key of a row, which begins with its generation.
fn place<A: ActiveModelTrait>(row: &A) -> String {
    let values = key::<A::Entity>().filter_map(|column| row.get(column).into_value());
    let parts = values.map(|value| match value {
        Value::BigInt(Some(number)) => format!("{number:020}"),
        Value::String(Some(text)) => text,
        other => other.to_string(),
    });
    parts.fold(String::new(), |place, part| place + &part + " ")
}

fn columns<A: ActiveModelTrait>(row: &A) -> Columns {
    let written = <A::Entity as EntityTrait>::Column::iter()
        .filter_map(|column| Some((column.as_str(), row.get(column).into_value()?)));
    written.collect()
}

/// The generations of a read model, the oldest first.
pub(super) fn generations(rows: &dyn Rows, model: &str) -> Vec<Generation> {
    rows.all(GENERATIONS, &format!("{model} "))
}

pub(super) fn live(rows: &dyn Rows, model: &str) -> Vec<Generation> {
    let mut all = generations(rows, model);
    all.retain(|one| one.stage != Stage::Gone);
    all
}

fn row(model: &str, number: i64) -> String {
    format!("{model} {number:020}")
}

pub(super) fn add(rows: &dyn Rows, model: &str, number: i64, stage: Stage) {
    let one = Generation { name: model.to_owned(), number, stage, change: 0 };
    rows.insert(GENERATIONS, row(model, number), one);
}

pub(super) fn change(
    rows: &dyn Rows,
    model: &str,
    number: i64,
    change: impl FnOnce(&mut Generation),
) {
    rows.change(GENERATIONS, &row(model, number), change);
}
