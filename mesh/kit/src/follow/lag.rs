//! How far a consumer is behind its source, as the broker counts it.

use std::convert::Infallible;

use crate::{
    bus::{Bus, Subscription},
    context::Context,
    telemetry,
};

/// Looks at every third compare, and never ends by itself. A broker that does not answer leaves the
/// figure unknown.
pub(super) async fn watch(context: &Context, bus: &Bus, of: &Subscription) -> Infallible {
    loop {
        let lag = bus.lag(of).await.ok();
        telemetry::consumer_lag(context.name(), &of.source, lag);
        tokio::time::sleep(context.settings().timing.compare * 3).await;
    }
}
