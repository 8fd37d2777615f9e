//! What an event of another context sets going among the aggregates of one kind.

use std::sync::Arc;

use futures::future::BoxFuture;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Iterable, PrimaryKeyToColumn, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use crate::{
    event::{Event, Unfit},
    execute::{Cause, Follows, Index as _, Stored, Target, Versioned, apply},
    status::Reject,
    store::{Failure, Tx},
};

/// Follows other contexts for the aggregates of one kind.
pub(super) trait Policy: Send + Sync {
    /// The contexts whose events it follows.
    fn sources(&self) -> &'static [&'static str];

    /// What an event sets going.
    fn orders(&self, event: &Event) -> Result<Vec<Box<dyn Order>>, Unfit>;
}

/// Where commands of a policy are executed.
#[derive(Clone, Copy)]
pub(super) struct Desk<'a> {
    /// The transaction of the event's gate.
    pub(super) tx: &'a Tx,
    /// The context whose aggregates are told.
    pub(super) context: &'static str,
    /// The event.
    pub(super) cause: &'a Cause,
}

/// A command for some aggregates.
pub(super) trait Order: Send + Sync {
    /// Tells the next ones, by their ids: those after `after`, and no more than there is room for.
    fn tell<'a>(
        &'a self,
        at: Desk<'a>,
        after: Option<Uuid>,
        room: usize,
    ) -> BoxFuture<'a, Result<Told, Failure<Unfit>>>;
}

/// Who was told.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// In the order of their ids.
    pub(super) aggregates: Vec<Uuid>,
    /// Some of them are not what they were.
    pub(super) changed: bool,
}

/// The policy of an aggregate.
pub(super) fn policy<A: Follows>() -> Arc<dyn Policy> {
    Arc::new(Of::<A>(std::marker::PhantomData))
}

struct Of<A>(std::marker::PhantomData<fn() -> A>);

impl<A: Follows> Policy for Of<A> {
    fn sources(&self) -> &'static [&'static str] {
        A::SOURCES
    }

    fn orders(&self, event: &Event) -> Result<Vec<Box<dyn Order>>, Unfit> {
        let order = |(target, command)| Box::new(To::<A> { target, command }) as Box<dyn Order>;
        Ok(A::policy(event)?.into_iter().map(order).collect())
    }
}

struct To<A: Follows> {
    target: Target<A::Index>,
    command: A::Command,
}

impl<A: Follows> Order for To<A> {
    fn tell<'a>(
        &'a self,
        at: Desk<'a>,
        after: Option<Uuid>,
        room: usize,
    ) -> BoxFuture<'a, Result<Told, Failure<Unfit>>> {
        Box::pin(async move {
            let mut told = Told::default();
            let found = self.found(at.tx, after, room).await?;
            let mut rows: Vec<_> =
                found.into_iter().map(|before| (before.head.id, Some(before))).collect();
            rows.extend(self.unborn(after).filter(|_| rows.is_empty()).map(|id| (id, None)));
            for (id, before) in rows {
                let revision = before.as_ref().map_or(0, |before| before.head.revision);
                let next = self.execute(at, id, before).await?;
                told.aggregates.push(id);
                told.changed |= next.head.revision > revision;
            }
            Ok(told)
        })
    }
}

impl<A: Follows> To<A> {
    /// The next aggregates of the target, locked where the database has such locks.
    async fn found(
        &self,
        tx: &Tx,
        after: Option<Uuid>,
        room: usize,
    ) -> Result<Vec<Versioned<A>>, Failure<Unfit>> {
        if let Some(rows) = tx.rows() {
            let all = rows.all::<Versioned<A>>(A::KIND, "").into_iter();
            let next =
                all.filter(|one| self.is_for(one) && after.is_none_or(|id| one.head.id > id));
            return Ok(next.take(room).collect());
        }
        let id = id_of::<A>();
        let target = match &self.target {
            Target::One(one) | Target::Born(one) => Condition::all().add(id.eq(*one)),
            Target::Each(index) => index.select(),
        };
        let rest = Condition::all().add_option(after.map(|last| id.gt(last)));
        let rows = A::Entity::find()
            .filter(target)
            .filter(rest)
            .order_by_asc(id)
            .limit(u64::try_from(room).unwrap_or(u64::MAX))
            .lock_exclusive();
        let read = |row| A::read(row).map_err(Failure::Inconsistent);
        rows.all(tx).await?.into_iter().map(read).collect()
    }

    /// What the query asks for, of one aggregate.
    fn is_for(&self, one: &Versioned<A>) -> bool {
        match &self.target {
            Target::One(id) | Target::Born(id) => one.head.id == *id,
            Target::Each(index) => index.finds(&one.state),
        }
    }

    /// The aggregate that is born if it is not there, and was not told already.
    fn unborn(&self, after: Option<Uuid>) -> Option<Uuid> {
        match self.target {
            Target::Born(id) if after.is_none() => Some(id),
            Target::Born(_) | Target::One(_) | Target::Each(_) => None,
        }
    }

    /// The commands of a policy can't be refused: a rejection is a defect.
    async fn execute(
        &self,
        at: Desk<'_>,
        id: Uuid,
        before: Option<Versioned<A>>,
    ) -> Result<Versioned<A>, Failure<Unfit>> {
        let command = self.command.clone();
        let next = apply::<A>(at.tx, at.context, at.cause, id, before, command).await;
        let unfit = |no: A::Rejection| Unfit(format!("{} {id}: {}", A::KIND, no.reason()));
        next.map_err(|failure| failure.map(|no| Failure::Rejected(unfit(no))))
    }
}

/// The column that is an aggregate's id.
fn id_of<A: Stored>() -> <A::Entity as EntityTrait>::Column {
    let mut key = <A::Entity as EntityTrait>::PrimaryKey::iter();
    key.next().expect("an aggregate's key is its id").into_column()
}
