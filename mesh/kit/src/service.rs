//! What a context declares of itself, and nothing else: the rest is the same for all.

use std::{collections::BTreeSet, convert::Infallible, sync::Arc};

use axum::response::IntoResponse;
use tonic::{body::Body, server::NamedService};

use crate::{
    context::Context,
    execute::{Follows, Stored},
    inbox::{Follower as _, Policies},
    project::ReadModel,
    saga::{self, Saga},
    server::Services,
    store::Migrations,
};

type Mount = Box<dyn Fn(Services, Context) -> Services + Send + Sync>;

/// A bounded context, as `mesh/node` hosts it.
pub struct Service {
    pub(crate) context: &'static str,
    pub(crate) migrations: Migrations,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) models: Vec<Arc<dyn ReadModel>>,
    pub(crate) sagas: Vec<Arc<dyn Saga>>,
    pub(crate) policies: Policies,
}

impl Service {
    /// A context by its name, with the tables it keeps.
    pub fn new(context: &'static str, migrations: Migrations) -> Self {
        Self {
            context,
            migrations,
            mounts: vec![],
            models: vec![],
            sagas: vec![],
            policies: Policies::new(context),
        }
    }

    /// The context's name.
    pub fn context(&self) -> &'static str {
        self.context
    }

    /// The contexts whose events it follows, by name.
    pub fn sources(&self) -> BTreeSet<&'static str> {
        let models = self.models.iter().flat_map(|model| model.sources());
        models.chain(self.policies.sources()).copied().collect()
    }

    /// Serves one of its contracts.
    #[must_use]
    pub fn grpc<S>(mut self, serve: impl Fn(Context) -> S + Send + Sync + 'static) -> Self
    where
        S: tower::Service<http::Request<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Response: IntoResponse,
        S::Future: Send + 'static,
    {
        self.mounts.push(Box::new(move |services, context| services.with(serve(context))));
        self
    }

    /// Fills one of its read models.
    #[must_use]
    pub fn read_model(mut self, model: impl ReadModel) -> Self {
        self.models.push(Arc::new(model));
        self
    }

    /// Keeps an aggregate: asks its peers, wakes it in time, brings it together with its history.
    #[must_use]
    pub fn aggregate<A: Stored>(mut self) -> Self {
        self.sagas.push(saga::of::<A>());
        self
    }

    /// Lets an aggregate follow the events of other contexts.
    #[must_use]
    pub fn follows<A: Follows>(mut self) -> Self {
        self.policies = self.policies.follows::<A>();
        self
    }
}
