//! The gRPC face of rentals: requests in, commands out. No rules live here.

mod render;

use jangteo::rental::v1::{
    CancelRentalPaymentRequest, CancelRentalRequest, GetRentalRequest, ListRentalsRequest,
    ListRentalsResponse, PayRentalRequest, Rental as Shown, ReserveRentalRequest,
    rental_service_server::RentalService,
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
    domain::{Actor, Command, Rejection, Rental},
    queries,
};

type Reply<T> = Result<Response<T>, Status>;

/// Serves `jangteo.rental.v1.RentalService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

impl Grpc {
    async fn run(&self, call: Call, id: Uuid, command: Command) -> Reply<Shown> {
        execute::<Rental>(&self.context, call, id, command).await
    }
}

fn actor(call: &Call) -> Result<Actor, Status> {
    call.user().map(Actor)
}

#[tonic::async_trait]
impl RentalService for Grpc {
    async fn reserve_rental(&self, request: Request<ReserveRentalRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, renter, at) = (clock::new_id(), call.user()?, call.at);
        let item = parse("item_id", &body.item_id)?;
        create::<Rental>(&self.context, call, id, Command::Reserve { id, item, renter, at }).await
    }

    async fn get_rental(&self, request: Request<GetRentalRequest>) -> Reply<Shown> {
        let reader = user(&caller(&request))?;
        let id = parse("id", &request.into_inner().id)?;
        let found = get::<Rental>(&self.context, id).await?;
        found
            .filter(|found| found.state.is_seen_by(&reader))
            .map(|found| Response::new(shown(&found)))
            .ok_or_else(|| refusal(&Rejection::NotFound).into())
    }

    async fn list_rentals(
        &self,
        request: Request<ListRentalsRequest>,
    ) -> Reply<ListRentalsResponse> {
        let reader = user(&caller(&request))?;
        let request = request.into_inner();
        let (rows, next_page_token) =
            queries::list(self.context.store(), &request, &reader).await?;
        let rentals = rows.into_iter().map(render::row).collect::<Result<_, _>>()?;
        Ok(Response::new(ListRentalsResponse { rentals, next_page_token }))
    }

    async fn pay_rental(&self, request: Request<PayRentalRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by) = (parse("id", &body.id)?, actor(&call)?);
        self.run(call.expecting(&body.etag), id, Command::Pay { by }).await
    }

    async fn cancel_rental_payment(
        &self,
        request: Request<CancelRentalPaymentRequest>,
    ) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by) = (parse("id", &body.id)?, actor(&call)?);
        self.run(call.expecting(&body.etag), id, Command::CancelPayment { by }).await
    }

    async fn cancel_rental(&self, request: Request<CancelRentalRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, actor(&call)?, call.at);
        self.run(call.expecting(&body.etag), id, Command::Cancel { by, at }).await
    }
}
