//! Rentals: somebody reserves an item, pays, borrows it and brings it back.
//!
//! ```text
//! Reserve ─▶ Requested ── the item refuses ──▶ Refused
//!               │ it is kept
//!               ▼                Pay            yes               lent           back
//!           Confirmed ───────▶ Paying ───────▶ Paid ───────────▶ Lent ───────▶ Returned
//!             ▲  ▲  │            │ no, silence │    ▲ lent ─▶ Lent
//!             │  └──│─ undone ── Unpaying ◀────┘    │
//!             │     │ 15 minutes      Cancel, CancelPayment
//!             │     ▼                        ▼      │ no, silence: undone
//!             │  Cancelled ◀── Refunding ◀─ Withholding
//!             └── the money alone ─┘   withheld
//! ```
//!
//! A rental is accepted whatever the item context does (B-N2); the item's events say what comes of it.
//! It waits for payment (610 ms, B-O6), whose yes makes it paid and nothing else (B-N1). Before money
//! goes back, the item is asked not to be lent: it alone knows whether that is too late. No arrow is
//! taken while a question is out.
//!
//! It asks payment (`ApprovePayment`, `CancelPayment`) and item (`WithholdItem`, `UndoWithholdItem`);
//! it follows `ItemReserved`, `ItemReservationRefused`, `ItemLent` and `ItemReturned`. It publishes
//! `RentalRequested`, `RentalConfirmed`, `RentalRefused`, `RentalPaid`, `RentalPaymentCancelled`,
//! `RentalCancelled`, `RentalLent` and `RentalReturned`.

mod domain;
mod grpc;
mod migration;
mod policy;
mod queries;
mod store;

use jangteo::rental::v1::rental_service_server::RentalServiceServer;
use jangteo_kit::service::Service;

use crate::domain::Rental;

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("rental", migration::all)
        .grpc(|context| RentalServiceServer::new(grpc::Grpc { context }))
        .aggregate::<Rental>()
        .follows::<Rental>()
}
