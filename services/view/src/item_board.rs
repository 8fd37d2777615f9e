//! Serves an owner's board: his items, and who rents them.

mod queries;
#[cfg(test)]
mod tests;
mod watch;

use futures::stream::BoxStream;
use jangteo::{
    errors::Refusal,
    view::v1::{
        GetItemBoardRowRequest, ItemBoardRow, ListItemBoardRequest, ListItemBoardResponse,
        WatchItemBoardRequest, WatchItemBoardResponse, item_board_service_server::ItemBoardService,
    },
};
use jangteo_kit::{
    ids::parse,
    page::{PageToken, cut, page_size},
    project::Served,
};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use crate::{PAGE, project::item_board::ItemBoard};

/// Serves `jangteo.view.v1.ItemBoardService`.
pub(crate) struct Grpc {
    pub(crate) served: Served<ItemBoard>,
}

#[tonic::async_trait]
impl ItemBoardService for Grpc {
    async fn get_item_board_row(
        &self,
        request: Request<GetItemBoardRowRequest>,
    ) -> Result<Response<ItemBoardRow>, Status> {
        let owner = self.served.person(&request).await?;
        let item = parse("item_id", &request.into_inner().item_id)?;
        let find = |db, generation| queries::one(db, generation, &owner, item);
        let found = self.served.find(find).await?;
        found.map(|row| Response::new(queries::shown(row))).ok_or_else(absent)
    }

    async fn list_item_board(
        &self,
        request: Request<ListItemBoardRequest>,
    ) -> Result<Response<ListItemBoardResponse>, Status> {
        let owner = self.served.person(&request).await?;
        let request = request.into_inner();
        let scope = format!("item_board/{owner}");
        let limit = page_size(request.page_size, PAGE);
        let token = PageToken::parse(&scope, &request.page_token)?;
        let after = token.map(|mut token| token.take::<Uuid>()).transpose()?;
        let find = |db, generation| queries::some(db, generation, &owner, after, limit + 1);
        let rows = self.served.read(find).await?;
        let (rows, next_page_token) =
            cut(rows, limit, |(last, _)| PageToken::new(&scope).with(last.item_id));
        let rows = rows.into_iter().map(queries::shown).collect();
        Ok(Response::new(ListItemBoardResponse { rows, next_page_token }))
    }

    type WatchItemBoardStream = BoxStream<'static, Result<WatchItemBoardResponse, Status>>;

    async fn watch_item_board(
        &self,
        request: Request<WatchItemBoardRequest>,
    ) -> Result<Response<Self::WatchItemBoardStream>, Status> {
        let owner = self.served.person(&request).await?;
        let token = request.into_inner().resume_token;
        self.served.watch(watch::Of { owner }, &token).map(Response::new)
    }
}

fn absent() -> Status {
    let said =
        "there is no such item of yours: a new one may take a moment, send its jangteo-token";
    Refusal::new(Code::NotFound, "ITEM_BOARD_ROW_NOT_FOUND", said).into()
}
