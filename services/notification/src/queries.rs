//! Rows of a person's notifications, newest first: by the time of what happened, then by id.

use jangteo::notification::v1::{Language, Notification, notification::State};
use jangteo_kit::{event::timestamp, page::PageToken, project::Place};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use tonic::Status;
use uuid::Uuid;

use crate::{
    domain::Kind,
    project::entity::{Column, Entity, Model},
    text::text,
};

/// Changes that whoever watches is told of at a time.
const CHANGES: u64 = 500;

/// Which notifications a person wants to see.
pub(crate) struct Wanted {
    pub(crate) recipient: String,
    pub(crate) state: State,
}

/// The last notification of a page: when it happened, and its id.
pub(crate) type Last = (i64, Uuid);

impl Wanted {
    /// Where the last page of this list ended, if there was one.
    pub(crate) fn after(&self, page_token: &str) -> Result<Option<Last>, Status> {
        let token = PageToken::parse(&self.scope(), page_token)?;
        token.map(|mut token| Ok((token.take()?, token.take()?))).transpose()
    }

    /// The token of a page of this list that ends with `last`.
    pub(crate) fn token(&self, last: &Model) -> PageToken {
        PageToken::new(&self.scope()).with(last.event_time).with(last.notification_id)
    }

    fn scope(&self) -> String {
        format!("notifications/{}\n{}", self.recipient, self.state.as_str_name())
    }

    fn select(&self, generation: i64) -> Select<Entity> {
        let find = of(generation, &self.recipient);
        match self.state {
            State::Unspecified => find,
            state => find.filter(Column::State.eq(i32::from(state))),
        }
    }
}

fn of(generation: i64, recipient: &str) -> Select<Entity> {
    Entity::find().filter(Column::Generation.eq(generation)).filter(Column::Recipient.eq(recipient))
}

/// The first notifications of those wanted; those that come after one of them, if it is given.
pub(crate) async fn some(
    db: &DatabaseConnection,
    generation: i64,
    wanted: &Wanted,
    after: Option<Last>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut find = wanted.select(generation);
    if let Some((time, id)) = after {
        let same_time =
            Condition::all().add(Column::EventTime.eq(time)).add(Column::NotificationId.lt(id));
        find = find.filter(Condition::any().add(Column::EventTime.lt(time)).add(same_time));
    }
    let newest = find.order_by_desc(Column::EventTime).order_by_desc(Column::NotificationId);
    newest.limit(limit).all(db).await
}

/// The person's rows that changed after `place`, in the order of their changes.
pub(crate) async fn changed(
    db: &DatabaseConnection,
    recipient: &str,
    place: Place,
) -> Result<Vec<Model>, DbErr> {
    let later = of(place.generation, recipient).filter(Column::Change.gt(place.change));
    later.order_by_asc(Column::Change).limit(CHANGES).all(db).await
}

/// A row as its reader sees it. A kind that only another version of this program knows has no text.
pub(crate) fn shown(row: Model, language: Language) -> Notification {
    let arguments = serde_json::from_str(&row.arguments).unwrap_or_default();
    let text = Kind::parse(&row.kind).map(|kind| text(kind, &arguments, language));
    Notification {
        id: row.notification_id.to_string(),
        recipient: row.recipient,
        kind: row.kind,
        subject: row.subject,
        text: text.unwrap_or_default(),
        state: i32::try_from(row.state).unwrap_or_default(),
        event_time: Some(timestamp(row.event_time)),
        create_time: Some(timestamp(row.create_time)),
        update_time: Some(timestamp(row.update_time)),
    }
}

#[cfg(test)]
mod tests;
