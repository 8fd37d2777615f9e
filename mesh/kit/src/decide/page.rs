//! An event that is for many aggregates: how much of it one transaction does.

use uuid::Uuid;

/// Aggregates that one transaction tells at most of one event.
pub const PAGE: usize = 16;

/// How far an event is with the orders that it gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The order that is next, or has begun.
    pub order: usize,
    /// The last aggregate that this order has reached.
    pub after: Option<Uuid>,
}

/// What one transaction does of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    place: Place,
    room: usize,
}

impl Share {
    /// The share of a transaction that goes on from here.
    pub fn from(place: Place) -> Self {
        Self { place, room: PAGE }
    }

    /// Where to look for aggregates and for how many; none when there was room for all of `orders`
    /// orders, or there is none left.
    pub fn next(&self, orders: usize) -> Option<(Place, usize)> {
        (self.room > 0 && self.place.order < orders).then_some((self.place, self.room))
    }

    /// The order has reached these: as many as there was room for, or its last ones.
    #[must_use]
    pub fn reached(self, aggregates: &[Uuid]) -> Self {
        let room = self.room.saturating_sub(aggregates.len());
        let place = match aggregates.last() {
            Some(last) if room == 0 => Place { after: Some(*last), ..self.place },
            _ => Place { order: self.place.order + 1, after: None },
        };
        Self { place, room }
    }

    /// Where the next transaction goes on; none when all of `orders` orders are done.
    pub fn rest(&self, orders: usize) -> Option<Place> {
        (self.place.order < orders).then_some(self.place)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One transaction over orders that each reach so many aggregates, by the numbers in their ids.
    fn transaction(orders: &[u128], from: Place, reached: &mut Vec<(usize, u128)>) -> Share {
        let mut share = Share::from(from);
        while let Some((place, room)) = share.next(orders.len()) {
            let first = place.after.map_or(0, |last| last.as_u128());
            let page: Vec<u128> = (first + 1..=orders[place.order]).take(room).collect();
            reached.extend(page.iter().map(|id| (place.order, *id)));
            let page: Vec<Uuid> = page.into_iter().map(Uuid::from_u128).collect();
            share = share.reached(&page);
        }
        share
    }

    /// How many aggregates each transaction reaches.
    fn transactions(orders: &[u128]) -> (Vec<usize>, Vec<(usize, u128)>) {
        let (mut sizes, mut reached, mut from) = (vec![], vec![], Some(Place::default()));
        while let Some(place) = from {
            let before = reached.len();
            from = transaction(orders, place, &mut reached).rest(orders.len());
            sizes.push(reached.len() - before);
        }
        (sizes, reached)
    }

    #[test]
    fn what_fits_into_a_page_is_one_transaction() {
        assert_eq!(transactions(&[]).0, [0]);
        assert_eq!(transactions(&[0]).0, [0]);
        assert_eq!(transactions(&[1, 0, 13, 1]).0, [15]);
    }

    #[test]
    fn a_full_page_may_have_more_behind_it() {
        assert_eq!(transactions(&[16]).0, [16, 0]);
        assert_eq!(transactions(&[17]).0, [16, 1]);
        assert_eq!(transactions(&[1, 35, 1]).0, [16, 16, 5]);
    }

    proptest! {
        #[test]
        fn every_order_reaches_each_of_its_aggregates_once_and_in_order(
            orders in proptest::collection::vec(0u128..500, 0..5)
        ) {
            let all = (0..).zip(&orders).flat_map(|(order, count)| (1..=*count).map(move |id| (order, id)));
            let (sizes, reached) = transactions(&orders);
            prop_assert_eq!(reached, all.collect::<Vec<_>>());
            prop_assert!(sizes.iter().all(|size| *size <= PAGE));
        }
    }
}
