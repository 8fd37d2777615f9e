//! The sandbox: a payment provider that takes no real money, and is as bad as one wishes.
//!
//! ```text
//! Charge ──▶ Charged ── Refund ──▶ Refunded
//! ```
//!
//! Payment asks whoever speaks the provider's contract; this one does. It charges and refunds under
//! keys: asked again it says the same, and a key that was refunded before it was charged is dead. How
//! slow it is, what it declines, whether it is away and whether its answers get lost, operators say at
//! run time. It calls and follows nobody, and publishes `ChargeMade` and `ChargeRefunded`.

mod behaviour;
mod domain;
mod grpc;
mod migration;
mod sandbox;
mod store;

use std::sync::Arc;

use jangteo::provider::v1::{
    provider_service_server::ProviderServiceServer, sandbox_service_server::SandboxServiceServer,
};
use jangteo_kit::service::Service;

use crate::{behaviour::Behaviour, domain::Charge};

/// The context as a process hosts it.
pub fn service() -> Service {
    let behaviour = Arc::new(Behaviour::default());
    let operated = Arc::clone(&behaviour);
    Service::new("provider", migration::all)
        .grpc(move |context| {
            let behaviour = Arc::clone(&behaviour);
            ProviderServiceServer::new(grpc::Grpc { context, behaviour })
        })
        .grpc(move |context| {
            let behaviour = Arc::clone(&operated);
            SandboxServiceServer::new(sandbox::Grpc { context, behaviour })
        })
        .aggregate::<Charge>()
}
