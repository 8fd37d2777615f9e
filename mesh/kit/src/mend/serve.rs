//! Serves the mending of the contexts in this process.

use std::{collections::BTreeMap, sync::Arc};

use async_stream::try_stream;
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use jangteo::{
    errors::Refusal,
    ops::v1::{
        AdoptEventsRequest, AdoptEventsResponse, CompareSourcesRequest, CompareSourcesResponse,
        RefillStreamRequest, RefillStreamResponse, mending_service_server::MendingService,
    },
};
use tonic::{Code, Request, Response, Status};

use super::{
    adopt::{self, Keepers},
    audit::{audit, since},
    compare::compare,
    refill::Refill,
};
use crate::{
    bus::{Bus, Part},
    clock,
    context::Context,
    event::{PARTITIONS, millis},
    inbox::Follower,
    journal::Window,
    project::Sources,
    status::not_here,
};

/// A context, with what its mending needs.
#[derive(Clone)]
pub(crate) struct Mended {
    /// The context.
    pub(crate) context: Context,
    /// All that follows others for it.
    pub(crate) followers: Arc<[Arc<dyn Follower>]>,
    /// Who keeps its aggregates.
    pub(crate) keepers: Keepers,
}

/// Mends the contexts in this process.
pub(crate) struct MendingServer {
    contexts: BTreeMap<&'static str, Mended>,
    bus: Bus,
    sources: Sources,
}

type Told<T> = Result<Response<BoxStream<'static, Result<T, Status>>>, Status>;

impl MendingServer {
    /// Mends these contexts.
    pub(crate) fn new(
        contexts: impl IntoIterator<Item = Mended>,
        bus: Bus,
        sources: Sources,
    ) -> Self {
        let contexts = contexts.into_iter().map(|one| (one.context.name(), one)).collect();
        Self { contexts, bus, sources }
    }

    fn mended(&self, context: &str) -> Result<Mended, Status> {
        self.contexts.get(context).cloned().ok_or_else(|| not_here(context))
    }
}

#[tonic::async_trait]
impl MendingService for MendingServer {
    type CompareSourcesStream = BoxStream<'static, Result<CompareSourcesResponse, Status>>;
    type RefillStreamStream = BoxStream<'static, Result<RefillStreamResponse, Status>>;
    type AdoptEventsStream = BoxStream<'static, Result<AdoptEventsResponse, Status>>;

    async fn compare_sources(
        &self,
        request: Request<CompareSourcesRequest>,
    ) -> Told<CompareSourcesResponse> {
        let Mended { context, followers, .. } = self.mended(&request.into_inner().context)?;
        let compared = compare(context, followers, self.sources.clone());
        Ok(Response::new(compared.map_err(|error| broke_off(&error)).boxed()))
    }

    async fn refill_stream(
        &self,
        request: Request<RefillStreamRequest>,
    ) -> Told<RefillStreamResponse> {
        let request = request.into_inner();
        let context = self.mended(&request.context)?.context;
        context.trusted()?;
        let window = Window {
            since: request.since.as_ref().map(millis),
            until: request.until.as_ref().map(millis),
        };
        let mut refill = Refill::new(context, self.bus.clone(), window, clock::new_id());
        let told = try_stream! {
            while let Some(done) = refill.next().await.map_err(|error| broke_off(&error))? {
                yield done;
            }
        };
        Ok(Response::new(told.boxed()))
    }

    async fn adopt_events(
        &self,
        request: Request<AdoptEventsRequest>,
    ) -> Told<AdoptEventsResponse> {
        let Mended { context, keepers, .. } = self.mended(&request.into_inner().context)?;
        let bus = self.bus.clone();
        let told = try_stream! {
            let since = since(&context).await.map_err(|error| broke_off(&error))?;
            let mut done = AdoptEventsResponse::default();
            for partition in 0..PARTITIONS {
                let part = Part { since, partition: Some(partition) };
                let adopted = adopt::partition(&context, &keepers, &bus, part, &mut done).await;
                adopted.map_err(|error| broke_off(&error))?;
                let stale = std::mem::take(&mut done.stale);
                yield AdoptEventsResponse { stale, ..done.clone() };
            }
            audit(&context, &bus).await.map_err(|error| broke_off(&error))?;
            tracing::warn!(context = context.name(), adopted = done.adopted, "journal is complete");
        };
        Ok(Response::new(told.boxed()))
    }
}

/// What was done so far is done, and harms nobody who begins again.
fn broke_off(error: &anyhow::Error) -> Status {
    if let Some(status) = error.downcast_ref::<Status>() {
        return status.clone();
    }
    let said = format!("it broke off, and what was done so far is done: {error}; ask again");
    Refusal::new(Code::Unavailable, "BROKE_OFF", said).into()
}
