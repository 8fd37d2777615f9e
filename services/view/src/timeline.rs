//! Serves timelines: to everybody the entries that name him, to operators all.

mod queries;
#[cfg(test)]
mod tests;

use jangteo::{
    errors::Refusal,
    view::v1::{
        ListMyTimelineEntriesRequest, ListMyTimelineEntriesResponse, ListTimelineEntriesRequest,
        ListTimelineEntriesResponse, TimelineEntry, timeline_service_server::TimelineService,
    },
};
use jangteo_kit::{
    ids::parse,
    page::{PageToken, cut, page_size},
    project::Served,
};
use tonic::{Code, Request, Response, Status};

use self::queries::{Place, Wanted};
use crate::{PAGE, project::timeline::Timeline};

/// Serves `jangteo.view.v1.TimelineService`.
pub(crate) struct Grpc {
    pub(crate) served: Served<Timeline>,
}

impl Grpc {
    /// A page of the entries that are wanted, and the token of the next one. A timeline of which
    /// nothing may be seen is not there.
    async fn page(
        &self,
        wanted: Wanted,
        size: i32,
        token: &str,
    ) -> Result<(Vec<TimelineEntry>, String), Status> {
        let scope = wanted.scope();
        let limit = page_size(size, PAGE);
        let after = PageToken::parse(&scope, token)?.map(Place::of_token).transpose()?;
        let find =
            |db, generation| queries::some(db, generation, &wanted, after.clone(), limit + 1);
        let rows = self.served.read(find).await?;
        if rows.is_empty() && after.is_none() {
            return Err(absent());
        }
        let token = |last: &queries::Row| Place::of(&last.0).onto(PageToken::new(&scope));
        let (rows, next) = cut(rows, limit, token);
        Ok((rows.into_iter().map(queries::shown).collect(), next))
    }
}

#[tonic::async_trait]
impl TimelineService for Grpc {
    async fn list_my_timeline_entries(
        &self,
        request: Request<ListMyTimelineEntriesRequest>,
    ) -> Result<Response<ListMyTimelineEntriesResponse>, Status> {
        let person = self.served.person(&request).await?;
        let asked = request.into_inner();
        let correlation = parse("correlation_id", &asked.correlation_id)?;
        let wanted = Wanted { correlation, naming: Some(person) };
        let (entries, next_page_token) =
            self.page(wanted, asked.page_size, &asked.page_token).await?;
        Ok(Response::new(ListMyTimelineEntriesResponse { entries, next_page_token }))
    }

    async fn list_timeline_entries(
        &self,
        request: Request<ListTimelineEntriesRequest>,
    ) -> Result<Response<ListTimelineEntriesResponse>, Status> {
        self.served.caller(&request).await?;
        let asked = request.into_inner();
        let correlation = parse("correlation_id", &asked.correlation_id)?;
        let wanted = Wanted { correlation, naming: None };
        let (entries, next_page_token) =
            self.page(wanted, asked.page_size, &asked.page_token).await?;
        Ok(Response::new(ListTimelineEntriesResponse { entries, next_page_token }))
    }
}

fn absent() -> Status {
    let said = "there is no such timeline for you: what has just happened may take a moment, send \
                the jangteo-token of it";
    Refusal::new(Code::NotFound, "TIMELINE_NOT_FOUND", said).into()
}
