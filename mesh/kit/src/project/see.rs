//! Waits until a read model has seen what a consistency token names.

use std::time::Duration;

use tokio::time::Instant;
use tonic::{Code, Status};

use jangteo::errors::Refusal;

use super::{
    ReadModel,
    generation::{consumer, serving},
};
use crate::{
    context::Context,
    decide::Gate,
    inbox,
    status::failed,
    store::{Failure, Never},
    token::Seen,
};

/// Another replica may project: look by oneself as often as this.
const LOOK: Duration = Duration::from_millis(50);

/// Waits until `model` has applied everything in `seen`.
///
/// # Errors
/// `UNAVAILABLE`, `VIEW_BEHIND` when it takes longer than a read may wait, `VIEW_PARKED` at once when
/// an event of the aggregate can't be applied.
pub async fn wait_for(
    context: &Context,
    model: &dyn ReadModel,
    seen: &[Seen],
) -> Result<(), Status> {
    let deadline = Instant::now() + context.settings().timing.token_wait;
    let mut changes = context.changes();
    for wanted in seen.iter().filter(|seen| model.sources().contains(&seen.context.as_str())) {
        loop {
            changes.looking();
            let gate = gate(context, model, wanted).await.map_err(failed)?;
            if gate.last >= wanted.sequence {
                break;
            }
            if gate.parked {
                return Err(parked());
            }
            if Instant::now() >= deadline {
                return Err(behind(context.settings().timing.token_wait));
            }
            changes.wait_on(LOOK).await;
        }
    }
    Ok(())
}

async fn gate(
    context: &Context,
    model: &dyn ReadModel,
    wanted: &Seen,
) -> Result<Gate, Failure<Never>> {
    let db = context.store().reader()?;
    let generation = serving::<Never>(db, model.name()).await?;
    let name = consumer(model.name(), generation.number);
    let key = (wanted.kind.clone(), wanted.id);
    Ok(inbox::gates_of(db, &name, &wanted.context, &key).await?)
}

fn behind(after: Duration) -> Status {
    let said = "the view has not caught up with this write yet: ask again";
    Refusal::new(Code::Unavailable, "VIEW_BEHIND", said).retry_after(after).into()
}

fn parked() -> Status {
    let said = "an event of this aggregate waits for an operator: its view is not up to date";
    Refusal::new(Code::Unavailable, "VIEW_PARKED", said).retry_after(Duration::from_mins(1)).into()
}
