//! A seller on two connections and the people who want to buy from him: one post after the other is
//! offered for, reserved twice at once, and called off, handed over or left as it is.

use std::sync::atomic::Ordering;

use serde_json::json;
use uuid::Uuid;

use super::{
    super::dice::Dice,
    caller::{Caller, Kind, Refused},
    client::{CREATE, HIDE, UNHIDE},
};

const OFFER: &str = "offer.v1.OfferService/CreateOffer";
/// A crash in the middle of a question comes to this.
const REQUEST: Kind = asking(OFFER, "DealOffered", &["POST_UNAVAILABLE"]);
const PROPOSE: Kind = asking(OFFER, "PriceProposed", &["POST_UNAVAILABLE"]);
const ACCEPT: Kind =
    Kind::of("offer.v1.OfferService/AcceptOffer", "OfferAccepted", &["ANOTHER_OFFER_ACCEPTED"]);
const WITHDRAW: Kind =
    Kind::of("offer.v1.OfferService/WithdrawOffer", "OfferWithdrawn", &["OFFER_IN_DEAL"]);
const RESERVE: Kind = asking(
    "deal.v1.DealService/ReserveDeal",
    "DealReserved",
    &[
        "OFFER_UNAVAILABLE",
        "POST_UNAVAILABLE",
        "ANOTHER_OFFER_ACCEPTED",
        "OFFER_NOT_ACCEPTED",
        "OFFER_WITHDRAWN",
        "POST_HIDDEN",
        "POST_RESERVED",
    ],
);
const RESCHEDULE: Kind = Kind::sure("deal.v1.DealService/RescheduleDeal", "DealRescheduled");
const CANCEL: Kind = Kind::of("deal.v1.DealService/CancelDeal", "DealCancelled", &["DEAL_ENDED"]);
const COMPLETE: Kind =
    Kind::of("deal.v1.DealService/CompleteDeal", "DealEnded", &["DEAL_CANCELLED"]);

const fn asking(rpc: &'static str, event: &'static str, refusals: &'static [&'static str]) -> Kind {
    Kind { asks: true, ..Kind::of(rpc, event, refusals) }
}

/// A time to meet that has not come.
const SOME_DAY: &str = "2046-05-05T10:00:00Z";

pub(super) struct Stall {
    /// The seller, on two connections.
    pub(super) seller: [Caller; 2],
    pub(super) buyers: [Caller; 2],
    pub(super) dice: Dice,
}

/// What the two buyers, or the two connections, got.
type Both = [Option<Uuid>; 2];

impl Stall {
    /// Sells until it is time to stop; what it has begun is answered then.
    pub(super) async fn run(mut self) {
        while self.sell().await.is_ok() {
            if self.seller[0].shared.stop.load(Ordering::Acquire) {
                return;
            }
        }
    }

    async fn sell(&mut self) -> Result<(), Refused> {
        let post = json!({"goods": "자전거", "price_krw": 50_000, "neighbourhood": "사당동"});
        let post = self.seller[0].write(CREATE, post).await?;
        let offers = self.offers(post).await?;
        // A post off the lists refuses the deal that has taken an offer for it.
        let hidden = self.dice.below(6) == 0;
        if hidden {
            self.seller[0].write(HIDE, json!({"id": post})).await?;
        }
        let deals = self.reserve(offers).await?;
        if hidden {
            self.seller[0].write(UNHIDE, json!({"id": post})).await?;
        }
        for (buyer, deal) in deals.into_iter().enumerate() {
            if let Some(deal) = deal {
                self.end(deal, buyer, offers[1 - buyer]).await?;
            }
        }
        Ok(())
    }

    /// Both want it; one of them perhaps for less, which the seller accepts, or has not yet.
    async fn offers(&mut self, post: Uuid) -> Result<Both, Refused> {
        let (proposed, accepted) = (self.dice.below(3) == 0, self.dice.below(4) != 0);
        let request = json!({"post_id": post});
        let (kind, mut body) = (if proposed { PROPOSE } else { REQUEST }, request.clone());
        if proposed {
            body["offered_price_krw"] = json!(45_000);
        }
        let [one, other] = &mut self.buyers;
        let (first, second) = tokio::join!(one.ask(kind, body), other.ask(REQUEST, request));
        let offers = [first?, second?];
        if proposed && accepted {
            self.seller[0].ask_of(ACCEPT, "id", offers[0]).await?;
        }
        Ok(offers)
    }

    /// Both offers at once; sometimes a buyer leaves at that moment.
    async fn reserve(&mut self, offers: Both) -> Result<Both, Refused> {
        let leaves = offers[1].filter(|_| self.dice.below(5) == 0);
        let [one, other] = &mut self.seller;
        let (first, second, left) = tokio::join!(
            one.ask_of(RESERVE, "offer_id", offers[0]),
            other.ask_of(RESERVE, "offer_id", offers[1]),
            self.buyers[1].ask_of(WITHDRAW, "id", leaves),
        );
        left?;
        Ok([first?, second?])
    }

    async fn end(&mut self, deal: Uuid, buyer: usize, other: Option<Uuid>) -> Result<(), Refused> {
        let body = json!({"id": deal});
        let [one, two] = &mut self.seller;
        match self.dice.below(6) {
            0 | 1 => one.ask(COMPLETE, body).await?,
            2 => {
                self.buyers[buyer].ask(CANCEL, body).await?;
                // The post may not have heard of it yet.
                one.ask_of(RESERVE, "offer_id", other.filter(|_| buyer == 1)).await?
            }
            3 => {
                let (ended, cancelled) =
                    tokio::join!(one.ask(COMPLETE, body.clone()), two.ask(CANCEL, body));
                ended?.or(cancelled?)
            }
            4 => {
                let later = json!({"id": deal, "meeting_time": SOME_DAY, "meeting_place": "역"});
                one.ask(RESCHEDULE, later).await?
            }
            _ => None,
        };
        Ok(())
    }
}

impl Caller {
    /// Asks for something about one of its things, if there is one.
    async fn ask_of(
        &mut self,
        kind: Kind,
        field: &str,
        id: Option<Uuid>,
    ) -> Result<Option<Uuid>, Refused> {
        let Some(id) = id else { return Ok(None) };
        let mut body = json!({});
        body[field] = json!(id);
        self.ask(kind, body).await
    }
}
