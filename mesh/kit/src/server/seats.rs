//! How many connections a door keeps. When all seats are taken, whoever does nothing with his gives
//! it up.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use axum::{Router, response::Response};
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use tower::Service;

use super::at_end;

/// For so many seats there is one more, for somebody who was asked to leave and is not gone yet.
const SPARE: usize = 8;

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
    seats: Seats,
}

impl Seats {
    pub(super) fn new(most: usize) -> Self {
        Self { most, taken: Arc::default() }
    }

    /// A seat for a new connection: a free one, or that of the one that has been there longest of
    /// those without a call. None if all have something to do.
    pub(super) fn take(&self) -> Option<Seat> {
        let mut taken = self.lock();
        if taken.seats.len() >= self.most {
            taken.free_one((self.most / SPARE).max(1))?;
        }
        let place = Place { calls: Arc::default(), leave: CancellationToken::new() };
        taken.next += 1;
        let number = taken.next;
        taken.seats.insert(number, place.clone());
        Some(Seat { number, place, seats: self.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().expect("nothing panics while it holds this lock")
    }
}

impl Taken {
    fn free_one(&mut self, spare: usize) -> Option<()> {
        if self.leaving >= spare {
            return None;
        }
        let idle = |place: &Place| place.calls.load(Ordering::Acquire) == 0;
        let number = *self.seats.iter().find(|(_, place)| idle(place))?.0;
        self.seats.remove(&number)?.leave.cancel();
        self.leaving += 1;
        Some(())
    }
}

impl Seat {
    /// Somebody else needs the seat.
    pub(super) fn leave(&self) -> &CancellationToken {
        &self.place.leave
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
        let left = [&first, &second, &third, &fourth].map(|seat| seat.leave().is_cancelled());
        assert_eq!(left, [false, true, false, false]);
    }

    #[test]
    fn nobody_leaves_while_there_is_room() {
        let seats = Seats::new(2);
        let first = seats.take().unwrap();
        drop(seats.take().unwrap());
        let _second = seats.take().unwrap();
        assert!(!first.leave().is_cancelled());
    }

    #[test]
    fn nobody_new_gets_in_where_all_are_busy() {
        let seats = Seats::new(2);
        let (first, second) = (seats.take().unwrap(), seats.take().unwrap());
        let (_one, other) = (busy(&first), busy(&second));
        assert!(seats.take().is_none());
        drop(other);
        assert!(seats.take().is_some());
        assert!(second.leave().is_cancelled() && !first.leave().is_cancelled());
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
