//! Offers: what buyers ask and propose for a post, and what its seller says.
//!
//! ```text
//! Create ──▶ Asking ──── no ───▶ Abandoned        nobody sees these two
//!              │ yes
//!              ▼                                  Refuse ───▶ Refused
//!           Pending ── Accept ──▶ Accepted        Withdraw ─▶ Withdrawn
//!            ▲ │ Take (a request)  ▲ │ Take       Expire ───▶ Expired
//!            │ └─────▶ InDeal ◀────│─┘            Close ────▶ AutoCancelled
//!            │           │ │       │
//!            │           │ └ Complete ─▶ Completed
//!            │           │ Release, Reopen
//!            │           ▼         │
//!            └─ yes ─ Asking ─ yes ┘  (again)
//! ```
//!
//! An offer is written before its post is asked about, so a sale of the post either finds it or is in
//! the answer. One that asks again is shown as what it will be; it ends like one that is open, and can
//! be neither accepted nor taken until the post has answered.
//!
//! It asks post (`CheckPost`); it follows `PostSold`, `PostDeleted`, `DealEnded` and `DealCancelled`.
//! It publishes `DealOffered`, `PriceProposed`, `OfferAccepted`, `OfferRefused`, `OfferWithdrawn`,
//! `OfferReopened`, `OfferCompleted`, `OfferAutoCancelled` and `OfferExpired`.

mod domain;
mod grpc;
mod migration;
mod policy;
mod queries;
mod store;

use jangteo::offer::v1::offer_service_server::OfferServiceServer;
use jangteo_kit::service::Service;

use crate::domain::Offer;

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("offer", migration::all)
        .grpc(|context| OfferServiceServer::new(grpc::Grpc { context }))
        .aggregate::<Offer>()
        .follows::<Offer>()
}
