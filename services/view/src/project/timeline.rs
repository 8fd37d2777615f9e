//! Timelines: every event of every context, by correlation id, with the people whom it names.

use futures::future::BoxFuture;
use jangteo::people;
use jangteo_kit::{
    event::Event,
    project::{ReadModel, Slot, Unfit, clear},
    store::{Failure, Tx},
};
use sea_orm::{ActiveValue::Set, DbErr};

use super::unfit;

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "timeline_entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
        pub correlation_id: Uuid,
        pub time: i64,
        pub context: String,
        pub kind: String,
        pub aggregate_id: Uuid,
        pub sequence: i64,
        pub event: String,
        pub causation_id: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Entity};

/// Who is named by an entry.
pub(crate) mod person {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "timeline_person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: String,
        pub correlation_id: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The read model.
#[derive(Clone, Copy)]
pub(crate) struct Timeline;

impl ReadModel for Timeline {
    fn name(&self) -> &'static str {
        "timeline"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "post",
            "offer",
            "deal",
            "inventory",
            "order",
            "store",
            "delivery",
            "item",
            "rental",
            "payment",
            "provider",
            "review",
            "notification",
        ]
    }

    fn project<'a>(
        &'a self,
        slot: Slot<'a>,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<(), Failure<Unfit>>> {
        Box::pin(async move {
            let people = people(event)?;
            slot.insert(entry(event)).await?;
            Ok(slot.insert_all(people).await?)
        })
    }

    fn clear<'a>(&'a self, tx: &'a Tx, generation: i64) -> BoxFuture<'a, Result<(), DbErr>> {
        Box::pin(async move {
            clear::<Entity>(tx, generation).await?;
            clear::<person::Entity>(tx, generation).await
        })
    }
}

fn entry(event: &Event) -> ActiveModel {
    ActiveModel {
        event_id: Set(event.id()),
        correlation_id: Set(event.correlation_id),
        time: Set(event.time),
        context: Set(event.context.clone()),
        kind: Set(event.kind.clone()),
        aggregate_id: Set(event.aggregate_id),
        sequence: Set(event.sequence),
        event: Set(event.name().to_owned()),
        causation_id: Set(event.causation_id),
        ..Default::default()
    }
}

/// The rows of the people whom an event names.
fn people(event: &Event) -> Result<Vec<person::ActiveModel>, Failure<Unfit>> {
    let named = people::named(&event.type_name, &event.payload);
    let named = named.map_err(|error| unfit(error.to_string()))?;
    let row = |person| person::ActiveModel {
        event_id: Set(event.id()),
        person: Set(person),
        correlation_id: Set(event.correlation_id),
        ..Default::default()
    };
    Ok(named.into_iter().map(row).collect())
}
