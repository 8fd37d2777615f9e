//! The gRPC face of reviews: requests in, commands out. No rules live here.

mod render;

use jangteo::review::v1::{
    GetReviewRequest, ListReviewsRequest, ListReviewsResponse, Review as Shown, WriteReviewRequest,
    review_service_server::ReviewService,
};
use jangteo_kit::{
    context::Context,
    execute::{Call, caller, execute, get},
    ids::parse,
    status::refusal,
};
use tonic::{Request, Response, Status};

pub(crate) use self::render::shown;
use crate::{
    domain::{Actor, Command, Rejection, Review},
    queries,
};

type Reply<T> = Result<Response<T>, Status>;

/// Serves `jangteo.review.v1.ReviewService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

#[tonic::async_trait]
impl ReviewService for Grpc {
    async fn write_review(&self, request: Request<WriteReviewRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by) = (parse("id", &body.id)?, Actor(call.user()?));
        let (call, write) = (call.expecting(&body.etag), Command::Write { by, score: body.score });
        execute::<Review>(&self.context, call, id, write).await
    }

    async fn get_review(&self, request: Request<GetReviewRequest>) -> Reply<Shown> {
        let reader = caller(&request);
        let id = parse("id", &request.into_inner().id)?;
        get::<Review>(&self.context, id)
            .await?
            .filter(|found| found.state.is_seen_by(reader.subject()))
            .map(|found| Response::new(shown(&found)))
            .ok_or_else(|| refusal(&Rejection::NotFound).into())
    }

    async fn list_reviews(
        &self,
        request: Request<ListReviewsRequest>,
    ) -> Reply<ListReviewsResponse> {
        let reader = caller(&request);
        let request = request.into_inner();
        let (rows, next_page_token) =
            queries::list(self.context.store(), &request, reader.subject()).await?;
        let reviews = rows.into_iter().map(render::row).collect::<Result<_, _>>()?;
        Ok(Response::new(ListReviewsResponse { reviews, next_page_token }))
    }
}
