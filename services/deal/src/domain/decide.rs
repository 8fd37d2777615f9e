//! What a deal answers to each command in each state.

use jangteo::deal::v1::{DealCancelled, DealEnded, DealRescheduled, DealReserved};
use jangteo_kit::{
    decide::{Heard, No, Pending},
    event::timestamp,
    execute::{Aggregate, Decision},
};
use uuid::Uuid;

use super::{Actor, Command, Deal, Event, Meeting, Rejection, State, Step, Terms, Undo};

/// People name a time in minutes, and may meet at once.
const MINUTE: i64 = 60_000;

/// An event that names the deal, both sides and the price; of the meeting at most the time.
macro_rules! told {
    ($event:ident, $deal:expr, $terms:expr, $at:expr $(, $meeting_time:ident)?) => {
        Event::from($event {
            deal_id: $deal.id.to_string(),
            offer_id: $deal.offer.to_string(),
            post_id: $terms.post.to_string(),
            seller: $deal.seller.clone(),
            buyer: $terms.buyer.clone(),
            price_krw: $terms.price_krw,
            $($meeting_time: $deal.meeting.time.map(timestamp),)?
            time: Some(timestamp($at)),
        })
    };
}

impl Aggregate for Deal {
    const KIND: &'static str = "deal";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        match (state, command) {
            (None, Command::Reserve { id, offer, by, meeting, at }) => {
                Self::begun(id, offer, by, meeting, at)
            }
            (Some(_), Command::Reserve { .. }) => Err(Rejection::Exists),
            (None, _) => Err(Rejection::NotFound),
            (Some(deal), Command::OfferAnswered { heard }) => {
                Ok((deal.offer_answered(heard), vec![]))
            }
            (Some(deal), Command::PostAnswered { heard, at }) => Ok(deal.post_answered(heard, at)),
            (Some(deal), Command::PostReleased { heard }) => {
                Ok((deal.post_released(&heard), vec![]))
            }
            (Some(deal), Command::OfferReleased { heard }) => {
                Ok((deal.offer_released(&heard), vec![]))
            }
            (Some(deal), Command::Reschedule { by, meeting, at }) => {
                deal.seen_by(&by)?.reschedule(meeting, at)
            }
            (Some(deal), Command::Cancel { by, at }) => deal.seen_by(&by)?.cancel(at),
            (Some(deal), Command::Complete { by, at }) => deal.seen_by(&by)?.complete(&by, at),
        }
    }

    fn pending(&self) -> Option<Pending<Command>> {
        self.question()
    }

    fn outcome(&self) -> Result<(), Rejection> {
        match &self.state {
            State::Abandoning { why, .. } | State::Abandoned { why } => Err(why.clone().into()),
            State::Reserving(_) | State::Reserved(_) | State::Ended(_) | State::Cancelled(_) => {
                Ok(())
            }
        }
    }
}

/// Being made. From the first no on an answer that comes late finds nothing to do.
impl Deal {
    fn begun(id: Uuid, offer: Uuid, by: Actor, meeting: Meeting, at: i64) -> Decision<Self> {
        meeting.to_come(at)?;
        let state = State::Reserving(Step::Taking);
        Ok((Self { id, offer, seller: by.0, meeting, state }, vec![]))
    }

    /// Only here nothing at all has left the house before.
    fn offer_answered(self, heard: Heard<Terms>) -> Self {
        if self.state != State::Reserving(Step::Taking) {
            return self;
        }
        let state = match heard {
            Heard::Yes(terms) => State::Reserving(Step::Holding(terms)),
            Heard::No(why) => State::Abandoning { undo: Undo::Offer, why },
            Heard::NotSent => State::Abandoned { why: offer_away() },
            Heard::Nothing => State::Abandoning { undo: Undo::Offer, why: offer_away() },
        };
        Self { state, ..self }
    }

    fn post_answered(self, heard: Heard<()>, at: i64) -> (Self, Vec<Event>) {
        let State::Reserving(Step::Holding(terms)) = &self.state else { return (self, vec![]) };
        let terms = terms.clone();
        let (undo, why) = match heard {
            Heard::Yes(()) => return self.reserved(terms, at),
            Heard::No(why) => (Undo::Post(terms), why),
            // The post has never heard of this deal, and may be away for long: the offer need not wait.
            Heard::NotSent => (Undo::Offer, post_away()),
            Heard::Nothing => (Undo::Post(terms), post_away()),
        };
        (Self { state: State::Abandoning { undo, why }, ..self }, vec![])
    }

    fn reserved(self, terms: Terms, at: i64) -> (Self, Vec<Event>) {
        let event = told!(DealReserved, self, terms, at, meeting_time);
        (Self { state: State::Reserved(terms), ..self }, vec![event])
    }

    /// What was taken is let go of when its owner says so, and not before.
    fn post_released(self, heard: &Heard<()>) -> Self {
        match &self.state {
            State::Abandoning { undo: Undo::Post(_), why } if *heard == Heard::Yes(()) => {
                Self { state: State::Abandoning { undo: Undo::Offer, why: why.clone() }, ..self }
            }
            _ => self,
        }
    }

    fn offer_released(self, heard: &Heard<()>) -> Self {
        match &self.state {
            State::Abandoning { undo: Undo::Offer, why } if *heard == Heard::Yes(()) => {
                Self { state: State::Abandoned { why: why.clone() }, ..self }
            }
            _ => self,
        }
    }
}

/// Once it is reserved.
impl Deal {
    /// Somebody else's deal, and one that never came about, look like no deal at all.
    fn seen_by(self, actor: &Actor) -> Result<Self, Rejection> {
        if self.is_seen_by(&actor.0) { Ok(self) } else { Err(Rejection::NotFound) }
    }

    /// Its terms while it is planned.
    fn planned(&self) -> Result<Terms, Rejection> {
        match &self.state {
            State::Reserved(terms) => Ok(terms.clone()),
            State::Ended(_) => Err(Rejection::Ended),
            State::Cancelled(_) => Err(Rejection::Cancelled),
            State::Reserving(_) | State::Abandoning { .. } | State::Abandoned { .. } => {
                Err(Rejection::NotFound)
            }
        }
    }

    fn reschedule(self, meeting: Meeting, at: i64) -> Decision<Self> {
        let terms = self.planned()?;
        if meeting == self.meeting {
            return Ok((self, vec![]));
        }
        // Who is late may still meet elsewhere.
        if meeting.time != self.meeting.time {
            meeting.to_come(at)?;
        }
        let deal = Self { meeting, ..self };
        let event = told!(DealRescheduled, deal, terms, at, meeting_time);
        Ok((deal, vec![event]))
    }

    fn cancel(self, at: i64) -> Decision<Self> {
        if matches!(self.state, State::Cancelled(_)) {
            return Ok((self, vec![]));
        }
        let terms = self.planned()?;
        let event = told!(DealCancelled, self, terms, at);
        Ok((Self { state: State::Cancelled(terms), ..self }, vec![event]))
    }

    fn complete(self, by: &Actor, at: i64) -> Decision<Self> {
        if self.seller != by.0 {
            return Err(Rejection::SellerOnly);
        }
        if matches!(self.state, State::Ended(_)) {
            return Ok((self, vec![]));
        }
        let terms = self.planned()?;
        let event = told!(DealEnded, self, terms, at);
        Ok((Self { state: State::Ended(terms), ..self }, vec![event]))
    }
}

impl Meeting {
    /// Nobody plans to meet in the past.
    fn to_come(&self, now: i64) -> Result<(), Rejection> {
        match self.time {
            Some(time) if time < now - MINUTE => Err(Rejection::MeetingTimePast),
            _ => Ok(()),
        }
    }
}

fn offer_away() -> No {
    No::unavailable("OFFER_UNAVAILABLE", "nothing happened: offers can't be asked, try again soon")
}

fn post_away() -> No {
    No::unavailable("POST_UNAVAILABLE", "nothing happened: posts can't be asked, try again soon")
}
