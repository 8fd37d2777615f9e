//! Serves all reviews, to everybody.

mod queries;
#[cfg(test)]
mod tests;
mod watch;

use futures::stream::BoxStream;
use jangteo::{
    errors::Refusal,
    view::v1::{
        GetReviewBoardRowRequest, ListReviewBoardRequest, ListReviewBoardResponse, ReviewBoardRow,
        WatchReviewBoardRequest, WatchReviewBoardResponse,
        review_board_service_server::ReviewBoardService,
    },
};
use jangteo_kit::{
    ids::parse,
    page::{PageToken, cut, page_size},
    project::Served,
};
use tonic::{Code, Request, Response, Status};

use self::queries::Place;
use crate::{PAGE, project::review_board::ReviewBoard};

/// Serves `jangteo.view.v1.ReviewBoardService`.
pub(crate) struct Grpc {
    pub(crate) served: Served<ReviewBoard>,
}

#[tonic::async_trait]
impl ReviewBoardService for Grpc {
    async fn get_review_board_row(
        &self,
        request: Request<GetReviewBoardRowRequest>,
    ) -> Result<Response<ReviewBoardRow>, Status> {
        self.served.caller(&request).await?;
        let rental = parse("rental_id", &request.into_inner().rental_id)?;
        let found = self.served.find(|db, generation| queries::one(db, generation, rental)).await?;
        found.map(|row| Response::new(queries::shown(row))).ok_or_else(absent)
    }

    async fn list_review_board(
        &self,
        request: Request<ListReviewBoardRequest>,
    ) -> Result<Response<ListReviewBoardResponse>, Status> {
        self.served.caller(&request).await?;
        let ListReviewBoardRequest { owner, page_size: size, page_token } = request.into_inner();
        let scope = format!("review_board/{owner}");
        let limit = page_size(size, PAGE);
        let after = PageToken::parse(&scope, &page_token)?.map(Place::of_token).transpose()?;
        let find = |db, generation| queries::some(db, generation, &owner, after, limit + 1);
        let rows = self.served.read(find).await?;
        let (rows, next_page_token) =
            cut(rows, limit, |last| Place::of(last).onto(PageToken::new(&scope)));
        let rows = rows.into_iter().map(queries::shown).collect();
        Ok(Response::new(ListReviewBoardResponse { rows, next_page_token }))
    }

    type WatchReviewBoardStream = BoxStream<'static, Result<WatchReviewBoardResponse, Status>>;

    async fn watch_review_board(
        &self,
        request: Request<WatchReviewBoardRequest>,
    ) -> Result<Response<Self::WatchReviewBoardStream>, Status> {
        self.served.caller(&request).await?;
        let token = request.into_inner().resume_token;
        self.served.watch(watch::All, &token).map(Response::new)
    }
}

fn absent() -> Status {
    let said = "there is no such review: a new one may take a moment, send its jangteo-token";
    Refusal::new(Code::NotFound, "REVIEW_BOARD_ROW_NOT_FOUND", said).into()
}
