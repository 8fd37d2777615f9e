//! Entries of a timeline, oldest first.

use std::collections::HashMap;

use jangteo::view::v1::TimelineEntry;
use jangteo_kit::{event::timestamp, page::PageToken};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use tonic::Status;
use uuid::Uuid;

use crate::project::timeline::{
    entity::{Column, Entity, Model},
    person,
};

/// An entry, and the people whom it names.
pub(super) type Row = (Model, Vec<String>);

/// Which entries are wanted.
pub(super) struct Wanted {
    pub(super) correlation: Uuid,
    /// Only those that name this person.
    pub(super) naming: Option<String>,
}

impl Wanted {
    /// Names the list that these entries make.
    pub(super) fn scope(&self) -> String {
        format!("timeline/{}/{}", self.correlation, self.naming.as_deref().unwrap_or_default())
    }

    fn select(&self, generation: i64) -> Select<Entity> {
        let all = Entity::find()
            .filter(Column::Generation.eq(generation))
            .filter(Column::CorrelationId.eq(self.correlation));
        let Some(person) = &self.naming else { return all };
        let naming = person::Entity::find()
            .select_only()
            .column(person::Column::EventId)
            .filter(person::Column::Generation.eq(generation))
            .filter(person::Column::CorrelationId.eq(self.correlation))
            .filter(person::Column::Person.eq(person));
        all.filter(Column::EventId.in_subquery(naming.into_query()))
    }
}

/// Where an entry stands among the others: of one aggregate in its order, else by time.
#[derive(Clone, Debug)]
pub(super) struct Place(
    pub(super) i64,
    pub(super) String,
    pub(super) String,
    pub(super) Uuid,
    pub(super) i64,
);

impl Place {
    pub(super) fn of(row: &Model) -> Self {
        Self(row.time, row.context.clone(), row.kind.clone(), row.aggregate_id, row.sequence)
    }

    /// The place that a page token tells.
    pub(super) fn of_token(mut token: PageToken) -> Result<Self, Status> {
        Ok(Self(token.take()?, token.take()?, token.take()?, token.take()?, token.take()?))
    }

    /// Adds the place to a page token.
    pub(super) fn onto(self, token: PageToken) -> PageToken {
        let Self(time, context, kind, aggregate, sequence) = self;
        token.with(time).with(context).with(kind).with(aggregate).with(sequence)
    }
}

/// The first entries of those wanted; those that come after a place, if it is given.
pub(super) async fn some(
    db: &DatabaseConnection,
    generation: i64,
    wanted: &Wanted,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<Row>, DbErr> {
    let order =
        (Column::Time, Column::Context, Column::Kind, Column::AggregateId, Column::Sequence);
    let mut find = wanted.select(generation);
    if let Some(Place(time, ..)) = &after {
        // The place says it too, but no index is found by it.
        find = find.filter(Column::Time.gte(*time));
    }
    let mut find = find.cursor_by(order);
    if let Some(Place(time, context, kind, aggregate, sequence)) = after {
        find.after((time, context, kind, aggregate, sequence));
    }
    let entries = find.first(limit).all(db).await?;
    let mut people = people(db, generation, &entries).await?;
    let with_people = |entry: Model| {
        let people = people.remove(&entry.event_id).unwrap_or_default();
        (entry, people)
    };
    Ok(entries.into_iter().map(with_people).collect())
}

/// The people whom each of these entries names.
async fn people(
    db: &DatabaseConnection,
    generation: i64,
    entries: &[Model],
) -> Result<HashMap<Uuid, Vec<String>>, DbErr> {
    let rows = person::Entity::find()
        .filter(person::Column::Generation.eq(generation))
        .filter(person::Column::EventId.is_in(entries.iter().map(|entry| entry.event_id)))
        .order_by_asc(person::Column::Person)
        .all(db)
        .await?;
    let mut people: HashMap<Uuid, Vec<String>> = HashMap::new();
    for row in rows {
        people.entry(row.event_id).or_default().push(row.person);
    }
    Ok(people)
}

/// A row as clients see it.
pub(super) fn shown((row, people): Row) -> TimelineEntry {
    TimelineEntry {
        id: row.event_id.to_string(),
        correlation_id: row.correlation_id.to_string(),
        time: Some(timestamp(row.time)),
        context: row.context,
        kind: row.kind,
        aggregate_id: row.aggregate_id.to_string(),
        sequence: row.sequence,
        event: row.event,
        causation_id: row.causation_id.to_string(),
        people,
    }
}
