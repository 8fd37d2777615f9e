//! The tickets of the kitchens.

use jangteo::store::v1::{
    AcceptTicketRequest, CancelTicketRequest, FinishCookingRequest, GetTicketRequest,
    ListTicketsRequest, ListTicketsResponse, RejectTicketRequest, StartCookingRequest,
    Ticket as Shown, ticket_service_server::TicketService,
};
use jangteo_kit::{
    context::Context,
    execute::{Call, caller, execute, get, take, user},
    ids::parse,
    status::refusal,
};
use tonic::{Request, Response};

use super::{Reply, render};
use crate::{
    queries,
    ticket::{Actor, Command, Rejection, Ticket},
};

/// Serves `jangteo.store.v1.TicketService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

impl Grpc {
    /// What somebody does with one version of a ticket.
    async fn done(
        &self,
        call: Call,
        (id, etag): (&str, &str),
        command: fn(Actor, i64) -> Command,
    ) -> Reply<Shown> {
        let (id, by, at) = (parse("id", id)?, Actor(call.user()?), call.at);
        execute::<Ticket>(&self.context, call.expecting(etag), id, command(by, at)).await
    }
}

#[tonic::async_trait]
impl TicketService for Grpc {
    async fn get_ticket(&self, request: Request<GetTicketRequest>) -> Reply<Shown> {
        let reader = user(&caller(&request))?;
        let id = parse("id", &request.into_inner().id)?;
        get::<Ticket>(&self.context, id)
            .await?
            .filter(|found| found.state.is_seen_by(&reader))
            .map(|found| Response::new(render::ticket(&found)))
            .ok_or_else(|| refusal(&Rejection::NotFound).into())
    }

    async fn list_tickets(
        &self,
        request: Request<ListTicketsRequest>,
    ) -> Reply<ListTicketsResponse> {
        let reader = user(&caller(&request))?;
        let request = request.into_inner();
        let (rows, next_page_token) =
            queries::tickets(self.context.store(), &request, &reader).await?;
        let tickets = rows.into_iter().map(render::ticket_row).collect::<Result<_, _>>()?;
        Ok(Response::new(ListTicketsResponse { tickets, next_page_token }))
    }

    async fn accept_ticket(&self, request: Request<AcceptTicketRequest>) -> Reply<Shown> {
        let (call, AcceptTicketRequest { id, etag, .. }) = Call::of(request);
        self.done(call, (&id, &etag), |by, at| Command::Accept { by, at }).await
    }

    async fn reject_ticket(&self, request: Request<RejectTicketRequest>) -> Reply<Shown> {
        let (call, RejectTicketRequest { id, etag, .. }) = Call::of(request);
        self.done(call, (&id, &etag), |by, at| Command::Reject { by, at }).await
    }

    async fn start_cooking(&self, request: Request<StartCookingRequest>) -> Reply<Shown> {
        let (call, StartCookingRequest { id, etag, .. }) = Call::of(request);
        self.done(call, (&id, &etag), |by, at| Command::StartCooking { by, at }).await
    }

    async fn finish_cooking(&self, request: Request<FinishCookingRequest>) -> Reply<Shown> {
        let (call, FinishCookingRequest { id, etag, .. }) = Call::of(request);
        self.done(call, (&id, &etag), |by, at| Command::FinishCooking { by, at }).await
    }

    async fn cancel_ticket(&self, request: Request<CancelTicketRequest>) -> Reply<Shown> {
        let (call, CancelTicketRequest { id, store_id, customer, seller, .. }) =
            Call::keyed(request);
        let (id, store, at) = (parse("id", &id)?, parse("store_id", &store_id)?, call.at);
        let cancel = Command::Cancel { id, store, customer, seller, at };
        take::<Ticket>(&self.context, call, id, cancel).await
    }
}
