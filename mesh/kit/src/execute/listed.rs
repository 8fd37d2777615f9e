//! What waits, as operators look at it.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::waiting::{
    Waiting,
    entity::{Column, Entity},
};

/// How an aggregate waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// For the answer to a question whose silence takes everything back.
    Asking,
    /// For the answer to a question that is asked until it is answered.
    Finishing,
    /// For a time.
    Sleeping,
}

impl Waits {
    const ALL: [Self; 3] = [Self::Asking, Self::Finishing, Self::Sleeping];

    /// Its name in figures.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Asking => "asking",
            Self::Finishing => "finishing",
            Self::Sleeping => "sleeping",
        }
    }

    /// The rows that wait so: only what is given up has a deadline.
    fn rows(self) -> Condition {
        let key = Column::CallKey;
        match self {
            Self::Asking => {
                Condition::all().add(key.is_not_null()).add(Column::Deadline.is_not_null())
            }
            Self::Finishing => {
                Condition::all().add(key.is_not_null()).add(Column::Deadline.is_null())
            }
            Self::Sleeping => Condition::all().add(key.is_null()),
        }
    }
}

impl Waiting {
    /// How it waits.
    pub(crate) fn waits(&self) -> Waits {
        match (&self.call_key, self.deadline) {
            (None, _) => Waits::Sleeping,
            (Some(_), Some(_)) => Waits::Asking,
            (Some(_), None) => Waits::Finishing,
        }
    }
}

/// Which rows to list.
pub(crate) struct Wanted {
    /// Only those that wait so.
    pub(crate) waits: Option<Waits>,
    /// Only those that have waited since then or longer, in ms since 1970.
    pub(crate) begun_by: Option<i64>,
    /// Only those behind this one: since when it has waited, its kind and its aggregate.
    pub(crate) after: Option<(i64, String, Uuid)>,
}

/// The rows that are wanted, those first that have waited longest.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    wanted: Wanted,
    limit: u64,
) -> Result<Vec<Waiting>, DbErr> {
    let mut find = Entity::find();
    if let Some(waits) = wanted.waits {
        find = find.filter(waits.rows());
    }
    if let Some(begun_by) = wanted.begun_by {
        find = find.filter(Column::Since.lte(begun_by));
    }
    let mut cursor = find.cursor_by((Column::Since, Column::Kind, Column::AggregateId));
    if let Some(after) = wanted.after {
        cursor.after(after);
    }
    cursor.first(limit).all(db).await
}

/// How many aggregates of one kind wait in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    /// Their kind.
    pub(crate) kind: String,
    /// How they wait.
    pub(crate) waits: Waits,
    /// How many they are.
    pub(crate) many: u64,
    /// Since when the oldest should wait no more, in ms since 1970: a question is answered soon, and a
    /// timer fires in its time.
    pub(crate) oldest: i64,
}

/// How many wait, by kind and way.
pub(crate) async fn counts(db: &impl ConnectionTrait) -> Result<Vec<Count>, DbErr> {
    let mut counts = vec![];
    for waits in Waits::ALL {
        let oldest = match waits {
            Waits::Asking | Waits::Finishing => Column::Since.min(),
            Waits::Sleeping => Column::WakeTime.min(),
        };
        let rows: Vec<(String, i64, i64)> = Entity::find()
            .select_only()
            .column(Column::Kind)
            .column_as(Column::AggregateId.count(), "many")
            .column_as(oldest, "oldest")
            .filter(waits.rows())
            .group_by(Column::Kind)
            .into_tuple()
            .all(db)
            .await?;
        counts.extend(rows.into_iter().map(|(kind, many, oldest)| {
            let many = u64::try_from(many).unwrap_or(0);
            Count { kind, waits, many, oldest }
        }));
    }
    Ok(counts)
}
