//! The gRPC face of deals: requests in, commands out. No rules live here.

mod render;

use jangteo::deal::v1::{
    CancelDealRequest, CompleteDealRequest, Deal as Shown, GetDealRequest, ListDealsRequest,
    ListDealsResponse, RescheduleDealRequest, ReserveDealRequest, deal_service_server::DealService,
};
use jangteo_kit::{
    clock,
    context::Context,
    execute::{Call, caller, create, execute, get, user},
    ids::parse,
    status::refusal,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

pub(crate) use self::render::shown;
use crate::{
    domain::{Actor, Command, Deal, Rejection},
    queries,
};

type Reply<T> = Result<Response<T>, Status>;

/// Serves `jangteo.deal.v1.DealService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

impl Grpc {
    async fn run(&self, call: Call, id: Uuid, command: Command) -> Reply<Shown> {
        execute::<Deal>(&self.context, call, id, command).await
    }
}

fn actor(call: &Call) -> Result<Actor, Status> {
    call.user().map(Actor)
}

#[tonic::async_trait]
impl DealService for Grpc {
    async fn reserve_deal(&self, request: Request<ReserveDealRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (clock::new_id(), actor(&call)?, call.at);
        let subject = render::subject(&body)?;
        let meeting = render::meeting(body.meeting_time, body.meeting_place);
        create::<Deal>(&self.context, call, id, Command::Reserve { id, subject, by, meeting, at })
            .await
    }

    async fn get_deal(&self, request: Request<GetDealRequest>) -> Reply<Shown> {
        let reader = user(&caller(&request))?;
        let id = parse("id", &request.into_inner().id)?;
        let found = get::<Deal>(&self.context, id).await?;
        found
            .filter(|found| found.state.is_seen_by(&reader))
            .map(|found| Response::new(shown(&found)))
            .ok_or_else(|| refusal(&Rejection::NotFound).into())
    }

    async fn list_deals(&self, request: Request<ListDealsRequest>) -> Reply<ListDealsResponse> {
        let reader = user(&caller(&request))?;
        let request = request.into_inner();
        let (rows, next_page_token) =
            queries::list(self.context.store(), &request, &reader).await?;
        let deals = rows.into_iter().map(render::row).collect::<Result<_, _>>()?;
        Ok(Response::new(ListDealsResponse { deals, next_page_token }))
    }

    async fn reschedule_deal(&self, request: Request<RescheduleDealRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, actor(&call)?, call.at);
        let meeting = render::meeting(body.meeting_time, body.meeting_place);
        let call = call.expecting(&body.etag);
        self.run(call, id, Command::Reschedule { by, meeting, at }).await
    }

    async fn cancel_deal(&self, request: Request<CancelDealRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, actor(&call)?, call.at);
        self.run(call.expecting(&body.etag), id, Command::Cancel { by, at }).await
    }

    async fn complete_deal(&self, request: Request<CompleteDealRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, actor(&call)?, call.at);
        self.run(call.expecting(&body.etag), id, Command::Complete { by, at }).await
    }
}
