//! Whether a context's journal knows everything that its own stream tells. A database that was
//! restored from an older copy does not, and would give numbers to new events that others have
//! already heard of.

use crate::{
    bus::{Bus, Part},
    context::{Audit, Context},
    event::Event,
    inbox::position,
    journal::{newest_ack, unknown},
    store::{Failure, Never},
};

/// Under this name the time is kept from which a stream has to be read again.
const POSITION: &str = "audit";

/// A journal has forgotten events.
#[derive(Debug, thiserror::Error)]
#[error(
    "DATABASE_BEHIND_BROKER: the database was restored from an older copy and does not know {0} \
     of {1} {2}: `jangteo adopt {3}` mends it"
)]
pub(crate) struct Behind(i64, String, uuid::Uuid, String);

/// Reads what the own stream has received since the newest acknowledgement, less a margin. Once all
/// of it was found in the journal this is so for as long as the process lives: it publishes nothing
/// that is not.
///
/// # Errors
/// [`Behind`]; the broker or the database can't be reached.
pub(crate) async fn audit(context: &Context, bus: &Bus) -> anyhow::Result<()> {
    if context.audit() == Audit::Passed {
        return Ok(());
    }
    let since = since(context).await?;
    let Some(event) = first_unknown(context, bus, since).await? else {
        forget(context).await?;
        context.set_audit(Audit::Passed);
        return Ok(());
    };
    keep(context, since).await?;
    let name = context.name().to_owned();
    let behind = Behind(event.sequence, event.kind, event.aggregate_id, name);
    if context.audit() != Audit::Behind {
        tracing::error!(context = context.name(), "{behind}");
    }
    context.set_audit(Audit::Behind);
    Err(behind.into())
}

/// From when on the stream may tell what the journal does not know, in ms since 1970. Where events
/// were found missing before, from then: what was adopted since is newer.
pub(super) async fn since(context: &Context) -> anyhow::Result<i64> {
    let db = context.store().reader()?;
    if let Some(since) = position::get(db, POSITION, context.name()).await? {
        return Ok(since);
    }
    let margin = context.settings().timing.compare_margin.as_millis();
    let newest = newest_ack(db).await?;
    Ok(newest.map_or(0, |at| at.saturating_sub(i64::try_from(margin).unwrap_or(i64::MAX)).max(0)))
}

async fn first_unknown(context: &Context, bus: &Bus, since: i64) -> anyhow::Result<Option<Event>> {
    let mut history = bus.history(context.name(), Part { since, partition: None }).await?;
    while let Some(messages) = history.next().await? {
        // Messages that are no events are nobody's: whoever follows passes them over as well.
        let events = messages.into_iter().filter_map(Result::ok).collect();
        let unknown = unknown(context.store(), context.name(), events).await?;
        if let Some(event) = unknown.into_iter().next() {
            return Ok(Some(event));
        }
    }
    Ok(None)
}

/// Keeps the time for whoever looks next, in whichever process.
async fn keep(context: &Context, since: i64) -> Result<(), Failure<Never>> {
    let name = context.name();
    let kept = context.store().unit(move |tx| {
        Box::pin(async move { Ok(position::set(tx, &[POSITION.to_owned()], name, since).await?) })
    });
    kept.await
}

async fn forget(context: &Context) -> Result<(), Failure<Never>> {
    if position::get(context.store().reader()?, POSITION, context.name()).await?.is_none() {
        return Ok(());
    }
    let forgotten = context
        .store()
        .unit(|tx| Box::pin(async move { Ok(position::clear(tx, POSITION).await?) }));
    forgotten.await
}
