//! What a deal answers to each command in each state; in full, what is done with one that is reserved.

use jangteo::deal::v1::{DealCancelled, DealEnded, DealRescheduled};
use jangteo_kit::{
    decide::Pending,
    execute::{Aggregate, Decision},
};
use uuid::Uuid;

use super::{Actor, Command, Deal, Event, Meeting, Rejection, State, Step, Subject, Terms};

/// People name a time in minutes, and may meet at once.
const MINUTE: i64 = 60_000;

/// An event that names the deal, its goods, both sides and the price; of the meeting at most the time.
macro_rules! told {
    ($event:ident, $deal:expr, $terms:expr, $at:expr $(, $meeting_time:ident)?) => {
        $crate::domain::Event::from($event {
            deal_id: $deal.id.to_string(),
            offer_id: $deal.offer_id(),
            post_id: $terms.post.map(|post| post.to_string()).unwrap_or_default(),
            product_id: $deal.product_id(),
            quantity: $deal.quantity(),
            seller: $terms.seller.clone(),
            buyer: $terms.buyer.clone(),
            price_krw: $terms.price_krw,
            $($meeting_time: $deal.meeting.time.map(jangteo_kit::event::timestamp),)?
            time: Some(jangteo_kit::event::timestamp($at)),
        })
    };
}
pub(super) use told;

impl Aggregate for Deal {
    const KIND: &'static str = "deal";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        match (state, command) {
            (None, Command::Reserve { id, subject, by, meeting, at }) => {
                Self::begun(id, subject, by, meeting, at)
            }
            (None, _) => Err(Rejection::NotFound),
            (Some(deal), command) => deal.told(command),
        }
    }

    fn pending(&self) -> Option<Pending<Command>> {
        self.question()
    }

    fn outcome(&self) -> Result<(), Rejection> {
        match &self.state {
            State::Abandoning { why, .. } | State::Abandoned { why } => Err(why.clone().into()),
            State::Reserving(_)
            | State::Refused { .. }
            | State::Reserved(_)
            | State::Ended(_)
            | State::Cancelled(_) => Ok(()),
        }
    }
}

impl Deal {
    fn begun(id: Uuid, subject: Subject, by: Actor, meeting: Meeting, at: i64) -> Decision<Self> {
        meeting.to_come(at)?;
        let step = match subject {
            Subject::Offer(_) => Step::Taking,
            Subject::Product { .. } => Step::Stocking,
        };
        Ok((Self { id, subject, asker: by.0, meeting, state: State::Reserving(step) }, vec![]))
    }

    fn told(self, command: Command) -> Decision<Self> {
        match command {
            Command::Reserve { .. } => Err(Rejection::Exists),
            Command::OfferAnswered { heard } => Ok((self.offer_answered(heard), vec![])),
            Command::PostAnswered { heard, at } => Ok(self.post_answered(heard, at)),
            Command::StockAnswered { heard, at } => Ok(self.stock_answered(heard, at)),
            Command::PostReleased { heard } => Ok((self.post_released(&heard), vec![])),
            Command::OfferReleased { heard } => Ok((self.offer_released(&heard), vec![])),
            Command::StockReleased { heard } => Ok((self.stock_released(&heard), vec![])),
            Command::Reschedule { by, meeting, at } => self.seen_by(&by)?.reschedule(meeting, at),
            Command::Cancel { by, at } => self.seen_by(&by)?.cancel(at),
            Command::Complete { by, at } => self.seen_by(&by)?.complete(&by, at),
        }
    }

    /// The offer it comes from; empty: from none.
    pub(crate) fn offer_id(&self) -> String {
        match self.subject {
            Subject::Offer(id) => id.to_string(),
            Subject::Product { .. } => String::new(),
        }
    }

    /// The product it is about; empty: about a post.
    pub(crate) fn product_id(&self) -> String {
        match self.subject {
            Subject::Offer(_) => String::new(),
            Subject::Product { id, .. } => id.to_string(),
        }
    }

    /// Pieces that change hands: a post is always one.
    pub(crate) fn quantity(&self) -> i64 {
        match self.subject {
            Subject::Offer(_) => 1,
            Subject::Product { quantity, .. } => quantity,
        }
    }

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
            State::Refused { .. } => Err(Rejection::Refused),
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
        if self.terms().is_some_and(|terms| terms.seller != by.0) {
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
