//! What a deal asks of the offer and the post, or of the stock, each under the deal's own key: it asks
//! for each once, and what it takes it lets go of under the same key.

use std::time::Duration;

use jangteo::{
    inventory::v1::{
        HoldStockRequest, HoldStockResponse, StockLine, UndoHoldStockRequest, UndoHoldStockResponse,
    },
    offer::v1::{Offer, ReleaseOfferRequest, ReleaseOfferResponse, TakeOfferRequest},
    post::v1::{Post, ReleasePostRequest, ReleasePostResponse, ReservePostRequest},
};
use jangteo_kit::decide::{Heard, Pending, Question, Unanswered};
use prost::Message;
use uuid::Uuid;

use super::{Command, Deal, Held, Offered, State, Step, Undo};

/// How long each of them may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

impl Deal {
    /// The question that the deal waits for.
    pub(super) fn question(&self) -> Option<Pending<Command>> {
        match &self.state {
            State::Reserving(Step::Taking) => Some(self.take_offer()),
            State::Reserving(Step::Holding(offered)) => Some(self.reserve_post(offered)),
            State::Reserving(Step::Stocking) => Some(self.hold_stock()),
            State::Abandoning { undo: Undo::Post(offered), .. } => Some(self.release_post(offered)),
            State::Abandoning { undo: Undo::Offer, .. } => Some(self.release_offer()),
            State::Abandoning { undo: Undo::Stock, .. } => Some(self.undo_hold_stock()),
            State::Abandoned { .. }
            | State::Refused { .. }
            | State::Reserved(_)
            | State::Ended(_)
            | State::Cancelled(_) => None,
        }
    }

    fn take_offer(&self) -> Pending<Command> {
        let request = TakeOfferRequest {
            id: self.offer_id(),
            deal_id: self.id.to_string(),
            seller: self.asker.clone(),
            call_key: self.key(),
        };
        let question = Question::of("OfferService/TakeOffer", &request);
        Pending::new::<Offer>(self.key(), question, LIMIT, Unanswered::Undo, |heard, _| {
            Command::OfferAnswered { heard: heard.and_then(Offered::of) }
        })
    }

    fn reserve_post(&self, offered: &Offered) -> Pending<Command> {
        let request = ReservePostRequest {
            id: offered.post.to_string(),
            deal_id: self.id.to_string(),
            offer_id: self.offer_id(),
            seller: self.asker.clone(),
            buyer: offered.buyer.clone(),
            agreed_price_krw: offered.price_krw,
            call_key: self.key(),
        };
        let question = Question::of("PostService/ReservePost", &request);
        Pending::new::<Post>(self.key(), question, LIMIT, Unanswered::Undo, |heard, at| {
            Command::PostAnswered { heard: heard.and_then(|_| Some(())), at }
        })
    }

    fn release_post(&self, offered: &Offered) -> Pending<Command> {
        let request = ReleasePostRequest {
            id: offered.post.to_string(),
            deal_id: self.id.to_string(),
            call_key: self.key(),
        };
        let question = Question::of("PostService/ReleasePost", &request);
        self.undo::<ReleasePostResponse>(question, |heard| Command::PostReleased { heard })
    }

    fn release_offer(&self) -> Pending<Command> {
        let request = ReleaseOfferRequest {
            id: self.offer_id(),
            deal_id: self.id.to_string(),
            call_key: self.key(),
        };
        let question = Question::of("OfferService/ReleaseOffer", &request);
        self.undo::<ReleaseOfferResponse>(question, |heard| Command::OfferReleased { heard })
    }

    fn hold_stock(&self) -> Pending<Command> {
        let request = HoldStockRequest {
            holder_id: self.id.to_string(),
            buyer: self.asker.clone(),
            lines: vec![StockLine { product_id: self.product_id(), quantity: self.quantity() }],
            call_key: self.key(),
            counted_only: true,
        };
        let question = Question::of("InventoryService/HoldStock", &request);
        Pending::new::<HoldStockResponse>(
            self.key(),
            question,
            LIMIT,
            Unanswered::Undo,
            |heard, at| Command::StockAnswered { heard: heard.and_then(Held::of), at },
        )
    }

    fn undo_hold_stock(&self) -> Pending<Command> {
        let request = UndoHoldStockRequest {
            holder_id: self.id.to_string(),
            product_ids: vec![self.product_id()],
            call_key: self.key(),
        };
        let question = Question::of("InventoryService/UndoHoldStock", &request);
        self.undo::<UndoHoldStockResponse>(question, |heard| Command::StockReleased { heard })
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

impl Offered {
    /// What the offer answers; none if it can't be read.
    fn of(offer: Offer) -> Option<Self> {
        let post = Uuid::try_parse(&offer.post_id).ok()?;
        Some(Self { post, buyer: offer.buyer, price_krw: offer.price_krw })
    }
}

impl Held {
    /// What the stock answers; none if it can't be read.
    fn of(held: HoldStockResponse) -> Option<Self> {
        let [line] = held.lines.try_into().ok()?;
        let price_krw = line.price_krw.checked_mul(line.quantity)?;
        Some(Self { owner: held.owner, price_krw })
    }
}
