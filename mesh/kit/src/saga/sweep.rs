//! The sweeper: takes up what others have left, when its time has come.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::Saga;
use crate::{
    clock,
    context::Context,
    execute::{Waiting, due, put_off},
    store::{Failure, Never},
    work::Holder,
};

/// Aggregates that are woken together at most.
const PAGE: u64 = 64;
/// Whoever asks gives up by himself when his time is over: he is left the time to do so.
const LATE: Duration = Duration::from_millis(100);
/// Questions of a context that are out at the same time at most, beside those of its callers.
const ASKING: usize = 64;

/// Wakes what is due until `stop`, as long as this replica holds the lease.
pub(crate) async fn sweep(
    context: Context,
    sagas: Vec<Arc<dyn Saga>>,
    holder: Holder,
    stop: CancellationToken,
) {
    let sagas = sagas.into_iter().map(|saga| (saga.kind().to_owned(), saga)).collect();
    let asking = Arc::new(Semaphore::new(ASKING));
    while !stop.is_cancelled() {
        holder.wait(&stop).await;
        let poll = context.seldom(context.settings().timing.sweep);
        let pause = match round(&context, &sagas, &asking, poll).await {
            Ok(pause) => pause,
            Err(failure) => {
                tracing::warn!(%failure, context = context.name(), "what is due waits");
                poll
            }
        };
        tokio::select! { () = context.sweeper_woken(pause) => {}, () = stop.cancelled() => {} }
    }
}

/// Wakes a page of what is due; answers how long nothing else will be, as far as is known: no longer than
/// `most`.
async fn round(
    context: &Context,
    sagas: &BTreeMap<String, Arc<dyn Saga>>,
    asking: &Arc<Semaphore>,
    most: Duration,
) -> Result<Duration, Failure<Never>> {
    let now = clock::now_ms();
    let until = now.saturating_add(i64::try_from(most.as_millis()).unwrap_or(i64::MAX));
    let rows = due(context.store().reader()?, until, PAGE).await?;
    let (due, next): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.wake_time <= now);
    let pause = match next.first() {
        Some(next) => {
            Duration::from_millis(u64::try_from(next.wake_time - now).unwrap_or(0)) + LATE
        }
        None if due.len() as u64 == PAGE => Duration::ZERO,
        None => most,
    };
    for row in due {
        let Some(saga) = sagas.get(&row.kind) else {
            tracing::error!(kind = row.kind, "nobody keeps such aggregates going");
            later(context, row).await?;
            continue;
        };
        match saga.wake(context.clone(), row.aggregate_id).await {
            Ok(Some(ask)) => {
                let asking = asking.clone();
                context.tasks().spawn(async move {
                    // Only the end of the process closes it.
                    let _permit = asking.acquire().await;
                    ask.await;
                });
            }
            Ok(None) => {}
            Err(failure) => {
                tracing::error!(
                    %failure, kind = row.kind, aggregate.id = %row.aggregate_id,
                    "what is due can't be done"
                );
                later(context, row).await?;
            }
        }
    }
    Ok(pause)
}

/// A bug in the code or in a row: it is tried again, and is in nobody's way meanwhile.
async fn later(context: &Context, row: Waiting) -> Result<(), Failure<Never>> {
    let pause = context.settings().timing.backoff_max.as_millis();
    let wake_time = clock::now_ms().saturating_add(i64::try_from(pause).unwrap_or(i64::MAX));
    let put_off = context.store().unit(move |tx| {
        let row = row.clone();
        Box::pin(async move { Ok(put_off(tx, &row, wake_time).await?) })
    });
    put_off.await
}
