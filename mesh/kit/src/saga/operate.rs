//! What operators do about one aggregate that waits.

use uuid::Uuid;

use super::wake::given_up;
use crate::{
    clock,
    decide::Unanswered,
    event::timestamp,
    execute::{Begun, Stored, Versioned, Waiting, Waits, awaited, load, put},
    status::{Kind, Reject},
    store::{Failure, Tx},
};

/// Why nothing is done about it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Denied {
    #[error("there is no such saga, or not any more: list them")]
    Gone,
    #[error("its time has not come, and it wakes by itself: wait until {0}")]
    NotDue(String),
    #[error("its question is out, and is asked only once: wait for the answer, or abort it")]
    StillAsking,
    #[error("an undo or a harmless question is never dropped: mend the peer it asks, then retry")]
    MustFinish,
    #[error("it asks nobody, it waits for a time: whoever has set its timer ends it")]
    NotAsking,
}

impl Reject for Denied {
    fn kind(&self) -> Kind {
        match self {
            Self::Gone => Kind::NotFound,
            Self::NotDue(_) | Self::StillAsking | Self::MustFinish | Self::NotAsking => {
                Kind::Precondition
            }
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Gone => "SAGA_NOT_FOUND",
            Self::NotDue(_) => "TIMER_NOT_DUE",
            Self::StillAsking => "STILL_ASKING",
            Self::MustFinish => "MUST_FINISH",
            Self::NotAsking => "NOT_ASKING",
        }
    }
}

/// The question that an aggregate waits for.
pub(crate) struct Asks {
    key: String,
    path: String,
    unanswered: Unanswered,
}

impl Asks {
    /// That of a state.
    pub(super) fn of<A: Stored>(state: &A) -> Option<Self> {
        let waits = state.pending()?;
        let (key, path) = (waits.key, waits.question.path);
        Some(Self { key, path, unanswered: waits.unanswered })
    }

    /// Its path, if it is the question of this row: an undo has the key of what it undoes.
    pub(crate) fn path_of(self, row: &Waiting) -> Option<String> {
        let same = match self.unanswered {
            Unanswered::Undo => row.waits() == Waits::Asking,
            Unanswered::Finish => row.waits() == Waits::Finishing,
        };
        (same && row.call_key.as_ref() == Some(&self.key)).then_some(self.path)
    }
}

/// Has one that is asked until it is answered asked as soon as somebody sweeps. A timer whose time has
/// come and that was put off fires then, too.
pub(super) async fn retried<A: Stored>(tx: &Tx, id: Uuid) -> Result<(), Failure<Denied>> {
    let (now, row) = found::<A>(tx, id).await?;
    let at = clock::now_ms();
    let asks = now.state.pending().map(|waits| waits.unanswered);
    match (asks, now.state.due()) {
        (Some(Unanswered::Undo), _) => Err(Failure::Rejected(Denied::StillAsking)),
        (None, Some((time, _))) if time > at => {
            Err(Failure::Rejected(Denied::NotDue(timestamp(time).to_string())))
        }
        (None, None) => Err(Failure::Rejected(Denied::Gone)),
        (Some(Unanswered::Finish), _) | (None, Some(_)) => {
            put(tx, Waiting { wake_time: row.wake_time.min(at), ..row }).await
        }
    }
}

/// Gives up what one asks; answers what it waits for then and has to be asked.
pub(super) async fn aborted<A: Stored>(
    tx: &Tx,
    context: &str,
    id: Uuid,
) -> Result<Option<Begun<A>>, Failure<Denied>> {
    let (now, row) = found::<A>(tx, id).await?;
    let Some(waits) = now.state.pending() else {
        let sleeps = now.state.due().is_some();
        return Err(Failure::Rejected(if sleeps { Denied::NotAsking } else { Denied::Gone }));
    };
    if waits.unanswered == Unanswered::Finish {
        return Err(Failure::Rejected(Denied::MustFinish));
    }
    let begun = given_up(tx, context, now, &row, &waits, clock::now_ms()).await;
    begun.map_err(|failure| failure.map(|never| match never {}))
}

/// One that waits, with its row.
async fn found<A: Stored>(tx: &Tx, id: Uuid) -> Result<(Versioned<A>, Waiting), Failure<Denied>> {
    let now = load::<A, Denied>(tx, id).await?;
    let row = awaited(tx, A::KIND, id).await?;
    now.zip(row).ok_or(Failure::Rejected(Denied::Gone))
}
