//! What holds between posts, offers and deals once all have heard of each other.

use uuid::Uuid;

use super::{Broken, CLOSED, Deal, DealState, OfferState, PostState, SAME_END, SecondHand};

impl SecondHand {
    pub(super) fn deals_rest(&self, broken: &mut Broken) {
        for (id, deal) in self.deals.iter().filter(|(_, deal)| !deal.offer.is_nil()) {
            let (post, offer) = (self.posts.get(&deal.terms.post), self.offers.get(&deal.offer));
            let (post, offer) = (post.map(|it| &it.state), offer.map(|it| it.state));
            broken.unless(deal.rests(*id, post, offer), SAME_END, || {
                format!("deal {id} is {:?}, its post {post:?}, its offer {offer:?}", deal.state)
            });
        }
        for (id, offer) in &self.offers {
            let OfferState::Completed(deal) = offer.state else { continue };
            let ended = self.deal_state(deal) == Some(DealState::Ended);
            broken.unless(ended, SAME_END, || format!("offer {id} is {offer:?}"));
        }
    }

    pub(super) fn posts_rest(&self, broken: &mut Broken) {
        for (id, post) in &self.posts {
            match &post.state {
                PostState::Reserved(held) => {
                    let deal = self.deal_state(held.deal);
                    broken.unless(deal == Some(DealState::Planned), SAME_END, || {
                        format!("post {id} is reserved for {held:?}, which is {deal:?}")
                    });
                }
                PostState::Sold(held) => self.gone(*id, Some(held.offer), broken),
                PostState::Deleted => self.gone(*id, None, broken),
                PostState::Available | PostState::Hidden => {}
            }
        }
    }

    /// A-F12: one has it, if anybody; all others are closed.
    fn gone(&self, post: Uuid, buyer: Option<Uuid>, broken: &mut Broken) {
        for (id, offer) in self.offers.iter().filter(|(_, offer)| offer.terms.post == post) {
            let completed = matches!(offer.state, OfferState::Completed(_));
            let right = !offer.state.is_open() && completed == (buyer == Some(*id));
            broken.unless(right, CLOSED, || {
                format!("post {post} went to {buyer:?}, but offer {id} is {:?}", offer.state)
            });
        }
    }
}

impl Deal {
    /// Whether its post and its offer have come to the same end. What becomes of them after it was
    /// called off is their own business.
    fn rests(&self, id: Uuid, post: Option<&PostState>, offer: Option<OfferState>) -> bool {
        match self.state {
            DealState::Planned => {
                let held = matches!(post, Some(PostState::Reserved(held)) if held.deal == id);
                held && offer.is_some_and(OfferState::is_open)
            }
            DealState::Ended => {
                let sold = matches!(post, Some(PostState::Sold(held)) if held.deal == id);
                sold && offer == Some(OfferState::Completed(id))
            }
            DealState::Cancelled => {
                !matches!(post, Some(PostState::Reserved(held)) if held.deal == id)
            }
            DealState::Refused => true,
        }
    }
}
