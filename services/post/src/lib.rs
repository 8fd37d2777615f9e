//! Posts: what people offer for sale in the neighbourhood, always one piece.
//!
//! ```text
//!              ┌── Hide ──▶ Hidden ──── Delete ──┐
//! Create ──▶ Available ◀── Unhide ──┘            ▼
//!              │  ▲  └───────── Delete ───▶ Deleted
//!      Reserve │  │ Release
//!              ▼  │
//!            Reserved ──── Sell ───▶ Sold
//! ```
//!
//! It calls nobody, so posting works whatever else is down (A-N2). Deals reserve a post and, while
//! they are being made, release it by a call; later `DealCancelled` releases it and `DealEnded` sells
//! it. It publishes `PostWritten`, `PostEdited`, `PostReserved`, `PostReopened`, `PostSold`,
//! `PostHidden`, `PostUnhidden` and `PostDeleted`.

mod domain;
mod grpc;
mod migration;
mod policy;
mod queries;
mod store;

use jangteo::post::v1::post_service_server::PostServiceServer;
use jangteo_kit::service::Service;

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("post", migration::all)
        .grpc(|context| PostServiceServer::new(grpc::Grpc { context }))
        .aggregate::<domain::Post>()
        .follows::<domain::Post>()
}
