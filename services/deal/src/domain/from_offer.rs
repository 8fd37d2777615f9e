//! A deal that is made from an offer. From the first no on an answer that comes late finds nothing to
//! do.

use jangteo::deal::v1::DealReserved;
use jangteo_kit::decide::{Heard, No};

use super::{Deal, Event, Offered, State, Step, Terms, Undo, decide::told};

impl Deal {
    /// Only here nothing at all has left the house before.
    pub(super) fn offer_answered(self, heard: Heard<Offered>) -> Self {
        if self.state != State::Reserving(Step::Taking) {
            return self;
        }
        let state = match heard {
            Heard::Yes(offered) => State::Reserving(Step::Holding(offered)),
            Heard::No(why) => State::Abandoning { undo: Undo::Offer, why },
            Heard::NotSent => State::Abandoned { why: offer_away() },
            Heard::Nothing => State::Abandoning { undo: Undo::Offer, why: offer_away() },
        };
        Self { state, ..self }
    }

    pub(super) fn post_answered(self, heard: Heard<()>, at: i64) -> (Self, Vec<Event>) {
        let State::Reserving(Step::Holding(offered)) = &self.state else { return (self, vec![]) };
        let offered = offered.clone();
        let (undo, why) = match heard {
            Heard::Yes(()) => return self.sold(offered, at),
            Heard::No(why) => (Undo::Post(offered), why),
            // The post has never heard of this deal, and may be away for long: the offer need not wait.
            Heard::NotSent => (Undo::Offer, post_away()),
            Heard::Nothing => (Undo::Post(offered), post_away()),
        };
        (Self { state: State::Abandoning { undo, why }, ..self }, vec![])
    }

    fn sold(self, Offered { post, buyer, price_krw }: Offered, at: i64) -> (Self, Vec<Event>) {
        let terms = Terms { post: Some(post), seller: self.asker.clone(), buyer, price_krw };
        let event = told!(DealReserved, self, terms, at, meeting_time);
        (Self { state: State::Reserved(terms), ..self }, vec![event])
    }

    /// What was taken is let go of when its owner says so, and not before.
    pub(super) fn post_released(self, heard: &Heard<()>) -> Self {
        match &self.state {
            State::Abandoning { undo: Undo::Post(_), why } if *heard == Heard::Yes(()) => {
                Self { state: State::Abandoning { undo: Undo::Offer, why: why.clone() }, ..self }
            }
            _ => self,
        }
    }

    pub(super) fn offer_released(self, heard: &Heard<()>) -> Self {
        match &self.state {
            State::Abandoning { undo: Undo::Offer, why } if *heard == Heard::Yes(()) => {
                Self { state: State::Abandoned { why: why.clone() }, ..self }
            }
            _ => self,
        }
    }
}

fn offer_away() -> No {
    No::unavailable("OFFER_UNAVAILABLE", "nothing happened: offers can't be asked, try again soon")
}

fn post_away() -> No {
    No::unavailable("POST_UNAVAILABLE", "nothing happened: posts can't be asked, try again soon")
}
