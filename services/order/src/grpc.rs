//! The gRPC face of orders: requests in, commands out. No rules live here.

mod render;

use jangteo::order::v1::{
    CancelOrderRequest, Destination as ShownDestination, GetDestinationRequest, GetOrderRequest,
    ListOrdersRequest, ListOrdersResponse, Order as Shown, PlaceOrderRequest,
    order_service_server::OrderService,
};
use jangteo_kit::{
    clock,
    context::Context,
    execute::{Call, caller, check, create, execute, get, user},
    ids::parse,
    status::refusal,
};
use tonic::{Request, Response, Status};

pub(crate) use self::render::shown;
use crate::{
    domain::{Actor, Command, Destination, Order, Rejection},
    queries,
};

type Reply<T> = Result<Response<T>, Status>;

/// Serves `jangteo.order.v1.OrderService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

#[tonic::async_trait]
impl OrderService for Grpc {
    async fn place_order(&self, request: Request<PlaceOrderRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, customer) = (clock::new_id(), call.user()?);
        let lines = render::wanted(&body.lines)?;
        let PlaceOrderRequest { address, phone_number, expected_total_krw, .. } = body;
        let destination = Destination { address, phone_number };
        let place = Command::Place { id, customer, lines, destination, expected_total_krw };
        create::<Order>(&self.context, call, id, place).await
    }

    async fn get_order(&self, request: Request<GetOrderRequest>) -> Reply<Shown> {
        let reader = user(&caller(&request))?;
        let id = parse("id", &request.into_inner().id)?;
        let found = get::<Order>(&self.context, id).await?;
        found
            .filter(|found| found.state.is_seen_by(&reader))
            .map(|found| Response::new(render::seen_by(shown(&found), &reader)))
            .ok_or_else(|| refusal(&Rejection::NotFound).into())
    }

    async fn list_orders(&self, request: Request<ListOrdersRequest>) -> Reply<ListOrdersResponse> {
        let reader = user(&caller(&request))?;
        let request = request.into_inner();
        let (rows, next_page_token) =
            queries::list(self.context.store(), &request, &reader).await?;
        let orders = rows.into_iter().map(|row| render::row(row, &reader));
        let orders = orders.collect::<Result<_, _>>()?;
        Ok(Response::new(ListOrdersResponse { orders, next_page_token }))
    }

    async fn cancel_order(&self, request: Request<CancelOrderRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by) = (parse("id", &body.id)?, Actor(call.user()?));
        let call = call.expecting(&body.etag);
        execute::<Order>(&self.context, call, id, Command::Cancel { by }).await
    }

    async fn get_destination(
        &self,
        request: Request<GetDestinationRequest>,
    ) -> Reply<ShownDestination> {
        let (call, body) = Call::keyed(request);
        let found = get::<Order>(&self.context, parse("id", &body.id)?).await?;
        let bought = found.filter(|found| found.state.purchase().is_some());
        let shown = check(&call, bought.ok_or(Rejection::NotFound))?;
        Ok(shown.map(render::destination))
    }
}
