//! An errand: two calls that take something, one after the other, and let go of it in reverse.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use prost::Message;
use uuid::Uuid;

use crate::{
    decide::{Heard, No, Pending, Question, Unanswered},
    event::{Emitted, Recorded},
    execute::{Aggregate, Decision},
    status::{Kind, Reject},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Errand {
    pub(super) id: Uuid,
    pub(super) plan: Plan,
    pub(super) stage: Stage,
}

/// What an errand is told when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Two errands can't have the same one.
    pub(super) slot: Option<String>,
    /// How long each of its questions may take, in ms.
    pub(super) limit: i64,
    /// When it reminds of itself, in ms since 1970.
    pub(super) remind: Option<i64>,
}

impl Default for Plan {
    /// No test lasts as long as its questions may take.
    fn default() -> Self {
        Self { slot: None, limit: 60_000, remind: None }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Takes the first.
    First,
    /// Takes the second.
    Second,
    Done,
    /// Could not take the second in time, and takes it all the same.
    Insisting,
    /// Is done, and tells somebody until he has heard.
    Telling,
    Reminded,
    /// Lets go of the second.
    Undoing(No),
    /// Lets go of the first.
    UndoingFirst(No),
    Undone(No),
    Closed,
}

impl Stage {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Done => "done",
            Self::Insisting => "insisting",
            Self::Telling => "telling",
            Self::Reminded => "reminded",
            Self::Undoing(_) => "undoing",
            Self::UndoingFirst(_) => "undoing first",
            Self::Undone(_) => "undone",
            Self::Closed => "closed",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Command {
    Begin(Uuid, Plan),
    First(Heard<Shown>),
    Second(Heard<Shown>),
    Undone(Heard<Shown>),
    Tell,
    Told(Heard<Shown>),
    Remind,
    /// Ends it in any state, as an event does.
    Close,
    /// Goes on without the first.
    Skip,
    /// Takes another slot.
    Move(String),
    /// Does nothing.
    Nudge,
}

/// An errand with this slot refuses answers, which is a bug.
pub(super) const STUBBORN: &str = "stubborn";
/// An errand with this slot finishes what it could not do in time.
pub(super) const INSISTENT: &str = "insistent";
/// An errand with this slot does nothing when its timer fires, which is a bug, too.
pub(super) const DEAF: &str = "deaf";
/// How often bugs were met.
pub(super) static STUBBORNESS: AtomicU32 = AtomicU32::new(0);
pub(super) static DEAFNESS: AtomicU32 = AtomicU32::new(0);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Rejection {
    #[error("there is no such errand")]
    Absent,
    #[error("it has begun")]
    Begun,
    #[error("it was closed")]
    Closed,
    #[error("another errand has this slot")]
    SlotTaken,
    #[error("a bug")]
    Stubborn,
    #[error(transparent)]
    Peer(#[from] No),
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::Absent => Kind::NotFound,
            Self::Begun | Self::SlotTaken => Kind::Exists,
            Self::Closed | Self::Stubborn => Kind::Precondition,
            Self::Peer(no) => no.kind(),
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Absent => "ERRAND_ABSENT",
            Self::Begun => "ERRAND_BEGUN",
            Self::Closed => "ERRAND_CLOSED",
            Self::SlotTaken => "SLOT_TAKEN",
            Self::Stubborn => "ERRAND_STUBBORN",
            Self::Peer(no) => no.reason(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Peer(no) => no.retry_after(),
            _ => None,
        }
    }
}

/// Tells what it has become.
pub(super) struct Became(&'static str);

impl Emitted for Became {
    fn record(&self) -> Recorded {
        Recorded { type_name: self.0.to_owned(), payload: vec![] }
    }
}

/// What an errand asks; the key makes each attempt a question of its own.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Asks {
    #[prost(string, tag = "1")]
    pub(super) call_key: String,
}

impl prost::Name for Asks {
    const NAME: &'static str = "Asks";
    const PACKAGE: &'static str = "jangteo.sample.v1";
}

/// An errand or a shelf, as callers see it.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Shown {
    #[prost(string, tag = "1")]
    pub(super) stage: String,
}

fn away() -> No {
    No::unavailable("PEER_AWAY", "the peer is away")
}

impl Aggregate for Errand {
    const KIND: &'static str = "errand";
    type Command = Command;
    type Event = Became;
    type Rejection = Rejection;

    fn decide(errand: Option<Self>, command: Command) -> Decision<Self> {
        match (errand, command) {
            (None, Command::Begin(id, plan)) => {
                Ok((Self { id, plan, stage: Stage::First }, vec![]))
            }
            (None, _) => Err(Rejection::Absent),
            (Some(_), Command::Begin(..)) => Err(Rejection::Begun),
            (Some(errand), Command::Move(slot)) => {
                let plan = Plan { slot: Some(slot), ..errand.plan };
                Ok((Self { plan, ..errand }, vec![]))
            }
            (Some(errand), command) => errand.told(command),
        }
    }

    fn pending(&self) -> Option<Pending<Command>> {
        use Unanswered::{Finish, Undo};
        Some(match self.stage {
            Stage::First => self.asks("TakeFirst", Undo, Command::First),
            Stage::Second => self.asks("TakeSecond", Undo, Command::Second),
            Stage::Insisting => self.asks("TakeSecond", Finish, Command::Second),
            Stage::Telling => self.asks("Tell", Finish, Command::Told),
            Stage::Undoing(_) => self.asks("UndoSecond", Finish, Command::Undone),
            Stage::UndoingFirst(_) => self.asks("UndoFirst", Finish, Command::Undone),
            _ => return None,
        })
    }

    fn due(&self) -> Option<(i64, Command)> {
        let waits = matches!(self.stage, Stage::First | Stage::Second | Stage::Done);
        self.plan.remind.filter(|_| waits).map(|at| (at, Command::Remind))
    }

    fn outcome(&self) -> Result<(), Rejection> {
        match &self.stage {
            Stage::Undoing(why) | Stage::UndoingFirst(why) | Stage::Undone(why) => {
                Err(why.clone().into())
            }
            Stage::Closed => Err(Rejection::Closed),
            Stage::First
            | Stage::Second
            | Stage::Insisting
            | Stage::Done
            | Stage::Telling
            | Stage::Reminded => Ok(()),
        }
    }
}

impl Errand {
    fn asks(
        &self,
        rpc: &str,
        unanswered: Unanswered,
        heard: impl Fn(Heard<Shown>) -> Command + Send + Sync + 'static,
    ) -> Pending<Command> {
        let key = format!("errands/{}", self.id);
        let asks = Asks { call_key: key.clone() };
        let limit = Duration::from_millis(u64::try_from(self.plan.limit).expect("positive"));
        let question = Question::of(&format!("Peer/{rpc}"), &asks);
        Pending::new(key, question, limit, unanswered, move |answer, _| heard(answer))
    }

    fn told(self, command: Command) -> Decision<Self> {
        let has = |slot| self.plan.slot.as_deref() == Some(slot);
        if has(STUBBORN) && matches!(command, Command::First(_)) {
            STUBBORNESS.fetch_add(1, Ordering::Relaxed);
            return Err(Rejection::Stubborn);
        }
        if has(DEAF) && matches!(command, Command::Remind) {
            DEAFNESS.fetch_add(1, Ordering::Relaxed);
            return Ok((self, vec![]));
        }
        let insists = has(INSISTENT) && matches!(command, Command::Second(Heard::Nothing));
        let stage = match self.stage.clone() {
            Stage::Second if insists => Stage::Insisting,
            stage => stage.after(command),
        };
        let tells =
            stage != self.stage && matches!(stage, Stage::Done | Stage::Reminded | Stage::Closed);
        let events = tells.then(|| Became(stage.name())).into_iter().collect();
        Ok((Self { stage, ..self }, events))
    }
}

impl Stage {
    fn after(self, command: Command) -> Self {
        match (self, command) {
            (_, Command::Close) => Self::Closed,
            (Self::First, Command::First(Heard::Yes(_)) | Command::Skip) => Self::Second,
            (Self::First, Command::First(Heard::NotSent)) => Self::Undone(away()),
            (Self::First, Command::First(heard)) => Self::UndoingFirst(why(heard)),
            (Self::Second | Self::Insisting, Command::Second(Heard::Yes(_)))
            | (Self::Telling, Command::Told(Heard::Yes(_))) => Self::Done,
            (Self::Second, Command::Second(heard)) => Self::Undoing(why(heard)),
            (Self::Done, Command::Tell) => Self::Telling,
            (Self::Undoing(why), Command::Undone(Heard::Yes(_))) => Self::UndoingFirst(why),
            (Self::UndoingFirst(why), Command::Undone(Heard::Yes(_))) => Self::Undone(why),
            (Self::First | Self::Second | Self::Done, Command::Remind) => Self::Reminded,
            (stage, _) => stage,
        }
    }
}

fn why(heard: Heard<Shown>) -> No {
    if let Heard::No(no) = heard { no } else { away() }
}
