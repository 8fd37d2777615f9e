//! The health of all contexts, as one service tells it.

use std::{pin::Pin, sync::Arc, time::Duration};

use async_stream::stream;
use futures::{Stream, future::join_all};
use jangteo::errors::Refusal;
use moka::future::Cache;
use tokio::time::timeout;
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus,
    health_client::HealthClient, health_server::Health,
};

use crate::{Gateway, upstream::Upstream};

/// How often a watch looks, and for how long an answer holds: however many ask, contexts are asked
/// this often.
const PACE: Duration = Duration::from_secs(1);
/// How long a context may take to tell.
const PATIENCE: Duration = Duration::from_secs(2);
/// What only this process can tell of itself.
const OWN: [&str; 3] = ["startup", "liveness", "readiness"];

/// Asks whoever knows: a service's context, this process, or everybody.
#[derive(Clone)]
pub(crate) struct Aggregated {
    gateway: Arc<Gateway>,
    known: Cache<String, ServingStatus>,
}

impl Aggregated {
    /// That of the contexts behind a gateway.
    pub(crate) fn of(gateway: Arc<Gateway>) -> Self {
        Self { gateway, known: Cache::builder().time_to_live(PACE).build() }
    }

    /// What a name stands for: this process and all contexts, if it is empty.
    async fn status(&self, name: &str) -> Result<ServingStatus, Status> {
        let Gateway { contracts, upstreams, .. } = &*self.gateway;
        let asked: Vec<(&Arc<Upstream>, &str)> = if name.is_empty() {
            let contexts = contracts.contexts().into_iter().map(|it| (upstreams.of(it), ""));
            contexts.chain([(upstreams.here(), "readiness")]).collect()
        } else if OWN.contains(&name) {
            vec![(upstreams.here(), name)]
        } else {
            let services = contracts.services();
            let context = services.get(name).ok_or_else(unknown)?;
            vec![(upstreams.of(context), name)]
        };
        let all = async {
            let told = join_all(asked.into_iter().map(|(upstream, name)| ask(upstream, name)));
            let serve = told.await.into_iter().all(|told| told == ServingStatus::Serving);
            if serve { ServingStatus::Serving } else { ServingStatus::NotServing }
        };
        Ok(self.known.get_with_by_ref(name, all).await)
    }
}

fn unknown() -> Status {
    let said = "there is no such service here: ask reflection what there is";
    Refusal::new(Code::NotFound, "SERVICE_UNKNOWN", said).into()
}

/// Who does not tell is not well.
async fn ask(upstream: &Upstream, name: &str) -> ServingStatus {
    let request = HealthCheckRequest { service: name.to_owned() };
    let mut client = HealthClient::new(upstream.aside());
    let told = timeout(PATIENCE, client.check(request)).await;
    let told = told.ok().and_then(Result::ok);
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
