//! Deliveries: couriers bring orders to their customers.
//!
//! ```text
//! OrderPlaced,
//! CookingFinished ──▶ Started ── PickUp ──▶ PickedUp ── Complete ──▶ Delivered
//!                        │
//!                        │ Cancel, OrderCancelled
//!                        ▼
//! Cancel ──────────▶ Cancelled
//!    before it ever came
//! ```
//!
//! The delivery of an order that a store makes begins when it is cooked, that of any other when it is
//! paid. A delivery has the id of its order, so there is one for each. Whichever comes first decides:
//! once a courier has it, it is not called off; once it is called off, no courier takes it, also if
//! that was before it began. Only the delivery knows whether it is too late, so the order asks it.
//!
//! No event says where it goes. Until it has ended, a delivery that does not know it asks its order
//! again and again; whoever wants to pick it up does not wait for that. At its end it forgets it.
//!
//! It asks order (`GetDestination`); it follows `OrderPlaced`, `OrderCancelled` and `CookingFinished`. It
//! publishes `DeliveryStarted`, `DeliveryPickedUp`, `DeliveryCompleted` and `DeliveryCancelled`.

mod domain;
mod grpc;
mod migration;
mod policy;
mod queries;
mod store;

use jangteo::delivery::v1::delivery_service_server::DeliveryServiceServer;
use jangteo_kit::service::Service;

use crate::domain::Delivery;

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("delivery", migration::all)
        .grpc(|context| DeliveryServiceServer::new(grpc::Grpc { context }))
        .aggregate::<Delivery>()
        .follows::<Delivery>()
}
