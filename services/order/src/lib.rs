//! Orders: what a customer buys, pays and has delivered.
//!
//! ```text
//! Place ─▶ Holding ── held ──▶ Paying ── yes ──▶ Placed ─▶ Preparing ─▶ Delivering ─▶ Delivered
//!            │ │                 │               └───────┬──────┘            │
//!  not asked │ │ no, silence     │ no, silence       │   ▲                   │
//!            │ ▼                 │                   │   │                   │ its ticket or its
//!            │ Abandoning ◀──────┘            Cancel │   │ no,               │ delivery is called off,
//!            │ │ stock, then money                   ▼   │ not asked         │ also of the others
//!            ▼ ▼                                  Cancelling                 ▼
//!         Abandoned                                  └──────── yes ───▶ Cancelled
//! ```
//!
//! On the way to Delivered it may skip any of them, and only what a store makes is ever Preparing.
//!
//! Holding, Paying, Abandoning and Abandoned are seen by nobody: they emit no event, and are found and
//! listed for nobody; whoever orders gets the reason. The stock is held before anybody pays (E.13-2),
//! and says what it costs; no client does (E.13-4). Whoever orders waits for stock (500 ms, E-N5) and
//! payment (610 ms): an order that is not paid does not exist. Where it comes to nothing, what either
//! may have taken is let go of, the stock first.
//!
//! What is sold is either there, or all of it is made by one store; the stock says which. The store that
//! makes an order, and the delivery of any other, alone know whether it is too late to call it off. Who
//! calls it off waits for the answer (610 ms); what takes longer goes on without him, and the order says
//! CANCELLING meanwhile. Word of store and delivery that comes then is told at once, and raises what the
//! order goes back to. A ticket that is rejected or called off, and a delivery that is, call their order
//! off as long as that has not arrived.
//!
//! It asks inventory (`HoldStock`, `UndoHoldStock`), payment (`ApprovePayment`, `CancelPayment`), store
//! (`CancelTicket`) and delivery (`CancelDelivery`); it follows `TicketAccepted`, `CookingStarted`,
//! `CookingFinished`, `TicketRejected` and `TicketCancelled`, and `DeliveryPickedUp`,
//! `DeliveryCompleted` and `DeliveryCancelled`. It publishes `OrderPlaced`, `OrderPreparing`,
//! `OrderDelivering`, `OrderDelivered`, `OrderCancelRefused` and `OrderCancelled`; inventory, store and
//! delivery follow the first and the last, payment the last. Where an order goes no event says: delivery
//! asks for it.

mod domain;
mod grpc;
mod migration;
mod policy;
mod queries;
mod store;

use jangteo::order::v1::order_service_server::OrderServiceServer;
use jangteo_kit::service::Service;

use crate::domain::Order;

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("order", migration::all)
        .grpc(|context| OrderServiceServer::new(grpc::Grpc { context }))
        .aggregate::<Order>()
        .follows::<Order>()
}
