//! Serves what a person has ordered.

mod queries;
#[cfg(test)]
mod tests;
mod watch;

use futures::stream::BoxStream;
use jangteo::{
    errors::Refusal,
    view::v1::{
        GetOrderHistoryEntryRequest, ListOrderHistoryEntriesRequest,
        ListOrderHistoryEntriesResponse, OrderHistoryEntry, WatchOrderHistoryRequest,
        WatchOrderHistoryResponse, order_history_service_server::OrderHistoryService,
    },
};
use jangteo_kit::{
    ids::parse,
    page::{PageToken, cut, page_size},
    project::Served,
};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use crate::{PAGE, project::order_history::OrderHistory};

/// Serves `jangteo.view.v1.OrderHistoryService`.
pub(crate) struct Grpc {
    pub(crate) served: Served<OrderHistory>,
}

#[tonic::async_trait]
impl OrderHistoryService for Grpc {
    async fn get_order_history_entry(
        &self,
        request: Request<GetOrderHistoryEntryRequest>,
    ) -> Result<Response<OrderHistoryEntry>, Status> {
        let person = self.served.person(&request).await?;
        let order = parse("order_id", &request.into_inner().order_id)?;
        let find = |db, generation| queries::one(db, generation, &person, order);
        let found = self.served.find(find).await?;
        found.map(|row| Response::new(queries::shown(&row))).ok_or_else(absent)
    }

    async fn list_order_history_entries(
        &self,
        request: Request<ListOrderHistoryEntriesRequest>,
    ) -> Result<Response<ListOrderHistoryEntriesResponse>, Status> {
        let person = self.served.person(&request).await?;
        let ListOrderHistoryEntriesRequest { page_size: size, page_token } = request.into_inner();
        let scope = format!("order_history/{person}");
        let limit = page_size(size, PAGE);
        let token = PageToken::parse(&scope, &page_token)?;
        let after = token.map(|mut token| token.take::<Uuid>()).transpose()?;
        let find = |db, generation| queries::some(db, generation, &person, after, limit + 1);
        let rows = self.served.read(find).await?;
        let (rows, next_page_token) =
            cut(rows, limit, |last| PageToken::new(&scope).with(last.order_id));
        let entries = rows.iter().map(queries::shown).collect();
        Ok(Response::new(ListOrderHistoryEntriesResponse { entries, next_page_token }))
    }

    type WatchOrderHistoryStream = BoxStream<'static, Result<WatchOrderHistoryResponse, Status>>;

    async fn watch_order_history(
        &self,
        request: Request<WatchOrderHistoryRequest>,
    ) -> Result<Response<Self::WatchOrderHistoryStream>, Status> {
        let person = self.served.person(&request).await?;
        let token = request.into_inner().resume_token;
        self.served.watch(watch::Of { person }, &token).map(Response::new)
    }
}

fn absent() -> Status {
    let said =
        "there is no such order of yours: a new one may take a moment, send its jangteo-token";
    Refusal::new(Code::NotFound, "ORDER_HISTORY_ENTRY_NOT_FOUND", said).into()
}
