//! Stores: kitchens that make what is ordered.
//!
//! ```text
//! OrderPlaced ──▶ Arriving ── there is no such store ──────▶ Rejected
//!                  │    │                                       ▲
//!                  │    │ the store is its seller's             │
//!                  │    ▼                                       │
//!                  │  Received ── Reject ───────────────────────┤
//!                  │    │    │                                  │
//!                  │    │    │ Accept                           │
//!                  │    │    ▼                                  │
//!                  │    │  Accepted ── Reject ──────────────────┘
//!                  │    │    │    │
//!                  │    │    │    └─ StartCooking ──▶ Cooking ── FinishCooking ──▶ Cooked
//!                  │    │    │
//!                  ▼    ▼    ▼ CancelTicket, OrderCancelled
//! CancelTicket ──▶ Cancelled
//!    before it ever came
//! ```
//!
//! A ticket has the id of its order, so there is one for each. Whichever comes first decides: once it is
//! being cooked, it is not called off; once it is called off, nobody cooks it, also if that was before it
//! came. Only the ticket knows whether it is too late, so the order asks it.
//!
//! Which store makes an order its products say, and they say what their seller has written there: nobody
//! has looked whether he has such a store. So an arriving ticket, which nobody sees, asks this context
//! itself (`CheckStore`), as it would ask any other, again and again until it is answered. If its seller
//! has no such store, it is rejected, and the customer gets the money back.
//!
//! It follows `OrderPlaced` of orders that name a store, and `OrderCancelled`. It publishes `StoreOpened`,
//! `TicketReceived`, `TicketAccepted`, `TicketRejected`, `CookingStarted`, `CookingFinished` and
//! `TicketCancelled`.

mod grpc;
mod kitchen;
mod migration;
mod queries;
mod ticket;

use jangteo::store::v1::{
    store_service_server::StoreServiceServer, ticket_service_server::TicketServiceServer,
};
use jangteo_kit::service::Service;

use crate::{
    grpc::{stores, tickets},
    kitchen::Store,
    ticket::Ticket,
};

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("store", migration::all)
        .grpc(|context| StoreServiceServer::new(stores::Grpc { context }))
        .grpc(|context| TicketServiceServer::new(tickets::Grpc { context }))
        .aggregate::<Store>()
        .aggregate::<Ticket>()
        .follows::<Ticket>()
}
