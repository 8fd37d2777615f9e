//! Figures of what waits.

use tokio_util::sync::CancellationToken;

use crate::{
    context::Context,
    execute::{Count, counts},
    store::{Failure, Never},
    telemetry,
    work::Holder,
};

/// Tells how much waits until `stop`, at every third compare and as long as this replica holds the
/// lease. Also where nobody is followed: whoever follows nobody may ask.
pub(crate) async fn figures(context: Context, holder: Holder, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if !holder.holds() {
            telemetry::sagas(context.name(), None);
            holder.wait(&stop).await;
        }
        match counted(&context).await {
            Ok(counts) => telemetry::sagas(context.name(), Some(counts)),
            Err(failure) => {
                tracing::debug!(%failure, context = context.name(), "what waits is not counted");
            }
        }
        let pause = tokio::time::sleep(context.settings().timing.compare * 3);
        tokio::select! { () = pause => {}, () = holder.lost(&stop) => {} }
    }
}

async fn counted(context: &Context) -> Result<Vec<Count>, Failure<Never>> {
    Ok(counts(context.store().reader()?).await?)
}
