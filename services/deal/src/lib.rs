//! Deals: seller and buyer have agreed on a price and meet to hand the goods over.
//!
//! ```text
//! Reserve ──▶ Reserving ─── offer taken, post reserved ───▶ Reserved ── Complete ──▶ Ended
//!                │  │                                        │    ▲ │
//!  a no, silence │  └─ nobody was asked ─┐         Reschedule└────┘ └── Cancel ────▶ Cancelled
//!                ▼                       ▼
//!            Abandoning ── let go ──▶ Abandoned
//! ```
//!
//! What is left of the line from Reserving to Reserved is seen by nobody: it emits no event, and is
//! found and listed for nobody; whoever asked gets the reason. A deal asks the offer first, which
//! knows post, buyer and price, then the post; it waits for both, and so is reserved or refused at
//! once (A-N1). It publishes `DealReserved`, `DealRescheduled`, `DealEnded` and `DealCancelled`; post
//! and offer follow the last two.

mod domain;
mod grpc;
mod migration;
mod queries;
mod store;

use jangteo::deal::v1::deal_service_server::DealServiceServer;
use jangteo_kit::service::Service;

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("deal", migration::all)
        .grpc(|context| DealServiceServer::new(grpc::Grpc { context }))
        .aggregate::<domain::Deal>()
}
