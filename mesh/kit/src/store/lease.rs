//! The lease: which replica runs the background work of a database. It saves work and nothing
//! more: a late holder is harmless.

use std::time::Duration;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, sea_query::Expr,
};
use uuid::Uuid;

use super::{Failure, Never, Store, Tx, now_ms, raced};

/// The one lease of a database.
const WORK: &str = "work";

/// One replica's claim on the background work.
pub struct Lease {
    store: Store,
    holder: Uuid,
    length: Duration,
}

impl Lease {
    /// A claim that is not made yet.
    pub fn new(store: Store, holder: Uuid, length: Duration) -> Self {
        Self { store, holder, length }
    }

    /// Takes the lease, or keeps it; false while another replica holds it.
    ///
    /// # Errors
    /// The database can't be reached: the lease must count as lost.
    pub async fn renew(&self) -> Result<bool, Failure<Never>> {
        let (holder, ms) =
            (self.holder, i64::try_from(self.length.as_millis()).unwrap_or(i64::MAX));
        self.store.unit(move |tx| Box::pin(claim(tx, holder, ms))).await
    }

    /// Lets another replica have it at once.
    ///
    /// # Errors
    /// The database can't be reached: the lease runs out by itself.
    pub async fn release(&self) -> Result<(), Failure<Never>> {
        let holder = self.holder;
        self.store.unit(move |tx| Box::pin(async move { Ok(let_go(tx, holder).await?) })).await
    }
}

async fn claim(tx: &Tx, holder: Uuid, ms: i64) -> Result<bool, Failure<Never>> {
    let now = now_ms(tx).await?;
    let free =
        Condition::any().add(entity::Column::Holder.eq(holder)).add(entity::Column::Until.lt(now));
    let taken = entity::Entity::update_many()
        .col_expr(entity::Column::Holder, Expr::value(holder))
        .col_expr(entity::Column::Until, Expr::value(now.saturating_add(ms)))
        .filter(entity::Column::Name.eq(WORK))
        .filter(free)
        .exec(tx)
        .await?;
    if taken.rows_affected > 0 {
        return Ok(true);
    }
    // Asked by itself: whether an insert found its row there, the databases count differently.
    if entity::Entity::find_by_id(WORK).one(tx).await?.is_some() {
        return Ok(false);
    }
    let first = entity::ActiveModel {
        name: Set(WORK.to_owned()),
        holder: Set(holder),
        until: Set(now.saturating_add(ms)),
    };
    entity::Entity::insert(first).exec_without_returning(tx).await.map_err(raced)?;
    Ok(true)
}

async fn let_go(tx: &Tx, holder: Uuid) -> Result<(), DbErr> {
    entity::Entity::update_many()
        .col_expr(entity::Column::Until, Expr::value(0i64))
        .filter(entity::Column::Name.eq(WORK))
        .filter(entity::Column::Holder.eq(holder))
        .exec(tx)
        .await
        .map(drop)
}

mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "lease")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub holder: Uuid,
        pub until: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
