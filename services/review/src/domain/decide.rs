//! What a review answers to each command in each state.

use jangteo::review::v1::{ReviewRequested, ReviewWritten};
use jangteo_kit::{
    decide::{Heard, No, Pending},
    event::timestamp,
    execute::{Aggregate, Decision},
};

use super::{Actor, Asked, Command, Event, Rejection, Review, State};

/// An event that names the review and its people; of what was said at most the score.
macro_rules! told {
    ($event:ident, $review:expr, $at:expr $(, $score:ident)?) => {
        Event::from($event {
            rental_id: $review.id.to_string(),
            item_id: $review.item.to_string(),
            item_name: $review.item_name.clone(),
            renter: $review.renter.clone(),
            owner: $review.owner.clone(),
            $($score,)?
            time: Some(timestamp($at)),
        })
    };
}

impl Aggregate for Review {
    const KIND: &'static str = "review";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        match (state, command) {
            (None, Command::Request { id, item, item_name, renter, owner, at }) => {
                let state = State::Requested { failed: None };
                let review = Self { id, item, item_name, renter, owner, state };
                let event = told!(ReviewRequested, review, at);
                Ok((review, vec![event]))
            }
            (Some(review), Command::Request { .. }) => Ok((review, vec![])),
            (None, Command::Write { .. } | Command::ItemAnswered { .. }) => {
                Err(Rejection::NotFound)
            }
            (Some(review), Command::Write { by, score }) => review.write(&by, score),
            (Some(review), Command::ItemAnswered { heard, at }) => Ok(review.hear(heard, at)),
        }
    }

    fn pending(&self) -> Option<Pending<Command>> {
        self.question()
    }

    fn outcome(&self) -> Result<(), Rejection> {
        match &self.state {
            State::Requested { failed: Some(why) } => Err(why.clone().into()),
            State::Requested { failed: None } | State::Writing { .. } | State::Written { .. } => {
                Ok(())
            }
        }
    }
}

impl Review {
    /// To anybody but its renter it looks like no review at all, also to the owner.
    fn write(self, by: &Actor, score: i32) -> Decision<Self> {
        if self.renter != by.0 {
            return Err(Rejection::NotFound);
        }
        match self.state {
            State::Requested { .. } => Ok((self.writing(score, Asked::First), vec![])),
            State::Writing { .. } => Err(Rejection::Running),
            State::Written { .. } => Err(Rejection::Written),
        }
    }

    /// Retiring is never refused: a no means that there is nothing to take off the lists.
    fn hear(self, heard: Heard<()>, at: i64) -> (Self, Vec<Event>) {
        let State::Writing { score, asked } = self.state else { return (self, vec![]) };
        match (heard, asked) {
            (Heard::Yes(()) | Heard::No(_), _) => self.written(score, at),
            (Heard::NotSent, Asked::First) => {
                (Self { state: State::Requested { failed: Some(item_away()) }, ..self }, vec![])
            }
            (Heard::Nothing, Asked::First) => (self.writing(score, Asked::Again), vec![]),
            (Heard::NotSent | Heard::Nothing, Asked::Again) => (self, vec![]),
        }
    }

    fn writing(self, score: i32, asked: Asked) -> Self {
        Self { state: State::Writing { score, asked }, ..self }
    }

    fn written(self, score: i32, at: i64) -> (Self, Vec<Event>) {
        let event = told!(ReviewWritten, self, at, score);
        (Self { state: State::Written { score }, ..self }, vec![event])
    }
}

/// B-N6, B-T13
fn item_away() -> No {
    No::unavailable(
        "ITEM_UNAVAILABLE",
        "nothing was written: the item can't be taken off the lists now, try again a little later",
    )
}
