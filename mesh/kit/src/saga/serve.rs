//! Serves what waits in the contexts of this process.

use std::{collections::BTreeMap, sync::Arc};

use jangteo::ops::v1::{
    AbortSagaRequest, AbortSagaResponse, GetSagaRequest, ListSagasRequest, ListSagasResponse,
    RetrySagaRequest, RetrySagaResponse, Saga as Shown, saga::State,
    saga_service_server::SagaService,
};
use prost_types::Duration;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{Denied, Saga};
use crate::{
    clock,
    context::Context,
    event::{millis, timestamp},
    execute::{Waiting, Waits, Wanted, page, waiting},
    page::{PageToken, cut, page_size},
    status::{failed, not_here, refusal, refused, unread},
    store::Failure,
};

/// A context, and who keeps its aggregates going.
struct Kept {
    context: Context,
    sagas: BTreeMap<&'static str, Arc<dyn Saga>>,
}

/// What waits in the contexts of this process.
pub(crate) struct SagaServer(BTreeMap<&'static str, Kept>);

impl SagaServer {
    /// That of these contexts.
    pub(crate) fn new(all: impl IntoIterator<Item = (Context, Vec<Arc<dyn Saga>>)>) -> Self {
        let kept = |(context, sagas): (Context, Vec<Arc<dyn Saga>>)| {
            let sagas = sagas.into_iter().map(|saga| (saga.kind(), saga)).collect();
            (context.name(), Kept { context, sagas })
        };
        Self(all.into_iter().map(kept).collect())
    }

    fn kept(&self, context: &str) -> Result<&Kept, Status> {
        self.0.get(context).ok_or_else(|| not_here(context))
    }

    /// Where the saga of an id lies: context, kind and aggregate.
    fn place<'a>(&self, id: &'a str) -> Result<(&Kept, &'a str, Uuid), Status> {
        let (context, place) = id.split_once('/').ok_or_else(gone)?;
        let kept = self.kept(context)?;
        let (kind, aggregate) = place.split_once('/').ok_or_else(gone)?;
        Ok((kept, kind, Uuid::try_parse(aggregate).map_err(|_| gone())?))
    }

    /// Who keeps the aggregate of an id going, in a context whose journal may be written to.
    fn keeper(&self, id: &str) -> Result<(&Context, &Arc<dyn Saga>, Uuid), Status> {
        let (Kept { context, sagas }, kind, aggregate) = self.place(id)?;
        let saga = sagas.get(kind).ok_or_else(gone)?;
        context.trusted()?;
        Ok((context, saga, aggregate))
    }
}

impl Kept {
    async fn page(&self, wanted: Wanted, limit: u64) -> Result<Vec<Shown>, Status> {
        let db = self.context.store().reader().map_err(failed)?;
        let rows = page(db, wanted, limit).await.map_err(unread)?;
        let mut page = Vec::with_capacity(rows.len());
        for row in rows {
            page.push(self.shown(row).await?);
        }
        Ok(page)
    }

    async fn shown(&self, row: Waiting) -> Result<Shown, Status> {
        let question = self.question(&row).await?;
        let context = self.context.name();
        Ok(Shown {
            id: format!("{context}/{}/{}", row.kind, row.aggregate_id),
            context: context.to_owned(),
            aggregate_id: row.aggregate_id.to_string(),
            state: state(row.waits()).into(),
            question,
            attempts: row.attempts,
            create_time: Some(timestamp(row.since)),
            wake_time: Some(timestamp(row.wake_time)),
            deadline: row.deadline.map(timestamp),
            request_id: row.request_id.map(|id| id.to_string()).unwrap_or_default(),
            kind: row.kind,
            call_key: row.call_key.unwrap_or_default(),
            traceparent: row.traceparent,
        })
    }

    /// What is asked; empty where nothing is, or its state does not say so any more. One that can't be
    /// read is shown all the same: somebody has to look at it.
    async fn question(&self, row: &Waiting) -> Result<String, Status> {
        let saga = self.sagas.get(row.kind.as_str()).filter(|_| row.call_key.is_some());
        let Some(saga) = saga else { return Ok(String::new()) };
        let db = self.context.store().reader().map_err(failed)?;
        match saga.asks(db, row.aggregate_id).await {
            Ok(asks) => Ok(asks.and_then(|asks| asks.path_of(row)).unwrap_or_default()),
            Err(Failure::Inconsistent(_)) => Ok(String::new()),
            Err(failure) => Err(failed(failure)),
        }
    }
}

fn gone() -> Status {
    refusal(&Denied::Gone).into()
}

fn state(waits: Waits) -> State {
    match waits {
        Waits::Asking => State::Asking,
        Waits::Finishing => State::Finishing,
        Waits::Sleeping => State::Sleeping,
    }
}

fn wanted(state: State) -> Option<Waits> {
    match state {
        State::Unspecified => None,
        State::Asking => Some(Waits::Asking),
        State::Finishing => Some(Waits::Finishing),
        State::Sleeping => Some(Waits::Sleeping),
    }
}

/// The latest time at which something of this age has begun, in ms since 1970.
fn begun_by(age: &Duration) -> i64 {
    let age = age.seconds.saturating_mul(1000).saturating_add(i64::from(age.nanos) / 1_000_000);
    clock::now_ms().saturating_sub(age)
}

/// Where a page ended: its context, and the place there.
type Place = (String, (i64, String, Uuid));

fn place(scope: &str, token: &str) -> Result<Option<Place>, Status> {
    let Some(mut token) = PageToken::parse(scope, token)? else { return Ok(None) };
    let context = token.take()?;
    Ok(Some((context, (token.take()?, token.take()?, token.take()?))))
}

fn token(scope: &str, last: &Shown) -> PageToken {
    PageToken::new(scope)
        .with(&last.context)
        .with(last.create_time.as_ref().map_or(0, millis))
        .with(&last.kind)
        .with(&last.aggregate_id)
}

#[tonic::async_trait]
impl SagaService for SagaServer {
    async fn list_sagas(
        &self,
        request: Request<ListSagasRequest>,
    ) -> Result<Response<ListSagasResponse>, Status> {
        let request = request.into_inner();
        if !request.context.is_empty() {
            self.kept(&request.context)?;
        }
        let waits = wanted(request.state());
        let age = request.min_age.as_ref().map(ToString::to_string).unwrap_or_default();
        let scope = format!("sagas/{}/{}/{age}", request.context, request.state);
        let after = place(&scope, &request.page_token)?;
        let begun_by = request.min_age.as_ref().map(begun_by);
        let limit = page_size(request.page_size, 100);
        let mut found = vec![];
        for (name, kept) in &self.0 {
            let asked = request.context.is_empty() || request.context == *name;
            let passed = after.as_ref().is_some_and(|(context, _)| context.as_str() > *name);
            let room = (limit + 1).saturating_sub(found.len() as u64);
            if !asked || passed || room == 0 {
                continue;
            }
            let after = after.as_ref().filter(|(context, _)| context.as_str() == *name);
            let after = after.map(|(_, place)| place.clone());
            found.extend(kept.page(Wanted { waits, begun_by, after }, room).await?);
        }
        let (sagas, next_page_token) = cut(found, limit, |last| token(&scope, last));
        Ok(Response::new(ListSagasResponse { sagas, next_page_token }))
    }

    async fn get_saga(&self, request: Request<GetSagaRequest>) -> Result<Response<Shown>, Status> {
        let id = request.into_inner().id;
        let (kept, kind, aggregate) = self.place(&id)?;
        let db = kept.context.store().reader().map_err(failed)?;
        let row = waiting(db, kind, aggregate).await.map_err(unread)?.ok_or_else(gone)?;
        Ok(Response::new(kept.shown(row).await?))
    }

    async fn retry_saga(
        &self,
        request: Request<RetrySagaRequest>,
    ) -> Result<Response<RetrySagaResponse>, Status> {
        let id = request.into_inner().id;
        let (context, saga, aggregate) = self.keeper(&id)?;
        saga.retry(context.clone(), aggregate).await.map_err(refused)?;
        tracing::warn!(id, "an operator has it done at once");
        Ok(Response::new(RetrySagaResponse {}))
    }

    async fn abort_saga(
        &self,
        request: Request<AbortSagaRequest>,
    ) -> Result<Response<AbortSagaResponse>, Status> {
        let id = request.into_inner().id;
        let (context, saga, aggregate) = self.keeper(&id)?;
        if let Some(ask) = saga.abort(context.clone(), aggregate).await.map_err(refused)? {
            context.tasks().spawn(ask);
        }
        tracing::warn!(id, "an operator has given its question up");
        Ok(Response::new(AbortSagaResponse {}))
    }
}
