//! How a process is called: the layers around its services, and the connections below them.
//!
//! From the outside in: a span and its figures, details for errors that have none, panics, whether
//! there is any place left, who calls and whether he may, how long he waits, his place, what an operator
//! wants to go wrong. Then the service.

mod access;
mod deadline;
mod end;
mod fault;
mod health;
pub(crate) mod load;
mod methods;
mod panic;
mod protocol;
mod reflection;
mod rescue;
#[cfg(test)]
mod sample;
mod seats;
mod serve;
mod trace;

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    extract::Request,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tonic::{Status, body::Body, server::NamedService, service::Routes};
use tower::Service;

use self::load::Load;
use crate::{auth::Verifier, config::Limits, fault::Board};

pub use deadline::{DEFAULT_DEADLINE, Deadline};
pub use end::{at_end, code};
pub use health::Health;
pub use rescue::reason;
pub use serve::{Speaks, Terms, serve};
pub use trace::follow_through;

/// The services of a process.
#[derive(Default)]
pub struct Services {
    routes: Routes,
    names: Vec<&'static str>,
    faults: Option<Arc<Board>>,
}

impl Services {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service.
    #[must_use]
    pub fn with<S>(mut self, service: S) -> Self
    where
        S: Service<http::Request<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Response: IntoResponse,
        S::Future: Send + 'static,
    {
        self.routes = self.routes.add_service(service);
        self.names.push(S::NAME);
        self
    }

    /// Lets its contexts misbehave as the board says; without one there is no layer for it.
    #[must_use]
    pub(crate) fn misbehaving(mut self, board: Option<Arc<Board>>) -> Self {
        self.faults = board;
        self
    }

    /// The services alone.
    pub(crate) fn bare(self) -> Router {
        self.routes.into_axum_router()
    }

    /// Puts health, reflection and the layers around the services. They are alive, and not ready
    /// until [`Health::set_ready`] says so.
    pub async fn stack(self, verifier: Arc<Verifier>, limits: Limits) -> (Router, Health) {
        let load = Arc::new(Load::of(&self.names, limits));
        let (health, checks) = Health::start(&self.names).await;
        if let Some(board) = &self.faults {
            board.shows_in(health.clone());
        }
        let (v1, v1alpha) = reflection::services(&self.names);
        let routes = self.routes.add_service(checks).add_service(v1).add_service(v1alpha);
        let failing = failing(routes.into_axum_router(), self.faults);
        (layered(failing, verifier, load), health)
    }
}

/// Puts around services that everybody may call what they need: a deadline, and a reason for every
/// error.
pub fn open(router: Router) -> Router {
    router
        .layer(from_fn(deadline::keep))
        .layer(from_fn(protocol::speak))
        .layer(from_fn(panic::catch))
        .layer(from_fn(rescue::explain))
}

/// Puts around services what an operator wants to go wrong, where he may.
fn failing(router: Router, board: Option<Arc<Board>>) -> Router {
    match board {
        Some(board) => router.layer(from_fn_with_state(board, fault::misbehave)),
        None => router,
    }
}

/// The last layer is the outermost.
fn layered(router: Router, verifier: Arc<Verifier>, load: Arc<Load>) -> Router {
    router
        .layer(from_fn_with_state(load.clone(), load::enter))
        .layer(from_fn(deadline::keep))
        .layer(from_fn_with_state(verifier, access::admit))
        .layer(from_fn_with_state(load, load::shed))
        .layer(from_fn(protocol::speak))
        .layer(from_fn(panic::catch))
        .layer(from_fn(rescue::explain))
        .layer(from_fn(trace::follow))
}

/// The path of a request's RPC.
fn path(request: &Request) -> &str {
    request.uri().path()
}

/// An error as a whole response.
fn refuse(error: impl Into<Status>) -> Response {
    error.into().into_http()
}
