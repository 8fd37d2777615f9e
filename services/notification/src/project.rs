//! The notifications of a person, as he reads them, from the events of notifications themselves.

use futures::future::BoxFuture;
use jangteo::notification::v1::{NotificationRead, NotificationSent, notification::State};
use jangteo_kit::{
    event::{Event, millis},
    project::{ReadModel, Slot, Unfit, clear},
    store::{Failure, Tx},
};
use sea_orm::{ActiveValue::Set, DbErr};

use crate::store::json;

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "my_notification")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub notification_id: Uuid,
        pub recipient: String,
        pub kind: String,
        pub subject: String,
        /// As JSON.
        #[sea_orm(column_type = "Text")]
        pub arguments: String,
        pub event_time: i64,
        pub state: i64,
        pub create_time: i64,
        pub update_time: i64,
        pub change: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Column, Entity};

/// The read model.
#[derive(Clone, Copy)]
pub(crate) struct Mine;

impl ReadModel for Mine {
    fn name(&self) -> &'static str {
        "notifications"
    }

    fn sources(&self) -> &'static [&'static str] {
        &["notification"]
    }

    fn project<'a>(
        &'a self,
        slot: Slot<'a>,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<(), Failure<Unfit>>> {
        Box::pin(async move {
            match change(event).map_err(Failure::Rejected)? {
                Some(Change::Sent(sent)) => insert(&slot, event, *sent).await,
                Some(Change::Read) => mark_read(&slot, event).await,
                None => Ok(()),
            }
        })
    }

    fn clear<'a>(&'a self, tx: &'a Tx, generation: i64) -> BoxFuture<'a, Result<(), DbErr>> {
        Box::pin(clear::<Entity>(tx, generation))
    }
}

/// What an event says.
enum Change {
    /// Somebody is told of something.
    Sent(Box<NotificationSent>),
    /// He has read it.
    Read,
}

/// What an event says; `None` where it is of no interest.
fn change(event: &Event) -> Result<Option<Change>, Unfit> {
    if let Some(sent) = event.message()? {
        return Ok(Some(Change::Sent(Box::new(sent))));
    }
    Ok(event.message()?.map(|NotificationRead { .. }| Change::Read))
}

/// One that is sent again, after the database was restored from an older copy, tells nothing new: whoever
/// has read it has read it.
async fn insert(
    slot: &Slot<'_>,
    event: &Event,
    sent: NotificationSent,
) -> Result<(), Failure<Unfit>> {
    if slot.read(of(event), Column::NotificationId).await?.is_some() {
        return Ok(());
    }
    let state = if sent.read { State::Read } else { State::Unread };
    let row = ActiveModel {
        recipient: Set(sent.recipient),
        kind: Set(sent.kind),
        subject: Set(sent.subject),
        arguments: Set(json(&sent.arguments.into_iter().collect())),
        event_time: Set(sent.event_time.as_ref().map_or(event.time, millis)),
        state: Set(i32::from(state).into()),
        create_time: Set(event.time),
        update_time: Set(event.time),
        ..of(event)
    };
    Ok(slot.insert(row).await?)
}

async fn mark_read(slot: &Slot<'_>, event: &Event) -> Result<(), Failure<Unfit>> {
    let row = ActiveModel {
        state: Set(i32::from(State::Read).into()),
        update_time: Set(event.time),
        ..of(event)
    };
    if slot.update(row).await? {
        return Ok(());
    }
    let why = format!("notification {} was never sent", event.aggregate_id);
    Err(Failure::Rejected(Unfit(why)))
}

/// The row of the notification that an event is of.
fn of(event: &Event) -> ActiveModel {
    ActiveModel { notification_id: Set(event.aggregate_id), ..Default::default() }
}
