//! The gRPC face of posts: requests in, commands out. No rules live here.

mod render;

use jangteo::post::v1::{
    CheckPostRequest, CreatePostRequest, DeletePostRequest, GetPostRequest, HidePostRequest,
    ListPostsRequest, ListPostsResponse, Post as Shown, ReleasePostRequest, ReleasePostResponse,
    ReservePostRequest, UnhidePostRequest, UpdatePostRequest, post_service_server::PostService,
};
use jangteo_kit::{
    clock,
    context::Context,
    execute::{Call, caller, check, create, execute, get, take, undo},
    ids::parse,
    status::refusal,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use self::render::edit;
pub(crate) use self::render::shown;
use crate::{
    domain::{Actor, Agreement, Command, Listing, Post, Rejection, State},
    queries,
};

type Reply<T> = Result<Response<T>, Status>;

/// Serves `jangteo.post.v1.PostService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

impl Grpc {
    async fn run(&self, call: Call, id: Uuid, command: Command) -> Reply<Shown> {
        execute::<Post>(&self.context, call, id, command).await
    }
}

fn actor(call: &Call) -> Result<Actor, Status> {
    call.user().map(Actor)
}

#[tonic::async_trait]
impl PostService for Grpc {
    async fn create_post(&self, request: Request<CreatePostRequest>) -> Reply<Shown> {
        let (call, CreatePostRequest { goods, price_krw, neighbourhood, .. }) = Call::of(request);
        let (id, seller, at) = (clock::new_id(), call.user()?, call.at);
        let listing = Listing { goods, price_krw, neighbourhood };
        create::<Post>(&self.context, call, id, Command::Create { id, seller, listing, at }).await
    }

    async fn get_post(&self, request: Request<GetPostRequest>) -> Reply<Shown> {
        let reader = caller(&request);
        let id = parse("id", &request.into_inner().id)?;
        let found = get::<Post>(&self.context, id).await?;
        let visible = found.filter(|found| match found.state.state {
            State::Available | State::Reserved(_) | State::Sold(_) => true,
            State::Hidden | State::Deleted => reader.subject() == Some(&found.state.seller),
        });
        visible
            .map(|found| Response::new(shown(&found)))
            .ok_or_else(|| refusal(&Rejection::NotFound).into())
    }

    async fn list_posts(&self, request: Request<ListPostsRequest>) -> Reply<ListPostsResponse> {
        let reader = caller(&request);
        let request = request.into_inner();
        let (rows, next_page_token) =
            queries::list(self.context.store(), &request, reader.subject()).await?;
        let posts = rows.into_iter().map(render::row).collect::<Result<_, _>>()?;
        Ok(Response::new(ListPostsResponse { posts, next_page_token }))
    }

    async fn update_post(&self, request: Request<UpdatePostRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, actor(&call)?, call.at);
        let call = call.expecting(&body.etag);
        self.run(call, id, Command::Update { by, edit: edit(body)?, at }).await
    }

    async fn delete_post(&self, request: Request<DeletePostRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (by, at) = (actor(&call)?, call.at);
        self.run(call.expecting(&body.etag), parse("id", &body.id)?, Command::Delete { by, at })
            .await
    }

    async fn hide_post(&self, request: Request<HidePostRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (by, at) = (actor(&call)?, call.at);
        self.run(call.expecting(&body.etag), parse("id", &body.id)?, Command::Hide { by, at }).await
    }

    async fn unhide_post(&self, request: Request<UnhidePostRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (by, at) = (actor(&call)?, call.at);
        self.run(call.expecting(&body.etag), parse("id", &body.id)?, Command::Unhide { by, at })
            .await
    }

    async fn check_post(&self, request: Request<CheckPostRequest>) -> Reply<Shown> {
        let (call, body) = Call::keyed(request);
        let found = get::<Post>(&self.context, parse("id", &body.id)?).await?;
        let found = found.ok_or(Rejection::NotFound);
        check(
            &call,
            found.and_then(|found| {
                found.state.buyable(&body.buyer)?;
                Ok(found)
            }),
        )
    }

    async fn reserve_post(&self, request: Request<ReservePostRequest>) -> Reply<Shown> {
        let (call, body) = Call::keyed(request);
        let (id, at) = (parse("id", &body.id)?, call.at);
        let agreement = Agreement {
            deal: parse("deal_id", &body.deal_id)?,
            offer: parse("offer_id", &body.offer_id)?,
            buyer: body.buyer,
            price_krw: body.agreed_price_krw,
        };
        let reserve = Command::Reserve { by: Actor(body.seller), agreement, at };
        take::<Post>(&self.context, call, id, reserve).await
    }

    async fn release_post(
        &self,
        request: Request<ReleasePostRequest>,
    ) -> Reply<ReleasePostResponse> {
        let (call, body) = Call::keyed(request);
        let (id, deal, at) = (parse("id", &body.id)?, parse("deal_id", &body.deal_id)?, call.at);
        undo::<Post, _>(&self.context, call, id, Command::Release { deal, at }).await
    }
}
