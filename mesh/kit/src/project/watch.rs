//! Watches a read model: what is there, then every change, each with a token to resume after it.

use std::{collections::VecDeque, time::Duration};

use futures::{StreamExt, future::BoxFuture, stream, stream::BoxStream};
use sea_orm::{DatabaseConnection, DbErr};
use tonic::{Code, Status};

use jangteo::errors::Refusal;

use super::generation::serving;
use crate::{
    context::{Changes, Context},
    status::failed,
    store::{Failure, Never},
};

/// Another replica may project: look by oneself as often as this.
const LOOK: Duration = Duration::from_millis(500);

/// Where a watcher is: the generation he reads and the last change he saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The generation of rows.
    pub generation: i64,
    /// The number of the last change.
    pub change: i64,
}

/// What a watcher is told.
#[derive(Debug)]
pub enum Told<R> {
    /// Everything follows from the beginning.
    Reset,
    /// This row is new, or has changed.
    Row(R),
}

/// What somebody watches of a read model.
pub trait Watched: Send + Sync + 'static {
    /// A row of it.
    type Row: Send;
    /// The message that tells of a change.
    type Answer: Send + 'static;

    /// A page of the rows that changed after `place`, in the order of their changes.
    fn changed<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        place: Place,
    ) -> BoxFuture<'a, Result<Vec<Self::Row>, DbErr>>;

    /// The number of a row's last change.
    fn change(row: &Self::Row) -> i64;

    /// Tells of a change.
    fn answer(told: Told<Self::Row>, resume_token: String) -> Self::Answer;
}

impl Place {
    /// Reads a resume token; an empty one begins with everything.
    pub(super) fn parse(token: &str) -> Result<Option<Self>, Status> {
        if token.is_empty() {
            return Ok(None);
        }
        let numbers = token.split_once('.').and_then(|(generation, change)| {
            Some(Self { generation: generation.parse().ok()?, change: change.parse().ok()? })
        });
        numbers.map(Some).ok_or_else(|| {
            let said = "resume_token is not one of ours: send the last one you got, or none";
            Refusal::new(Code::InvalidArgument, "RESUME_TOKEN_INVALID", said)
                .violation("resume_token", "RESUME_TOKEN_INVALID", said)
                .into()
        })
    }

    fn token(self) -> String {
        format!("{}.{}", self.generation, self.change)
    }
}

/// One watcher's way through the changes.
pub(super) struct Watching<W: Watched> {
    context: Context,
    model: &'static str,
    watched: W,
    place: Option<Place>,
    waiting: VecDeque<W::Answer>,
    changes: Changes,
}

impl<W: Watched> Watching<W> {
    pub(super) fn new(
        context: Context,
        model: &'static str,
        watched: W,
        place: Option<Place>,
    ) -> Self {
        let changes = context.changes();
        Self { context, model, watched, place, waiting: VecDeque::new(), changes }
    }

    /// The changes after the place, without end.
    pub(super) fn stream(self) -> BoxStream<'static, Result<W::Answer, Status>> {
        stream::try_unfold(self, |mut watching| async move {
            let next = watching.next().await?;
            Ok(Some((next, watching)))
        })
        .boxed()
    }

    async fn next(&mut self) -> Result<W::Answer, Status> {
        loop {
            if let Some(next) = self.waiting.pop_front() {
                return Ok(next);
            }
            self.changes.looking();
            self.look().await.map_err(failed)?;
            if self.waiting.is_empty() {
                self.changes.wait(LOOK).await.map_err(failed)?;
            }
        }
    }

    /// Reads what has changed; a watcher of another generation begins anew.
    async fn look(&mut self) -> Result<(), Failure<Never>> {
        let db = self.context.store().reader()?;
        let generation = serving::<Never>(db, self.model).await?.number;
        let place = match self.place {
            Some(place) if place.generation == generation => place,
            _ => {
                let start = Place { generation, change: 0 };
                self.waiting.push_back(W::answer(Told::Reset, start.token()));
                start
            }
        };
        let rows = self.watched.changed(db, place).await?;
        let last = rows.last().map_or(place.change, W::change);
        self.place = Some(Place { change: last, ..place });
        self.waiting.extend(rows.into_iter().map(|row| {
            let place = Place { change: W::change(&row), ..place };
            W::answer(Told::Row(row), place.token())
        }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resume_token_comes_back_as_it_was_given() {
        let place = Place { generation: 2, change: 17 };
        assert_eq!(Place::parse(&place.token()).unwrap(), Some(place));
        assert_eq!(Place::parse("").unwrap(), None);
        assert_eq!(Place::parse("x.y").unwrap_err().code(), Code::InvalidArgument);
    }
}
