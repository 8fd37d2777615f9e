//! Follows a seller's sales: what is there, then every change, each with a token to resume after it.

use std::{collections::VecDeque, time::Duration};

use futures::{StreamExt, stream, stream::BoxStream};
use jangteo::{
    errors::Refusal,
    view::v1::{
        WatchMySalesResponse,
        watch_my_sales_response::{Change, Reset},
    },
};
use jangteo_kit::{
    context::{Changes, Context},
    project::serving,
    status::failed,
    store::Never,
};
use tonic::{Code, Status};

use super::{database, queries};
use crate::project::my_sales::entity::Model;

/// Another replica may project: look by oneself as often as this.
const LOOK: Duration = Duration::from_millis(500);

/// Where a watcher is: the generation he reads and the last change he saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    generation: i64,
    change: i64,
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
struct Watcher {
    context: Context,
    seller: String,
    place: Option<Place>,
    waiting: VecDeque<WatchMySalesResponse>,
    changes: Changes,
}

/// The changes of a seller's sales after `place`, without end.
pub(super) fn changes(
    context: Context,
    seller: String,
    place: Option<Place>,
) -> BoxStream<'static, Result<WatchMySalesResponse, Status>> {
    let changes = context.changes();
    let watcher = Watcher { context, seller, place, waiting: VecDeque::new(), changes };
    stream::try_unfold(watcher, |mut watcher| async move {
        let next = watcher.next().await?;
        Ok(Some((next, watcher)))
    })
    .boxed()
}

impl Watcher {
    async fn next(&mut self) -> Result<WatchMySalesResponse, Status> {
        loop {
            if let Some(next) = self.waiting.pop_front() {
                return Ok(next);
            }
            self.changes.looking();
            self.look().await?;
            if self.waiting.is_empty() {
                self.changes.wait(LOOK).await.map_err(failed)?;
            }
        }
    }

    /// Reads what has changed; a watcher of another generation begins anew.
    async fn look(&mut self) -> Result<(), Status> {
        let db = self.context.store().reader().map_err(failed)?;
        let generation = serving::<Never>(db, "my_sales").await.map_err(failed)?.number;
        let place = match self.place {
            Some(place) if place.generation == generation => place,
            _ => {
                let start = Place { generation, change: 0 };
                self.waiting.push_back(response(Change::Reset(Reset {}), start));
                start
            }
        };
        let rows = queries::changed(db, generation, &self.seller, place.change).await;
        let rows = rows.map_err(database)?;
        self.place = Some(rows.last().map_or(place, |last| Place { change: last.change, ..place }));
        self.waiting.extend(rows.into_iter().map(|row| changed(row, generation)));
        Ok(())
    }
}

fn changed(row: Model, generation: i64) -> WatchMySalesResponse {
    let place = Place { generation, change: row.change };
    let change = if row.removed {
        Change::RemovedPostId(row.post_id.to_string())
    } else {
        Change::Sale(queries::shown(row))
    };
    response(change, place)
}

fn response(change: Change, place: Place) -> WatchMySalesResponse {
    WatchMySalesResponse { change: Some(change), resume_token: place.token() }
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
