//! The gRPC face of offers: requests in, commands out. No rules live here.

mod render;

use jangteo::offer::v1::{
    AcceptOfferRequest, CreateOfferRequest, GetOfferRequest, ListOffersRequest, ListOffersResponse,
    Offer as Shown, RefuseOfferRequest, ReleaseOfferRequest, ReleaseOfferResponse,
    TakeOfferRequest, WithdrawOfferRequest, offer_service_server::OfferService,
};
use jangteo_kit::{
    clock,
    context::Context,
    execute::{Call, caller, create, execute, get, take, undo, user},
    ids::parse,
    status::refusal,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

pub(crate) use self::render::shown;
use crate::{
    domain::{Actor, Command, Offer, Rejection},
    queries,
};

type Reply<T> = Result<Response<T>, Status>;

/// Serves `jangteo.offer.v1.OfferService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

impl Grpc {
    async fn run(&self, call: Call, id: Uuid, command: Command) -> Reply<Shown> {
        execute::<Offer>(&self.context, call, id, command).await
    }
}

fn actor(call: &Call) -> Result<Actor, Status> {
    call.user().map(Actor)
}

#[tonic::async_trait]
impl OfferService for Grpc {
    async fn create_offer(&self, request: Request<CreateOfferRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, buyer, at) = (clock::new_id(), call.user()?, call.at);
        let (post, proposed_krw) = (parse("post_id", &body.post_id)?, body.offered_price_krw);
        create::<Offer>(
            &self.context,
            call,
            id,
            Command::Create { id, post, buyer, proposed_krw, at },
        )
        .await
    }

    async fn get_offer(&self, request: Request<GetOfferRequest>) -> Reply<Shown> {
        let reader = Actor(user(&caller(&request))?);
        let id = parse("id", &request.into_inner().id)?;
        let found = get::<Offer>(&self.context, id).await?;
        let visible = found.filter(|found| found.state.seen_by(&reader).is_ok());
        visible
            .map(|found| Response::new(shown(&found)))
            .ok_or_else(|| refusal(&Rejection::NotFound).into())
    }

    async fn list_offers(&self, request: Request<ListOffersRequest>) -> Reply<ListOffersResponse> {
        let reader = user(&caller(&request))?;
        let request = request.into_inner();
        let (rows, next_page_token) =
            queries::list(self.context.store(), &request, &reader).await?;
        let offers = rows.into_iter().map(render::row).collect::<Result<_, _>>()?;
        Ok(Response::new(ListOffersResponse { offers, next_page_token }))
    }

    async fn accept_offer(&self, request: Request<AcceptOfferRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (by, at) = (actor(&call)?, call.at);
        self.run(call.expecting(&body.etag), parse("id", &body.id)?, Command::Accept { by, at })
            .await
    }

    async fn refuse_offer(&self, request: Request<RefuseOfferRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (by, at) = (actor(&call)?, call.at);
        self.run(call.expecting(&body.etag), parse("id", &body.id)?, Command::Refuse { by, at })
            .await
    }

    async fn withdraw_offer(&self, request: Request<WithdrawOfferRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (by, at) = (actor(&call)?, call.at);
        self.run(call.expecting(&body.etag), parse("id", &body.id)?, Command::Withdraw { by, at })
            .await
    }

    async fn take_offer(&self, request: Request<TakeOfferRequest>) -> Reply<Shown> {
        let (call, body) = Call::keyed(request);
        let (id, deal) = (parse("id", &body.id)?, parse("deal_id", &body.deal_id)?);
        take::<Offer>(&self.context, call, id, Command::Take { deal, seller: body.seller }).await
    }

    async fn release_offer(
        &self,
        request: Request<ReleaseOfferRequest>,
    ) -> Reply<ReleaseOfferResponse> {
        let (call, body) = Call::keyed(request);
        let (id, deal) = (parse("id", &body.id)?, parse("deal_id", &body.deal_id)?);
        undo::<Offer, _>(&self.context, call, id, Command::Release { deal }).await
    }
}
