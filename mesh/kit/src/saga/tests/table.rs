//! How errands and shelves lie in their tables.

use sea_orm::{DbErr, sea_query::ColumnDef};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait};

use super::errand::{Errand, Plan, Rejection, Shown, Stage};
use crate::{
    execute::{Stored, Versioned},
    store::schema::{Index, aggregate, name, number},
};

pub(super) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Migration)]
}

struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261121_000901_errand"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let errands = aggregate(manager, "errand")
            .col(ColumnDef::new("slot").string_len(64))
            .col(number("question_limit"))
            .col(ColumnDef::new("remind").big_integer())
            .col(name("stage"))
            .col(ColumnDef::new("why").text())
            .take();
        manager.create_table(errands).await?;
        Index::unique("errand", "errand_slot", &["slot"]).create(manager).await?;
        let shelves = aggregate(manager, "shelf")
            .col(name("mood"))
            .col(number("taken"))
            .col(number("freed"))
            .take();
        manager.create_table(shelves).await
    }
}

mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "errand")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub slot: Option<String>,
        pub question_limit: i64,
        pub remind: Option<i64>,
        pub stage: String,
        pub why: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Errand {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = Shown;

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let head = crate::head!(row);
        let plan = Plan { slot: row.slot, limit: row.question_limit, remind: row.remind };
        let stage = stage(&row.stage, row.why.as_deref())?;
        Ok(Versioned { state: Self { id: row.id, plan, stage }, head })
    }

    fn write(Versioned { state, head }: &Versioned<Self>) -> entity::ActiveModel {
        crate::row!(entity::ActiveModel of head {
            slot: state.plan.slot.clone(),
            question_limit: state.plan.limit,
            remind: state.plan.remind,
            stage: state.stage.name().to_owned(),
            why: why(&state.stage),
        })
    }

    fn reply(errand: &Versioned<Self>) -> Shown {
        Shown { stage: errand.state.stage.name().to_owned() }
    }

    fn taken(what: &str) -> Option<Rejection> {
        what.contains("slot").then_some(Rejection::SlotTaken)
    }
}

fn stage(name: &str, why: Option<&str>) -> Result<Stage, String> {
    let why = || {
        let why = why.ok_or("nobody knows why")?;
        serde_json::from_str(why).map_err(|error| error.to_string())
    };
    Ok(match name {
        "first" => Stage::First,
        "second" => Stage::Second,
        "done" => Stage::Done,
        "insisting" => Stage::Insisting,
        "telling" => Stage::Telling,
        "reminded" => Stage::Reminded,
        "undoing" => Stage::Undoing(why()?),
        "undoing first" => Stage::UndoingFirst(why()?),
        "undone" => Stage::Undone(why()?),
        "closed" => Stage::Closed,
        other => return Err(format!("no stage: {other}")),
    })
}

fn why(stage: &Stage) -> Option<String> {
    match stage {
        Stage::Undoing(why) | Stage::UndoingFirst(why) | Stage::Undone(why) => {
            Some(serde_json::to_string(why).expect("it is plain data"))
        }
        _ => None,
    }
}
