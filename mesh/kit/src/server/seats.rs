//! How many connections a door keeps. When all seats are taken, whoever does nothing with his gives
//! it up; where all have something to do, a few more may come in for a moment, since a probe asks on
//! a connection of its own.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, response::Response};
use futures::future::BoxFuture;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::Service;

use super::at_end;

/// For so many seats there is one more, for somebody who was asked to leave and is not gone yet, or
/// who stays for a moment only.
const SPARE: usize = 8;
/// How long a moment is.
const MOMENT: Duration = Duration::from_secs(1);

/// The seats of one door.
#[derive(Clone)]
pub(super) struct Seats {
    most: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    next: u64,
    seats: BTreeMap<u64, Place>,
    /// Those that were asked to leave, and are not gone yet.
    leaving: usize,
}

#[derive(Clone)]
struct Place {
    calls: Arc<AtomicUsize>,
    leave: CancellationToken,
}

/// A connection's seat, until it is dropped.
pub(super) struct Seat {
    number: u64,
    place: Place,
    /// Whoever has it stays for a moment only.
    brief: bool,
    seats: Seats,
}

impl Seats {
    pub(super) fn new(most: usize) -> Self {
        Self { most, taken: Arc::default() }
    }

    /// A seat for a new connection: a free one, or that of the one that has been there longest of
    /// those without a call, or one for a moment. None if even those are taken.
    pub(super) fn take(&self) -> Option<Seat> {
        let mut taken = self.lock();
        if taken.seats.len() + taken.leaving >= self.most + (self.most / SPARE).max(1) {
            return None;
        }
        let brief = taken.seats.len() >= self.most && !taken.free_one();
        let place = Place { calls: Arc::default(), leave: CancellationToken::new() };
        taken.next += 1;
        let number = taken.next;
        taken.seats.insert(number, place.clone());
        Some(Seat { number, place, brief, seats: self.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().expect("nothing panics while it holds this lock")
    }
}

impl Taken {
    /// Asks the one that has been there longest without a call to leave, if there is one.
    fn free_one(&mut self) -> bool {
        let idle = |place: &Place| place.calls.load(Ordering::Acquire) == 0;
        let longest = self.seats.iter().find(|(_, place)| idle(place)).map(|(number, _)| *number);
        let Some(place) = longest.and_then(|number| self.seats.remove(&number)) else {
            return false;
        };
        place.leave.cancel();
        self.leaving += 1;
        true
    }
}

impl Seat {
    /// Waits until the seat is to be given up.
    pub(super) async fn leave(&self) {
        let stay = if self.brief { MOMENT } else { Duration::MAX };
        // Either way it is time to go.
        drop(timeout(stay, self.place.leave.cancelled()).await);
    }

    /// The router, as it is called from this seat.
    pub(super) fn seated(&self, router: Router) -> Seated {
        Seated { router, calls: self.place.calls.clone() }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        if taken.seats.remove(&self.number).is_none() {
            taken.leaving -= 1;
        }
    }
}

/// Counts the calls of a connection.
#[derive(Clone)]
pub(super) struct Seated {
    router: Router,
    calls: Arc<AtomicUsize>,
}

/// A call that is counted until it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}

impl<B> Service<http::Request<B>> for Seated
where
    Router: Service<
            http::Request<B>,
            Response = Response,
            Error = std::convert::Infallible,
            Future: Send + 'static,
        >,
{
    type Response = Response;
    type Error = std::convert::Infallible;
    type Future = BoxFuture<'static, Result<Response, Self::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Service::<http::Request<B>>::poll_ready(&mut self.router, cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        self.calls.fetch_add(1, Ordering::Acquire);
        let counted = Counted(self.calls.clone());
        let answer = self.router.call(request);
        Box::pin(async move { Ok(at_end(answer.await?, |_| drop(counted))) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::sample::soon;

    impl Seat {
        fn is_asked(&self) -> bool {
            self.place.leave.is_cancelled()
        }
    }

    fn busy(seat: &Seat) -> Counted {
        seat.place.calls.fetch_add(1, Ordering::Acquire);
        Counted(seat.place.calls.clone())
    }

    #[test]
    fn the_oldest_that_does_nothing_leaves() {
        let seats = Seats::new(3);
        let [first, second, third] = [(); 3].map(|()| seats.take().unwrap());
        let _call = busy(&first);
        let fourth = seats.take().unwrap();
        let left = [&first, &second, &third, &fourth].map(Seat::is_asked);
        assert_eq!(left, [false, true, false, false]);
    }

    #[test]
    fn nobody_leaves_while_there_is_room() {
        let seats = Seats::new(2);
        let first = seats.take().unwrap();
        drop(seats.take().unwrap());
        let _second = seats.take().unwrap();
        assert!(!first.is_asked());
    }

    #[tokio::test]
    async fn where_all_are_busy_a_new_one_stays_for_a_moment() {
        let seats = Seats::new(2);
        let (first, second) = (seats.take().unwrap(), seats.take().unwrap());
        let (_one, other) = (busy(&first), busy(&second));
        let third = seats.take().unwrap();
        soon(third.leave()).await;
        assert!(!first.is_asked() && !second.is_asked());
        let _third = busy(&third);
        assert!(seats.take().is_none(), "there is one more seat than there should be");
        drop(third);
        drop(other);
        let fourth = seats.take().unwrap();
        assert!(second.is_asked() && !first.is_asked() && !fourth.brief);
    }

    #[test]
    fn those_who_do_not_go_count() {
        let seats = Seats::new(16);
        let there: Vec<Seat> = (0..16).map(|_| seats.take().unwrap()).collect();
        let new: Vec<Option<Seat>> = (0..8).map(|_| seats.take()).collect();
        assert_eq!(new.iter().flatten().count(), 2, "an eighth of them");
        drop(there);
        assert!(seats.take().is_some());
    }
}
