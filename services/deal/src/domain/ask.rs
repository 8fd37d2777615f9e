//! What a deal asks of the offer and the post, each under the deal's own key: it asks for either
//! once, and what it takes it lets go of under the same key.

use std::time::Duration;

use jangteo::{
    offer::v1::{Offer, ReleaseOfferRequest, ReleaseOfferResponse, TakeOfferRequest},
    post::v1::{Post, ReleasePostRequest, ReleasePostResponse, ReservePostRequest},
};
use jangteo_kit::decide::{Heard, Pending, Question, Unanswered};
use prost::Message;
use uuid::Uuid;

use super::{Command, Deal, State, Step, Terms, Undo};

/// How long the offer and the post may each take to answer.
const LIMIT: Duration = Duration::from_secs(2);

impl Deal {
    /// The question that the deal waits for.
    pub(super) fn question(&self) -> Option<Pending<Command>> {
        match &self.state {
            State::Reserving(Step::Taking) => Some(self.take_offer()),
            State::Reserving(Step::Holding(terms)) => Some(self.reserve_post(terms)),
            State::Abandoning { undo: Undo::Post(terms), .. } => Some(self.release_post(terms)),
            State::Abandoning { undo: Undo::Offer, .. } => Some(self.release_offer()),
            State::Abandoned { .. }
            | State::Reserved(_)
            | State::Ended(_)
            | State::Cancelled(_) => None,
        }
    }

    fn take_offer(&self) -> Pending<Command> {
        let request = TakeOfferRequest {
            id: self.offer.to_string(),
            deal_id: self.id.to_string(),
            seller: self.seller.clone(),
            call_key: self.key(),
        };
        let question = Question::of("OfferService/TakeOffer", &request);
        Pending::new::<Offer>(self.key(), question, LIMIT, Unanswered::Undo, |heard, _| {
            Command::OfferAnswered { heard: heard.and_then(Terms::of) }
        })
    }

    fn reserve_post(&self, terms: &Terms) -> Pending<Command> {
        let request = ReservePostRequest {
            id: terms.post.to_string(),
            deal_id: self.id.to_string(),
            offer_id: self.offer.to_string(),
            seller: self.seller.clone(),
            buyer: terms.buyer.clone(),
            agreed_price_krw: terms.price_krw,
            call_key: self.key(),
        };
        let question = Question::of("PostService/ReservePost", &request);
        Pending::new::<Post>(self.key(), question, LIMIT, Unanswered::Undo, |heard, at| {
            Command::PostAnswered { heard: heard.and_then(|_| Some(())), at }
        })
    }

    fn release_post(&self, terms: &Terms) -> Pending<Command> {
        let request = ReleasePostRequest {
            id: terms.post.to_string(),
            deal_id: self.id.to_string(),
            call_key: self.key(),
        };
        let question = Question::of("PostService/ReleasePost", &request);
        self.undo::<ReleasePostResponse>(question, |heard| Command::PostReleased { heard })
    }

    fn release_offer(&self) -> Pending<Command> {
        let request = ReleaseOfferRequest {
            id: self.offer.to_string(),
            deal_id: self.id.to_string(),
            call_key: self.key(),
        };
        let question = Question::of("OfferService/ReleaseOffer", &request);
        self.undo::<ReleaseOfferResponse>(question, |heard| Command::OfferReleased { heard })
    }

    fn undo<M: Message + Default>(
        &self,
        question: Question,
        hear: fn(Heard<()>) -> Command,
    ) -> Pending<Command> {
        Pending::new::<M>(self.key(), question, LIMIT, Unanswered::Finish, move |heard, _| {
            hear(heard.and_then(|_| Some(())))
        })
    }

    fn key(&self) -> String {
        format!("deals/{}", self.id)
    }
}

impl Terms {
    /// The terms that the offer answers with; none if they can't be read.
    fn of(offer: Offer) -> Option<Self> {
        let post = Uuid::try_parse(&offer.post_id).ok()?;
        Some(Self { post, buyer: offer.buyer, price_krw: offer.price_krw })
    }
}
