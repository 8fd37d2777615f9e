//! The health of all contexts, as one service tells it.

use std::{pin::Pin, sync::Arc, time::Duration};

use async_stream::stream;
use futures::{Stream, future::join_all};
use tonic::{Request, Response, Status, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus,
    health_client::HealthClient, health_server::Health,
};

use crate::Gateway;

/// How often a watch looks.
const PACE: Duration = Duration::from_secs(1);
/// How long a context may take to tell.
const PATIENCE: Duration = Duration::from_secs(2);
/// What only this process can tell of itself.
const OWN: [&str; 2] = ["liveness", "readiness"];

/// Asks whoever knows: a service's context, this process, or everybody.
#[derive(Clone)]
pub(crate) struct Aggregated(pub(crate) Arc<Gateway>);

impl Aggregated {
    /// What a name stands for: all contexts, if it is empty.
    async fn status(&self, name: &str) -> Result<ServingStatus, Status> {
        let Gateway { contracts, upstreams, .. } = &*self.0;
        if OWN.contains(&name) {
            return Ok(ask(upstreams.here(), name).await);
        }
        if name.is_empty() {
            let all = contracts.contexts().into_iter().map(|it| ask(upstreams.of(it), ""));
            let serve = join_all(all).await.iter().all(|it| *it == ServingStatus::Serving);
            let none = ServingStatus::NotServing;
            return Ok(if serve { ServingStatus::Serving } else { none });
        }
        let unknown = || Status::not_found("there is no such service here");
        let services = contracts.services();
        let context = services.get(name).ok_or_else(unknown)?;
        Ok(ask(upstreams.of(context), name).await)
    }
}

/// Who does not tell is not well.
async fn ask(channel: Channel, name: &str) -> ServingStatus {
    let mut request = Request::new(HealthCheckRequest { service: name.to_owned() });
    request.set_timeout(PATIENCE);
    let told = HealthClient::new(channel).check(request).await;
    told.map_or(ServingStatus::NotServing, |told| told.into_inner().status())
}

fn told(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

#[tonic::async_trait]
impl Health for Aggregated {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let status = self.status(&request.into_inner().service).await?;
        Ok(Response::new(told(status)))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let (all, name) = (self.clone(), request.into_inner().service);
        let changes = stream! {
            let mut known = None;
            loop {
                // Of a service that is not there yet the protocol says so, and goes on.
                let now = all.status(&name).await.unwrap_or(ServingStatus::ServiceUnknown);
                if known.replace(now) != Some(now) {
                    yield Ok(told(now));
                }
                tokio::time::sleep(PACE).await;
            }
        };
        Ok(Response::new(Box::pin(changes)))
    }
}
