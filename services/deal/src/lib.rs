//! Deals: seller and buyer have agreed on a price and meet to hand the goods over.
//!
//! ```text
//! Reserve ──▶ Reserving ── offer taken, post reserved ────▶ Reserved ── Complete ──▶ Ended
//!                │ │ │     or stock held                     │    ▲ │
//!  a no, silence │ │ └─ no stock ──▶ Refused       Reschedule└────┘ └── Cancel ────▶ Cancelled
//!                │ └─ nobody was asked ──┐
//!                ▼                       ▼
//!            Abandoning ── let go ──▶ Abandoned
//! ```
//!
//! Reserving, Abandoning and Abandoned are seen by nobody: they emit no event, and are found and listed
//! for nobody; whoever asked gets the reason. A deal from an offer asks the offer first, which knows
//! post, buyer and price, then the post; a deal on a product asks the stock, which knows owner and
//! price, for pieces that are there: what is made to order is ordered, not met for. It waits for them,
//! and so is reserved or refused at once (A-N1). It publishes `DealReserved`, `DealRefused`,
//! `DealRescheduled`, `DealEnded` and `DealCancelled`; post, offer and inventory follow the last two.

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
