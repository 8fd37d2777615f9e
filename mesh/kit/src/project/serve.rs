//! Serves a read model: who asks, from which generation, and since when.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use futures::stream::BoxStream;
use sea_orm::{DatabaseConnection, DbErr};
use tonic::{Request, Status};

use super::{Place, ReadModel, Watched, generation::serving, see::wait_for, watch::Watching};
use crate::{
    auth::Caller,
    context::Context,
    execute,
    status::failed,
    store::{Failure, Never},
    token,
};

/// A read model of a context, as its queries read it. Cheap to clone.
#[derive(Clone)]
pub struct Served<M> {
    context: Context,
    model: M,
    /// The generation that served when it was last looked up; 0: it never was.
    generation: Arc<AtomicI64>,
}

impl<M: ReadModel + Clone> Served<M> {
    /// A read model of this context.
    pub fn new(context: Context, model: M) -> Self {
        Self { context, model, generation: Arc::default() }
    }

    /// Who asks, once the read model has seen what his token names.
    ///
    /// # Errors
    /// Those of [`wait_for`]; a token that is none.
    pub async fn caller<T>(&self, request: &Request<T>) -> Result<Caller, Status> {
        let seen = token::of_request(request.metadata())?;
        wait_for(&self.context, &self.model, &seen).await?;
        Ok(execute::caller(request))
    }

    /// The person who asks, once the read model has seen what his token names.
    ///
    /// # Errors
    /// Those of [`Served::caller`].
    pub async fn person<T>(&self, request: &Request<T>) -> Result<String, Status> {
        execute::user(&self.caller(request).await?)
    }

    /// Reads a row with one statement. A generation that is replaced takes its rows along in the same
    /// commit: where a row is found, its generation served. Where none is, [`Served::read`] knows.
    ///
    /// # Errors
    /// Those of `find`; the database can't be reached.
    pub async fn find<'a, T, F>(
        &'a self,
        find: impl Fn(&'a DatabaseConnection, i64) -> F + Send + Sync,
    ) -> Result<Option<T>, Status>
    where
        T: Send,
        F: Future<Output = Result<Option<T>, DbErr>> + Send,
    {
        let db = self.context.store().reader().map_err(failed)?;
        let known = self.generation.load(Ordering::Relaxed);
        match find(db, known).await {
            Ok(Some(row)) => Ok(Some(row)),
            Ok(None) | Err(_) => self.read(find).await,
        }
    }

    /// Reads from the generation that serves: from the one that did at the last read, since a later one
    /// is rare. One that was replaced has taken its rows along: what was read of it is read again.
    ///
    /// # Errors
    /// Those of `read`; the database can't be reached.
    pub async fn read<'a, T, F>(
        &'a self,
        read: impl Fn(&'a DatabaseConnection, i64) -> F + Send + Sync,
    ) -> Result<T, Status>
    where
        T: Send,
        F: Future<Output = Result<T, DbErr>> + Send,
    {
        let db = self.context.store().reader().map_err(failed)?;
        let mut generation = match self.generation.load(Ordering::Relaxed) {
            0 => self.look_up(db).await?,
            known => known,
        };
        loop {
            let answer = read(db, generation).await;
            let now = self.look_up(db).await?;
            if now == generation {
                return answer.map_err(|error| failed(Failure::<Never>::Database(error)));
            }
            generation = now;
        }
    }

    /// Everything that `watched` is about, then its changes, without end; or only the changes after
    /// `resume_token`.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, `RESUME_TOKEN_INVALID`.
    pub fn watch<W: Watched>(
        &self,
        watched: W,
        resume_token: &str,
    ) -> Result<BoxStream<'static, Result<W::Answer, Status>>, Status> {
        let place = Place::parse(resume_token)?;
        Ok(Watching::new(self.context.clone(), self.model.name(), watched, place).stream())
    }

    async fn look_up(&self, db: &DatabaseConnection) -> Result<i64, Status> {
        let now = serving::<Never>(db, self.model.name()).await.map_err(failed)?.number;
        self.generation.store(now, Ordering::Relaxed);
        Ok(now)
    }
}
