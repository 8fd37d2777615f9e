//! People who make plausible and silly moves. They know what replies have told them, and nothing else.

mod cast;
mod deals;
mod flowers;
mod food;
mod heard;
mod meet_up;
mod notifications;
mod orders;
mod products;
mod rental;
mod second_hand;
#[cfg(test)]
mod tests;

use jangteo::{
    deal::v1::Deal,
    delivery::v1::Delivery,
    inventory::v1::Product,
    item::v1::Item,
    notification::v1::Channel,
    offer::v1::Offer,
    order::v1::Order,
    post::v1::Post,
    rental::v1::Rental,
    review::v1::Review,
    store::v1::{Store, Ticket},
};
use jangteo_kit::auth::Caller;
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};

/// One call of a person.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    /// Who calls.
    pub(crate) who: Caller,
    /// The RPC: `/jangteo.post.v1.PostService/CreatePost`.
    pub(crate) path: &'static str,
    /// The request, encoded.
    pub(crate) message: Vec<u8>,
}

/// What people have learned: the ids of what there is, whose it is, and where it stood when they last heard
/// of it. What events have changed since then nobody has told them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// The stories that are played; none named: all of them.
    stories: Vec<Story>,
    posts: Vec<Post>,
    offers: Vec<Offer>,
    deals: Vec<Deal>,
    products: Vec<Product>,
    items: Vec<Item>,
    rentals: Vec<Rental>,
    reviews: Vec<Review>,
    stores: Vec<Store>,
    orders: Vec<Order>,
    tickets: Vec<Ticket>,
    deliveries: Vec<Delivery>,
    channels: Vec<Channel>,
}

/// Something that people can do, if there is what it needs.
type Act = fn(&Known, &mut StdRng) -> Option<Move>;

/// What a story is made of, each act with how often it comes.
type Acts = &'static [(u32, Act)];

/// One of the stories of the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Story {
    SecondHand,
    MeetUp,
    Rental,
    Food,
    Flowers,
}

impl Story {
    const ALL: &'static [Self] =
        &[Self::SecondHand, Self::MeetUp, Self::Rental, Self::Food, Self::Flowers];

    fn acts(self) -> Acts {
        match self {
            Self::SecondHand => second_hand::ACTS,
            Self::MeetUp => meet_up::ACTS,
            Self::Rental => rental::ACTS,
            Self::Food => food::ACTS,
            Self::Flowers => flowers::ACTS,
        }
    }
}

impl Known {
    /// Nothing yet. A world plays one story, two, or all.
    pub(crate) fn new(chance: &mut StdRng) -> Self {
        let stories = match chance.random_range(0..3) {
            0 => Story::ALL.to_vec(),
            few => Story::ALL.choose_multiple(chance, few).copied().collect(),
        };
        Self { stories, ..Self::default() }
    }

    /// The next move of somebody.
    pub(crate) fn propose(&self, chance: &mut StdRng) -> Move {
        // It ends: each story has an act that needs nothing, and now and then comes even if there is enough.
        loop {
            let acts = self.acts(chance);
            let drawn = acts.choose_weighted(chance, |(weight, _)| *weight);
            let (_, act) = drawn.expect("every act has a weight");
            if let Some(next) = act(self, chance) {
                return next;
            }
        }
    }

    fn acts(&self, chance: &mut StdRng) -> Acts {
        if cast::one_in(16, chance) {
            return notifications::ACTS;
        }
        let stories = if self.stories.is_empty() { Story::ALL } else { &self.stories };
        stories.choose(chance).expect("there is a story").acts()
    }
}
