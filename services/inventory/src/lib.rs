//! Inventory: products that are sold by the piece, and how many there are; or that are made to order.
//!
//! The originals count stock when it is ordered and take it when it is paid, so that the same piece is
//! sold twice, and refuse the last one. Here a piece is held for a purchase before anybody pays, and is
//! gone when the purchase is done.
//!
//! ```text
//! Register, Restock ──▶ available ─────── Hold ───────▶ held ── Take ──▶ gone
//!                           ▲      for a purchase        │  once it is done
//!                           └────────── GiveBack ────────┘
//!                               once it came to nothing
//!
//! Register ──▶ on sale ── Release ──▶ released
//!                         nothing is held any more; what was held before goes on
//! ```
//!
//! All of the pieces can be sold, the last one too, and none of them twice: whatever comes, the pieces
//! on hand cover those that are held.
//!
//! A product that a store makes to order has no pieces: it can be had as long as it is on sale, and
//! nothing of it is held, sold or given back. A purchase is of one owner, and of one store or of pieces
//! that are there. Whose the store is, inventory does not know: the store turns down what is not its
//! owner's.
//!
//! It calls nobody. Deals and orders hold the pieces of all lines of a purchase, or none, by a call,
//! which answers what they cost, and which store makes them; while they are being made they give them
//! back by another. Later `DealEnded` takes them for good and `DealCancelled` gives them back. It
//! publishes `ProductRegistered`, `ProductChanged`, `ProductReleased`, `StockHeld`, `StockReleased`,
//! `StockDecreased` and `StockIncreased`, each with what is on hand and available after it.

mod domain;
mod grpc;
mod migration;
mod policy;
mod queries;
mod store;

use jangteo::inventory::v1::inventory_service_server::InventoryServiceServer;
use jangteo_kit::service::Service;

use crate::domain::Product;

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("inventory", migration::all)
        .grpc(|context| InventoryServiceServer::new(grpc::Grpc { context }))
        .aggregate::<Product>()
        .follows::<Product>()
}
