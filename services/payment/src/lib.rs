//! Payments: money that a provider takes from a payer, and gives back.
//!
//! ```text
//! Approve ──▶ Approving ── yes ──▶ Approved
//!               │ │ │ no, not sent     │ Cancel
//!               │ │ └──▶ Declined      ▼
//!       silence │ │ Cancel      Cancelling (refunding) ──▶ Cancelled
//!               ▼ ▼                    ▲ it was charged        ▲
//!            Cancelling (charging) ────┴── it was not ─────────┤
//! Cancel ──────────────────── before it ever came ─────────────┘
//! ```
//!
//! The key of the call is the payment: whoever asks again under it is answered by the same one, and a
//! cancelled one is never approved. What nobody has answered is neither refunded nor called off: the
//! charge is asked again under its key until it is answered, and given back then.
//!
//! It asks the provider (`ChargePayer`, `RefundPayer`), whoever speaks that contract; it follows
//! `RentalCancelled`. It publishes `PaymentApproved`, `PaymentDeclined` and `PaymentCancelled`.

mod domain;
mod grpc;
mod migration;
mod policy;
mod queries;
mod store;

use jangteo::payment::v1::payment_service_server::PaymentServiceServer;
use jangteo_kit::service::Service;

use crate::domain::Payment;

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("payment", migration::all)
        .grpc(|context| PaymentServiceServer::new(grpc::Grpc { context }))
        .aggregate::<Payment>()
        .follows::<Payment>()
}
