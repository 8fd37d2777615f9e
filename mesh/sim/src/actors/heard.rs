//! What people learn from replies.

use jangteo::{
    deal::v1::{Deal, deal::State as DealState},
    delivery::v1::{Delivery, delivery::State as DeliveryState},
    item::v1::{Item, item::State as ItemState},
    offer::v1::{Offer, offer::State as OfferState},
    order::v1::order::State as OrderState,
    post::v1::post::State as PostState,
    rental::v1::{Rental, rental::State as RentalState},
    review::v1::Review,
    store::v1::{Ticket, ticket::State as TicketState},
};
use prost::Message;

use super::{Known, Move, rental::is_unpaid};

impl Known {
    /// What somebody was answered: the reply of a move that went well.
    pub(crate) fn heard(&mut self, one: &Move, reply: &[u8]) {
        let service = one.path.split('/').nth(1).unwrap_or_default();
        match service {
            "jangteo.post.v1.PostService" => keep(&mut self.posts, read(reply), |it| &it.id),
            "jangteo.offer.v1.OfferService" => keep(&mut self.offers, read(reply), |it| &it.id),
            "jangteo.deal.v1.DealService" => self.deal_heard(read(reply)),
            "jangteo.inventory.v1.InventoryService" => {
                keep(&mut self.products, read(reply), |it| &it.id);
            }
            "jangteo.item.v1.ItemService" => self.item_heard(read(reply)),
            "jangteo.rental.v1.RentalService" => self.rental_heard(read(reply)),
            "jangteo.review.v1.ReviewService" => self.review_heard(read(reply)),
            "jangteo.store.v1.StoreService" => keep(&mut self.stores, read(reply), |it| &it.id),
            "jangteo.store.v1.TicketService" => self.ticket_heard(read(reply)),
            "jangteo.order.v1.OrderService" => keep(&mut self.orders, read(reply), |it| &it.id),
            "jangteo.delivery.v1.DeliveryService" => self.delivery_heard(read(reply)),
            "jangteo.notification.v1.ChannelService" => {
                keep(&mut self.channels, read(reply), |it| &it.id);
            }
            // That a notification counts as read says nothing else.
            "jangteo.notification.v1.NotificationService" => {}
            _ => panic!("nobody calls {}", one.path),
        }
    }

    /// What becomes of its post and of the offers for it, the two of the deal know.
    fn deal_heard(&mut self, deal: Deal) {
        match deal.state() {
            DealState::Reserved => self.post_is(&deal, PostState::Reserved, OfferState::InDeal),
            DealState::Cancelled => self.post_is(&deal, PostState::Available, OfferState::Pending),
            DealState::Ended => {
                self.post_is(&deal, PostState::Sold, OfferState::Completed);
                self.close_offers(&deal);
            }
            DealState::Refused | DealState::Unspecified => {}
        }
        keep(&mut self.deals, deal, |it| &it.id);
    }

    fn post_is(&mut self, deal: &Deal, post: PostState, offer: OfferState) {
        for it in self.posts.iter_mut().filter(|it| it.id == deal.post_id) {
            it.set_state(post);
        }
        for it in self.offers.iter_mut().filter(|it| it.id == deal.offer_id) {
            it.set_state(offer);
        }
    }

    fn close_offers(&mut self, deal: &Deal) {
        let others = |it: &&mut Offer| it.post_id == deal.post_id && it.id != deal.offer_id;
        for it in self.offers.iter_mut().filter(others) {
            it.set_state(OfferState::AutoCancelled);
        }
    }

    /// An owner who lends or takes back tells his renter.
    fn item_heard(&mut self, mut item: Item) {
        for rental in self.rentals.iter_mut().filter(|it| it.item_id == item.id) {
            let is_lent = item.state() == ItemState::Lent && item.rental_id == rental.id;
            let was_lent = rental.state() == RentalState::Lent;
            let is_gone = matches!(item.state(), ItemState::Retired | ItemState::Deleted);
            if is_lent {
                rental.set_state(RentalState::Lent);
            } else if was_lent {
                rental.set_state(RentalState::Returned);
            } else if is_gone && is_unpaid(rental) {
                rental.set_state(RentalState::Refused);
            }
        }
        // While it is kept for somebody, others still try.
        if item.state() == ItemState::Reserved {
            item.set_state(ItemState::Rentable);
        }
        keep(&mut self.items, item, |it| &it.id);
    }

    /// Only one rental of an item can be paid: the others have lost.
    fn rental_heard(&mut self, rental: Rental) {
        if rental.state() == RentalState::Paid {
            let lost = |it: &&mut Rental| it.item_id == rental.item_id && is_unpaid(it);
            for it in self.rentals.iter_mut().filter(lost) {
                it.set_state(RentalState::Refused);
            }
        }
        keep(&mut self.rentals, rental, |it| &it.id);
    }

    fn review_heard(&mut self, review: Review) {
        for it in self.items.iter_mut().filter(|it| it.id == review.item_id) {
            it.set_state(ItemState::Retired);
        }
        keep(&mut self.reviews, review, |it| &it.id);
    }

    fn ticket_heard(&mut self, ticket: Ticket) {
        if matches!(ticket.state(), TicketState::Rejected | TicketState::Cancelled) {
            self.order_is(&ticket.id, OrderState::Cancelled);
        }
        keep(&mut self.tickets, ticket, |it| &it.id);
    }

    fn delivery_heard(&mut self, delivery: Delivery) {
        match delivery.state() {
            DeliveryState::Delivered => self.order_is(&delivery.id, OrderState::Delivered),
            DeliveryState::Cancelled => self.order_is(&delivery.id, OrderState::Cancelled),
            DeliveryState::PickedUp => self.order_is(&delivery.id, OrderState::Delivering),
            DeliveryState::Started | DeliveryState::Unspecified => {}
        }
        keep(&mut self.deliveries, delivery, |it| &it.id);
    }

    fn order_is(&mut self, id: &str, state: OrderState) {
        for it in self.orders.iter_mut().filter(|it| it.id == id) {
            it.set_state(state);
        }
    }
}

fn read<M: Message + Default>(reply: &[u8]) -> M {
    M::decode(reply).expect("a reply is of its contract's type")
}

/// Remembers something as it stands now.
fn keep<T>(all: &mut Vec<T>, new: T, id: for<'a> fn(&'a T) -> &'a str) {
    match all.iter_mut().find(|old| id(old) == id(&new)) {
        Some(old) => *old = new,
        None => all.push(new),
    }
}
