//! Serves the journals of the contexts in this process.

use std::collections::BTreeMap;

use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use jangteo::{
    errors::Refusal,
    journal::v1::{
        Head, ListHeadsRequest, ListHeadsResponse, ReadEventsRequest, ReadEventsResponse,
        journal_service_server::JournalService,
    },
};

use super::{heads, read};
use crate::{
    context::Context,
    event::{millis, timestamp},
    page::{PageToken, page_size},
    status::{failed, not_here, unread},
    store::{Store, now_ms},
};

/// The journals of the contexts in this process, by context.
pub(crate) struct JournalServer {
    contexts: BTreeMap<&'static str, Context>,
}

impl JournalServer {
    /// Serves the journals of these contexts.
    pub(crate) fn new(contexts: impl IntoIterator<Item = Context>) -> Self {
        Self { contexts: contexts.into_iter().map(|context| (context.name(), context)).collect() }
    }

    /// The database of a context, unless it has forgotten what others know.
    fn store(&self, context: &str) -> Result<&Store, Status> {
        let context = self.contexts.get(context).ok_or_else(|| not_here(context))?;
        context.trusted()?;
        Ok(context.store())
    }
}

#[tonic::async_trait]
impl JournalService for JournalServer {
    async fn read_events(
        &self,
        request: Request<ReadEventsRequest>,
    ) -> Result<Response<ReadEventsResponse>, Status> {
        let request = request.into_inner();
        let store = self.store(&request.context)?;
        let which = which(&request)?;
        let limit = which.limit;
        let db = store.reader().map_err(failed)?;
        let events = read::page(db, store.context(), which).await.map_err(unread)?;
        let next = events.last().filter(|_| events.len() as u64 == limit).map(|last| {
            PageToken::new(&scope(&request))
                .with(&last.kind)
                .with(last.aggregate_id)
                .with(last.sequence)
                .text()
        });
        Ok(Response::new(ReadEventsResponse {
            events: events.iter().map(Into::into).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn list_heads(
        &self,
        request: Request<ListHeadsRequest>,
    ) -> Result<Response<ListHeadsResponse>, Status> {
        let request = request.into_inner();
        let store = self.store(&request.context)?;
        let since = request.since.as_ref().map(millis);
        let scope = format!("heads/{}/{since:?}", request.context);
        let after = PageToken::parse(&scope, &request.page_token)?;
        let after = after.map(|mut token| Ok::<_, Status>((token.take()?, token.take()?)));
        let limit = page_size(request.page_size, 500);
        let db = store.reader().map_err(failed)?;
        // Asked before the page is read: nothing that is acknowledged in between is missed later.
        let time = now_ms(db).await.map_err(unread)?;
        let rows = heads::page(db, since, after.transpose()?, limit).await.map_err(unread)?;
        let next = rows
            .last()
            .filter(|_| rows.len() as u64 == limit)
            .map(|last| PageToken::new(&scope).with(&last.kind).with(last.aggregate_id).text());
        Ok(Response::new(ListHeadsResponse {
            heads: rows.into_iter().map(head).collect(),
            next_page_token: next.unwrap_or_default(),
            time: Some(timestamp(time)),
        }))
    }
}

fn which(request: &ReadEventsRequest) -> Result<read::Which, Status> {
    let aggregate = match (request.kind.is_empty(), request.aggregate_id.parse::<Uuid>()) {
        (false, Ok(id)) => Some((request.kind.clone(), id)),
        (true, Err(_)) => None,
        (true, Ok(_)) => return Err(lonely("kind", "aggregate_id")),
        (false, Err(_)) => return Err(lonely("aggregate_id", "kind")),
    };
    let after = PageToken::parse(&scope(request), &request.page_token)?.map(|mut token| {
        Ok::<_, Status>(read::Place {
            kind: token.take()?,
            id: token.take()?,
            sequence: token.take()?,
        })
    });
    Ok(read::Which {
        aggregate,
        from_sequence: request.from_sequence,
        after: after.transpose()?,
        limit: page_size(request.page_size, 500),
    })
}

/// One aggregate is named by both, all aggregates by neither.
fn lonely(missing: &str, given: &str) -> Status {
    let said = format!("set {missing} as well as {given}, or leave both out");
    Refusal::new(Code::InvalidArgument, "FIELD_INVALID", said.clone())
        .violation(missing, "REQUIRED", said)
        .into()
}

fn scope(request: &ReadEventsRequest) -> String {
    let ReadEventsRequest { context, kind, aggregate_id, from_sequence, .. } = request;
    format!("events/{context}/{kind}/{aggregate_id}/{from_sequence}")
}

fn head(row: heads::Row) -> Head {
    Head {
        kind: row.kind,
        aggregate_id: row.aggregate_id.to_string(),
        acked_sequence: row.acked,
        last_sequence: row.last,
    }
}
