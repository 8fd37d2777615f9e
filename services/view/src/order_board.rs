//! Serves the board of orders: how far each of a person's own is.

mod queries;
#[cfg(test)]
mod tests;
mod watch;

use futures::stream::BoxStream;
use jangteo::{
    errors::Refusal,
    view::v1::{
        GetOrderBoardRowRequest, ListOrderBoardRowsRequest, ListOrderBoardRowsResponse,
        OrderBoardRow, WatchOrderBoardRequest, WatchOrderBoardResponse,
        order_board_service_server::OrderBoardService,
    },
};
use jangteo_kit::{
    ids::parse,
    page::{PageToken, cut, page_size},
    project::Served,
};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use self::queries::Wanted;
use crate::{PAGE, project::order_board::OrderBoard};

/// Serves `jangteo.view.v1.OrderBoardService`.
pub(crate) struct Grpc {
    pub(crate) served: Served<OrderBoard>,
}

#[tonic::async_trait]
impl OrderBoardService for Grpc {
    async fn get_order_board_row(
        &self,
        request: Request<GetOrderBoardRowRequest>,
    ) -> Result<Response<OrderBoardRow>, Status> {
        let person = self.served.person(&request).await?;
        let order = parse("order_id", &request.into_inner().order_id)?;
        let find = |db, generation| queries::one(db, generation, &person, order);
        let found = self.served.find(find).await?;
        found.map(|row| Response::new(row.shown)).ok_or_else(absent)
    }

    async fn list_order_board_rows(
        &self,
        request: Request<ListOrderBoardRowsRequest>,
    ) -> Result<Response<ListOrderBoardRowsResponse>, Status> {
        let person = self.served.person(&request).await?;
        let request = request.into_inner();
        let wanted = Wanted::of(person, &request)?;
        let scope = wanted.scope();
        let limit = page_size(request.page_size, PAGE);
        let token = PageToken::parse(&scope, &request.page_token)?;
        let after = token.map(|mut token| token.take::<Uuid>()).transpose()?;
        let find = |db, generation| queries::some(db, generation, &wanted, after, limit + 1);
        let rows = self.served.read(find).await?;
        let (rows, next_page_token) =
            cut(rows, limit, |last| PageToken::new(&scope).with(last.order_id));
        let rows = rows.into_iter().map(|row| row.shown).collect();
        Ok(Response::new(ListOrderBoardRowsResponse { rows, next_page_token }))
    }

    type WatchOrderBoardStream = BoxStream<'static, Result<WatchOrderBoardResponse, Status>>;

    async fn watch_order_board(
        &self,
        request: Request<WatchOrderBoardRequest>,
    ) -> Result<Response<Self::WatchOrderBoardStream>, Status> {
        let person = self.served.person(&request).await?;
        let token = request.into_inner().resume_token;
        self.served.watch(watch::Of { person }, &token).map(Response::new)
    }
}

fn absent() -> Status {
    let said =
        "there is no such order of yours: a new one may take a moment, send its jangteo-token";
    Refusal::new(Code::NotFound, "ORDER_BOARD_ROW_NOT_FOUND", said).into()
}
