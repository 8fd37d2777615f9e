//! Serves all products and their stock, to everybody.

mod queries;
#[cfg(test)]
mod tests;
mod watch;

use futures::stream::BoxStream;
use jangteo::{
    errors::Refusal,
    view::v1::{
        GetProductBoardRowRequest, ListProductBoardRowsRequest, ListProductBoardRowsResponse,
        ProductBoardRow, WatchProductBoardRequest, WatchProductBoardResponse,
        product_board_service_server::ProductBoardService,
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
use crate::{PAGE, project::product_board::ProductBoard};

/// Serves `jangteo.view.v1.ProductBoardService`.
pub(crate) struct Grpc {
    pub(crate) served: Served<ProductBoard>,
}

#[tonic::async_trait]
impl ProductBoardService for Grpc {
    async fn get_product_board_row(
        &self,
        request: Request<GetProductBoardRowRequest>,
    ) -> Result<Response<ProductBoardRow>, Status> {
        self.served.caller(&request).await?;
        let product = parse("product_id", &request.into_inner().product_id)?;
        let find = |db, generation| queries::one(db, generation, product);
        let found = self.served.find(find).await?;
        found.map(|row| Response::new(queries::shown(row))).ok_or_else(absent)
    }

    async fn list_product_board_rows(
        &self,
        request: Request<ListProductBoardRowsRequest>,
    ) -> Result<Response<ListProductBoardRowsResponse>, Status> {
        self.served.caller(&request).await?;
        let request = request.into_inner();
        let ListProductBoardRowsRequest { owner, text, only_available, .. } = request;
        let wanted = Wanted { owner, text, only_available };
        let scope = wanted.scope();
        let limit = page_size(request.page_size, PAGE);
        let token = PageToken::parse(&scope, &request.page_token)?;
        let after = token.map(|mut token| token.take::<Uuid>()).transpose()?;
        let find = |db, generation| queries::some(db, generation, &wanted, after, limit + 1);
        let rows = self.served.read(find).await?;
        let (rows, next_page_token) =
            cut(rows, limit, |last| PageToken::new(&scope).with(last.product_id));
        let rows = rows.into_iter().map(queries::shown).collect();
        Ok(Response::new(ListProductBoardRowsResponse { rows, next_page_token }))
    }

    type WatchProductBoardStream = BoxStream<'static, Result<WatchProductBoardResponse, Status>>;

    async fn watch_product_board(
        &self,
        request: Request<WatchProductBoardRequest>,
    ) -> Result<Response<Self::WatchProductBoardStream>, Status> {
        self.served.caller(&request).await?;
        let token = request.into_inner().resume_token;
        self.served.watch(watch::All, &token).map(Response::new)
    }
}

fn absent() -> Status {
    let said = "there is no such product: a new one may take a moment, send its jangteo-token";
    Refusal::new(Code::NotFound, "PRODUCT_BOARD_ROW_NOT_FOUND", said).into()
}
