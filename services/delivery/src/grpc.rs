//! The gRPC face of deliveries: requests in, commands out. No rules live here.

mod render;
mod sight;

use jangteo::delivery::v1::{
    CancelDeliveryRequest, CompleteDeliveryRequest, Delivery as Shown, GetDeliveryRequest,
    ListDeliveriesRequest, ListDeliveriesResponse, ListWaitingDeliveriesRequest,
    ListWaitingDeliveriesResponse, PickUpDeliveryRequest, delivery_service_server::DeliveryService,
};
use jangteo_kit::{
    context::Context,
    execute::{Call, caller, execute, get, take, user},
    ids::parse,
    status::refusal,
};
use tonic::{Request, Response, Status};

pub(crate) use self::render::shown;
use self::sight::{is_seen_by, seen_by, unaddressed};
use crate::{
    domain::{Actor, Command, Delivery, Rejection},
    queries,
};

type Reply<T> = Result<Response<T>, Status>;

/// Serves `jangteo.delivery.v1.DeliveryService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

#[tonic::async_trait]
impl DeliveryService for Grpc {
    async fn get_delivery(&self, request: Request<GetDeliveryRequest>) -> Reply<Shown> {
        let reader = caller(&request);
        let person = user(&reader)?;
        let id = parse("id", &request.into_inner().id)?;
        get::<Delivery>(&self.context, id)
            .await?
            .filter(|found| is_seen_by(&found.state, &reader))
            .map(|found| Response::new(seen_by(shown(&found), &person)))
            .ok_or_else(|| refusal(&Rejection::NotFound).into())
    }

    async fn list_deliveries(
        &self,
        request: Request<ListDeliveriesRequest>,
    ) -> Reply<ListDeliveriesResponse> {
        let reader = user(&caller(&request))?;
        let request = request.into_inner();
        let (rows, next_page_token) =
            queries::list(self.context.store(), &request, &reader).await?;
        let seen = |row| Ok::<_, Status>(seen_by(render::row(row)?, &reader));
        let deliveries = rows.into_iter().map(seen).collect::<Result<_, _>>()?;
        Ok(Response::new(ListDeliveriesResponse { deliveries, next_page_token }))
    }

    async fn list_waiting_deliveries(
        &self,
        request: Request<ListWaitingDeliveriesRequest>,
    ) -> Reply<ListWaitingDeliveriesResponse> {
        let request = request.into_inner();
        let (rows, next_page_token) = queries::waiting(self.context.store(), &request).await?;
        let seen = |row| Ok::<_, Status>(unaddressed(render::row(row)?));
        let deliveries = rows.into_iter().map(seen).collect::<Result<_, _>>()?;
        Ok(Response::new(ListWaitingDeliveriesResponse { deliveries, next_page_token }))
    }

    /// Whoever is answered has it, and may read where it goes.
    async fn pick_up_delivery(&self, request: Request<PickUpDeliveryRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, Actor(call.user()?), call.at);
        let call = call.expecting(&body.etag);
        execute::<Delivery>(&self.context, call, id, Command::PickUp { by, at }).await
    }

    async fn complete_delivery(&self, request: Request<CompleteDeliveryRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, Actor(call.user()?), call.at);
        let call = call.expecting(&body.etag);
        execute::<Delivery>(&self.context, call, id, Command::Complete { by, at }).await
    }

    async fn cancel_delivery(&self, request: Request<CancelDeliveryRequest>) -> Reply<Shown> {
        let (call, CancelDeliveryRequest { id, customer, seller, .. }) = Call::keyed(request);
        let (id, at) = (parse("id", &id)?, call.at);
        take::<Delivery>(&self.context, call, id, Command::Cancel { id, customer, seller, at })
            .await
    }
}
