//! A deal on some pieces of a product: the stock holds them, or says why not.

use jangteo::deal::v1::{DealRefused, DealReserved};
use jangteo_kit::{
    decide::{Heard, No},
    event::timestamp,
};

use super::{Deal, Event, Held, State, Step, Terms, Undo, decide::told};

impl Deal {
    /// A no is the answer, and holds nothing; whoever asked can read it (C-F7).
    pub(super) fn stock_answered(self, heard: Heard<Held>, at: i64) -> (Self, Vec<Event>) {
        if self.state != State::Reserving(Step::Stocking) {
            return (self, vec![]);
        }
        let state = match heard {
            Heard::Yes(held) => return self.had(held, at),
            Heard::No(why) => return self.refused(why, at),
            Heard::NotSent => State::Abandoned { why: stock_away() },
            Heard::Nothing => State::Abandoning { undo: Undo::Stock, why: stock_away() },
        };
        (Self { state, ..self }, vec![])
    }

    fn had(self, Held { owner, price_krw }: Held, at: i64) -> (Self, Vec<Event>) {
        let terms = Terms { post: None, seller: owner, buyer: self.asker.clone(), price_krw };
        let event = told!(DealReserved, self, terms, at, meeting_time);
        (Self { state: State::Reserved(terms), ..self }, vec![event])
    }

    fn refused(self, why: No, at: i64) -> (Self, Vec<Event>) {
        let event = DealRefused {
            deal_id: self.id.to_string(),
            product_id: self.product_id(),
            quantity: self.quantity(),
            buyer: self.asker.clone(),
            reason: why.reason.clone(),
            time: Some(timestamp(at)),
        };
        (Self { state: State::Refused { why }, ..self }, vec![event.into()])
    }

    pub(super) fn stock_released(self, heard: &Heard<()>) -> Self {
        match &self.state {
            State::Abandoning { undo: Undo::Stock, why } if *heard == Heard::Yes(()) => {
                Self { state: State::Abandoned { why: why.clone() }, ..self }
            }
            _ => self,
        }
    }
}

fn stock_away() -> No {
    No::unavailable(
        "INVENTORY_UNAVAILABLE",
        "nothing happened: the stock can't be asked, try again soon",
    )
}
