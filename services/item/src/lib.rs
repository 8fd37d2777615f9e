//! Items: things that their owners rent out, always one piece.
//!
//! ```text
//!                    ┌──────────────── Return ─────────────────┐
//!                    ▼                                         │
//! Register ──▶ Rentable ── Reserve ──▶ Reserved ── Lend ──▶ Lent
//!               │  │ ▲                  │   │                │
//!        Delete │  │ └──── Release ─────┘   │ Release        │ Return
//!               ▼  │ Retire                 ▼                ▼
//!         Deleted  └───────────────────▶ Retired ◀───────────┘
//!                                         once it was retired under its rental
//!
//! Reserve of what is not there ──▶ Unknown, which nobody sees and nobody has
//! ```
//!
//! A rental holds its item from Reserve to Release or Return. An item counts its rental's payments: the
//! highest that was made, and the highest on which nothing is lent since it goes back. It can be lent
//! while the first is above the second, so late word of a payment that went back changes nothing.
//!
//! It calls nobody. Rentals withhold an item before they give money back, and reviews retire it, by a
//! call; it follows `RentalRequested`, `RentalPaid` and `RentalCancelled`. It publishes
//! `ItemRegistered`, `ItemChanged`, `ItemReserved`, `ItemReservationRefused`, `ItemReleased`,
//! `ItemLent`, `ItemReturned`, `ItemRetired` and `ItemDeleted`.

mod domain;
mod grpc;
mod migration;
mod policy;
mod queries;
mod store;

use jangteo::item::v1::item_service_server::ItemServiceServer;
use jangteo_kit::service::Service;

use crate::domain::Item;

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("item", migration::all)
        .grpc(|context| ItemServiceServer::new(grpc::Grpc { context }))
        .aggregate::<Item>()
        .follows::<Item>()
}
