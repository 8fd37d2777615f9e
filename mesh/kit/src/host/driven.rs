//! A context that somebody else drives: a simulation, which turns the loops that a host turns by itself
//! and decides what comes when.

mod turn;

use std::sync::Arc;

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
    inbox::{Aside, Follower, Letter, Remedied, Remedy, letters, remedied, take},
    peer::{Ask, Raw},
    saga::Saga,
    server::Services,
    service::Service,
    store::{Failure, Migrations, Never, Row, Store},
};

pub use crate::journal::Key;

/// One context, on whatever store. What its policies follow is taken in; its read models are not filled.
pub struct Driven {
    context: Context,
    routes: Router,
    policies: Arc<[Arc<dyn Follower>]>,
    sagas: Vec<Arc<dyn Saga>>,
    migrations: Migrations,
}

impl Driven {
    /// Puts a context together; nothing in it runs by itself. Events come to its policies `through`
    /// somebody.
    pub fn new(
        service: Service,
        store: Store,
        settings: Arc<Settings>,
        peers: Arc<dyn Ask>,
        through: impl FnOnce(Arc<dyn Follower>) -> Arc<dyn Follower>,
    ) -> Self {
        let context = Context::new(store, settings, peers);
        let mut services = Services::new();
        for mount in service.mounts {
            services = mount(services, context.clone());
        }
        let policies: Option<Arc<dyn Follower>> =
            (!service.policies.is_empty()).then(|| through(Arc::new(service.policies)));
        Self {
            context,
            routes: services.bare(),
            policies: policies.into_iter().collect(),
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

    /// The contexts that its policies follow.
    pub fn sources(&self) -> &[&'static str] {
        self.policies.first().map_or(&[], |policies| policies.sources())
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
        take(&self.context, &self.policies, source, events).await
    }

    /// Goes on with what was set aside, until nothing is left.
    ///
    /// # Errors
    /// It has to be tried again.
    pub async fn go_on(&self) -> Result<(), Failure<Never>> {
        let mut aside = Aside::of(self.context.clone(), self.policies.clone());
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
        remedied(&self.context, &self.policies, letter, Remedy::Redrive).await
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
