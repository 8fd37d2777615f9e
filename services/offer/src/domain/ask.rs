//! What an offer asks about its post, and what it makes of the answer.

use std::time::Duration;

use jangteo::{
    offer::v1::{DealOffered, OfferReopened, PriceProposed},
    post::v1::{CheckPostRequest, Post},
};
use jangteo_kit::decide::{Heard, No, Pending, Question, Unanswered};
use tonic::Code;

use super::{Command, Event, Gone, Offer, Open, Standing, State, Terms, decide::told};

/// How long post may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

impl Offer {
    /// Whether its post can be bought. A first question ends with its caller; a later one has to be
    /// answered, for the offer is seen already.
    pub(super) fn question(&self) -> Option<Pending<Command>> {
        let unanswered = match &self.state {
            State::Asking => Unanswered::Undo,
            State::Made(_, Standing::AskingAgain(_)) => Unanswered::Finish,
            State::Abandoned(_) | State::Made(..) => return None,
        };
        let check = self.checks;
        let key = format!("offers/{}/checks/{check}", self.id);
        let request = CheckPostRequest {
            id: self.post.to_string(),
            buyer: self.buyer.clone(),
            call_key: key.clone(),
        };
        let question = Question::of("PostService/CheckPost", &request);
        Some(Pending::new(key, question, LIMIT, unanswered, move |heard: Heard<Post>, at| {
            let terms = |post: Post| Terms { seller: post.seller, list_price_krw: post.price_krw };
            Command::Hear { check, heard: heard.and_then(|post| Some(terms(post))), at }
        }))
    }

    /// An answer to another question than the last one comes too late.
    pub(super) fn hear(self, check: i64, heard: Heard<Terms>, at: i64) -> (Self, Vec<Event>) {
        match self.state {
            _ if check != self.checks => (self, vec![]),
            State::Asking => self.hear_first(heard, at),
            State::Made(_, Standing::AskingAgain(open)) => self.hear_again(open, &heard, at),
            State::Abandoned(_) | State::Made(..) => (self, vec![]),
        }
    }

    fn hear_first(self, heard: Heard<Terms>, at: i64) -> (Self, Vec<Event>) {
        match heard {
            Heard::Yes(terms) => self.make(terms, at),
            Heard::No(no) => self.abandon(as_told_to_strangers(no)),
            Heard::NotSent | Heard::Nothing => self.abandon(No::unavailable(
                "POST_UNAVAILABLE",
                "nothing happened: the post can't be asked about, try again soon",
            )),
        }
    }

    fn hear_again(self, open: Open, heard: &Heard<Terms>, at: i64) -> (Self, Vec<Event>) {
        match heard {
            Heard::No(no) if is_final(no) => self.auto_cancel(at),
            // A hidden post may be shown again.
            Heard::Yes(_) | Heard::No(_) => self.open_again(open, at),
            // It is asked until it is answered.
            Heard::NotSent | Heard::Nothing => (self, vec![]),
        }
    }

    fn make(self, terms: Terms, at: i64) -> (Self, Vec<Event>) {
        let list_price_krw = terms.list_price_krw;
        let event = match self.proposed_krw {
            Some(_) => told!(PriceProposed { list_price_krw: list_price_krw }, self, &terms, at),
            None => told!(DealOffered {}, self, &terms, at),
        };
        let state = State::Made(terms, Standing::Open(Open::Pending));
        (Self { state, ..self }, vec![event])
    }

    fn open_again(self, open: Open, at: i64) -> (Self, Vec<Event>) {
        let State::Made(terms, _) = &self.state else { return (self, vec![]) };
        let event = told!(OfferReopened { accepted: open == Open::Accepted }, self, terms, at);
        let offer = Self { open_since: at, ..self };
        (offer.becomes(Standing::Open(open)), vec![event])
    }

    /// Nothing came of it: nobody saw it, so nobody is told but who waits for it.
    pub(super) fn abandon(self, why: No) -> (Self, Vec<Event>) {
        (Self { state: State::Abandoned(why), ..self }, vec![])
    }
}

/// No post that is hidden or deleted is there for anybody but its seller.
fn as_told_to_strangers(no: No) -> No {
    if ["POST_HIDDEN", "POST_DELETED"].contains(&no.reason.as_str()) {
        Gone::Deleted.into()
    } else {
        no
    }
}

/// Whether the post will never be for sale again.
fn is_final(no: &No) -> bool {
    ["POST_SOLD", "POST_DELETED", "POST_NOT_FOUND"].contains(&no.reason.as_str())
}

/// As post itself would have told it.
impl From<Gone> for No {
    fn from(gone: Gone) -> Self {
        let (code, reason, message) = match gone {
            Gone::Sold => (Code::FailedPrecondition, "POST_SOLD", "the post is sold"),
            Gone::Deleted => (Code::NotFound, "POST_NOT_FOUND", "there is no such post"),
        };
        let (reason, message) = (reason.to_owned(), message.to_owned());
        Self { code: code.into(), reason, message, retry_after_ms: None }
    }
}
