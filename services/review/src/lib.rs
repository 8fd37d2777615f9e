//! Reviews: what renters thought of what they rented.
//!
//! ```text
//! RentalReturned ──▶ Requested ── Write ──▶ Writing ── answered ───▶ Written
//!                        ▲                   │   │                      ▲
//!                        └─ nobody was asked ┘   │ silence              │
//!                                                ▼                      │
//!                                         Writing, again ── answered ───┘
//! ```
//!
//! A review has the id of its rental, so there is one for each. With it the item leaves the lists
//! (B-F13): it is asked to (`RetireItem`) before anything is written. Where nobody could be asked,
//! nothing was written, and the renter tries again a little later; where no answer came in time, the
//! item may be gone already, so it is asked until it answers and the review is written then. Until it
//! is written only its renter sees it.
//!
//! It asks item; it follows `RentalReturned` of rental. It publishes `ReviewRequested` and
//! `ReviewWritten`.

mod domain;
mod grpc;
mod migration;
mod policy;
mod queries;
mod store;

use jangteo::review::v1::review_service_server::ReviewServiceServer;
use jangteo_kit::service::Service;

use crate::domain::Review;

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("review", migration::all)
        .grpc(|context| ReviewServiceServer::new(grpc::Grpc { context }))
        .aggregate::<Review>()
        .follows::<Review>()
}
