//! Dead letters: events that could not be applied, and what becomes of them.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use super::{
    apply::{Effect, Guard, Intake},
    discarded, held,
};
use crate::{
    event::Unfit,
    journal::Key,
    store::{Failure, Tx},
};

/// One event before the gate of one consumer. Its text is what operators call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Whose gate it is.
    pub consumer: String,
    /// Where the event comes from.
    pub source: String,
    /// Its aggregate.
    pub key: Key,
    /// Its number among the events of the aggregate.
    pub sequence: i64,
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { consumer, source, key: (kind, id), sequence } = self;
        write!(f, "{consumer}/{source}/{kind}/{id}/{sequence}")
    }
}

/// The text names no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoLetter;

impl FromStr for Letter {
    type Err = NoLetter;

    fn from_str(text: &str) -> Result<Self, NoLetter> {
        let parts: Vec<&str> = text.split('/').collect();
        let [consumer, source, kind, id, sequence] = parts[..] else { return Err(NoLetter) };
        Ok(Self {
            consumer: consumer.to_owned(),
            source: source.to_owned(),
            key: (kind.to_owned(), Uuid::try_parse(id).map_err(|_| NoLetter)?),
            sequence: sequence.parse().map_err(|_| NoLetter)?,
        })
    }
}

/// What an operator does about a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// It is tried again.
    Redrive,
    /// It is passed over for good, also when the read model is rebuilt.
    Discard,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedied {
    /// It is no dead letter, or not any more.
    Gone,
    /// It went through; what waits behind it follows.
    Through,
    /// It could not be applied again, and why.
    Again(String),
}

/// Lets a dead letter through its gate, and the first of what waits behind it; what is more is set
/// aside.
pub(super) async fn let_through(
    tx: &Tx,
    letter: &Letter,
    remedy: Remedy,
    effect: &dyn Effect,
) -> Result<Remedied, Failure<Unfit>> {
    let Letter { source, key, sequence, .. } = letter;
    let intake = Intake { tx, source, effect, guard: Guard::Savepoint };
    // The gate first, as whoever takes events in does.
    intake.locked(key).await?;
    if !held::unpark(tx, letter).await? {
        return Ok(Remedied::Gone);
    }
    if remedy == Remedy::Discard {
        discarded::put(tx, letter).await?;
    }
    let mut gate = intake.locked(key).await?;
    intake.follow_up(key, &mut gate).await?;
    intake.moved(key, &gate).await?;
    if gate.parked && gate.last < *sequence {
        let cause = held::cause(tx, letter).await?;
        return Ok(Remedied::Again(cause.unwrap_or_default()));
    }
    Ok(Remedied::Through)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_named_by_its_place() {
        let text = "my_sales@1/post/post/0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3f/3";
        let letter: Letter = text.parse().unwrap();
        assert_eq!((letter.consumer.as_str(), letter.sequence), ("my_sales@1", 3));
        assert_eq!(letter.to_string(), text);
    }

    #[test]
    fn what_names_no_place_is_no_letter() {
        for text in ["", "a/b/c/d/1", "a/b/c/0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3f", "a/b/c/d/e/f"] {
            assert_eq!(text.parse::<Letter>(), Err(NoLetter), "{text}");
        }
    }
}
