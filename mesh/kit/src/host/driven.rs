//! A context that somebody else drives: a simulation, which turns the loops that a host turns by itself
//! and decides what comes when.

mod restored;
mod turn;

use std::{collections::BTreeSet, sync::Arc};

use axum::Router;
use bytes::Bytes;
use futures::future::BoxFuture;
use http::uri::PathAndQuery;
use sea_orm::DbErr;
use tonic::{Request, Response, Status, client::Grpc};
use uuid::Uuid;

use crate::{
    config::Settings,
    context::Context,
    event::Event,
    inbox::{Aside, Consumer, Follower, Letter, Remedied, Remedy, letters, remedied, take},
    peer::{Ask, Raw},
    project::{Projector, start_rebuild},
    saga::Saga,
    server::Services,
    service::Service,
    store::{Failure, Migrations, Never, Row, Store},
};

pub use crate::journal::Key;

/// One context, on whatever store.
pub struct Driven {
    context: Context,
    routes: Router,
    followers: Arc<[Arc<dyn Follower>]>,
    models: Vec<&'static str>,
    sagas: Vec<Arc<dyn Saga>>,
    migrations: Migrations,
}

impl Driven {
    /// Puts a context together; nothing in it runs by itself. Events come to its policies and read models
    /// `through` somebody.
    pub fn new(
        service: Service,
        store: Store,
        settings: Arc<Settings>,
        peers: Arc<dyn Ask>,
        through: impl Fn(Arc<dyn Follower>) -> Arc<dyn Follower>,
    ) -> Self {
        let context = Context::new(store, settings, peers);
        let mut services = Services::new();
        for mount in service.mounts {
            services = mount(services, context.clone());
        }
        let names = service.models.iter().map(|model| model.name()).collect();
        let models = service.models.into_iter().map(|model| Arc::new(Projector(model)) as Arc<_>);
        let policies = (!service.policies.is_empty()).then(|| Arc::new(service.policies) as Arc<_>);
        Self {
            context,
            routes: services.bare(),
            followers: models.chain(policies).map(through).collect(),
            models: names,
            sagas: service.sagas,
            migrations: service.migrations,
        }
    }

    /// Brings the schema of its database up to date, where it has one.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        self.context.store().migrate(self.migrations).await
    }

    /// Another replica may have written something: who waits for it looks again, as he would before long.
    pub fn look_again(&self) {
        self.context.moved();
    }

    /// Whether its database, if it is SQLite, is being asked anything just now.
    pub fn is_busy(&self) -> bool {
        self.context.store().is_busy()
    }

    /// The contexts that it follows.
    pub fn sources(&self) -> BTreeSet<&'static str> {
        self.followers.iter().flat_map(|follower| follower.sources()).copied().collect()
    }

    /// All that follows a source.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn consumers(&self, source: &str) -> Result<Vec<Consumer>, Failure<Never>> {
        let mut all = vec![];
        for follower in self.followers.iter().filter(|one| one.sources().contains(&source)) {
            all.extend(follower.consumers(&self.context).await?);
        }
        Ok(all)
    }

    /// The names of its read models.
    pub fn models(&self) -> &[&'static str] {
        &self.models
    }

    /// Starts a new generation of a read model, unless one is being built.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn rebuild(&self, model: &'static str) -> Result<(), Failure<Never>> {
        start_rebuild(&self.context, model).await.map(drop)
    }

    /// Lets generations take over that have compared all of their sources, where they know no less.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn take_over(&self) -> Result<(), Failure<Never>> {
        for follower in self.followers.iter() {
            for consumer in follower.consumers(&self.context).await? {
                if consumer.building.is_some() && self.has_compared(&**follower, &consumer).await? {
                    follower.compared(&self.context, &consumer).await?;
                }
            }
        }
        Ok(())
    }

    async fn has_compared(
        &self,
        follower: &dyn Follower,
        consumer: &Consumer,
    ) -> Result<bool, Failure<Never>> {
        for source in follower.sources() {
            if self.position(&consumer.name, source).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Calls one of its RPCs. The request has its caller, and when he stops waiting, in its extensions;
    /// nobody checks whether he may.
    ///
    /// # Errors
    /// What the RPC answers.
    pub fn call(
        &self,
        path: PathAndQuery,
        request: Request<Bytes>,
    ) -> BoxFuture<'static, Result<Response<Bytes>, Status>> {
        let mut client = Grpc::new(self.routes.clone());
        Box::pin(async move {
            let Ok(()) = client.ready().await;
            client.unary(request, path, Raw).await
        })
    }

    /// Takes in events of one source.
    ///
    /// # Errors
    /// They have to come again.
    pub async fn take(&self, source: &str, events: Vec<Event>) -> Result<(), Failure<Never>> {
        take(&self.context, &self.followers, source, events).await
    }

    /// Goes on with what was set aside, until nothing is left.
    ///
    /// # Errors
    /// It has to be tried again.
    pub async fn go_on(&self) -> Result<(), Failure<Never>> {
        let mut aside = Aside::of(self.context.clone(), self.followers.clone());
        while aside.share().await? {}
        Ok(())
    }

    /// The places of the events that can't be applied.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn parked(&self) -> Result<Vec<Letter>, Failure<Never>> {
        letters(self.context.store()).await
    }

    /// Tries one of them again.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn redrive(&self, letter: &Letter) -> Result<Remedied, Failure<Never>> {
        remedied(&self.context, &self.followers, letter, Remedy::Redrive).await
    }

    /// An older state of an aggregate under the numbers of its newest row: a bug that is planted.
    pub fn aged(&self, kind: &str, older: &Row, newest: &Row) -> Option<Row> {
        self.sagas.iter().find(|saga| saga.kind() == kind)?.aged(older, newest)
    }

    /// Wakes an aggregate whose time has come; answers what asking its peer takes.
    ///
    /// # Errors
    /// It has to be tried again.
    pub async fn wake(
        &self,
        kind: &str,
        id: Uuid,
    ) -> Result<Option<BoxFuture<'static, ()>>, Failure<Never>> {
        match self.sagas.iter().find(|saga| saga.kind() == kind) {
            Some(saga) => saga.wake(self.context.clone(), id).await,
            None => Ok(None),
        }
    }
}
