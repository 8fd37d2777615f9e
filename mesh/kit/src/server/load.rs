//! How much each service works on at once. What is more is refused at once, so that what was begun
//! ends in time.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http_body_util::BodyExt;
use jangteo::{access::Access, errors::Refusal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Code;

use super::{at_end, methods, path, refuse};
use crate::config::Limits;

/// The largest request that is waited for, in bytes; generated servers take no larger one.
const LARGEST: usize = 4 * 1024 * 1024 + 5;
/// When whoever was refused may ask again.
const RETRY: Duration = Duration::from_secs(1);

tokio::task_local! {
    /// The place of the call that this task works for.
    static PLACE: Arc<OwnedSemaphorePermit>;
}

/// The place of the call that is being worked on, for work that outlives it.
pub(crate) fn place() -> Option<Arc<OwnedSemaphorePermit>> {
    PLACE.try_with(Arc::clone).ok()
}

/// The rooms of a process's services.
pub(super) struct Load(HashMap<&'static str, Room>);

struct Room {
    calls: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

impl Load {
    /// A room for each of these services.
    pub(super) fn of(services: &[&'static str], limits: Limits) -> Self {
        let room = || Room {
            calls: Arc::new(Semaphore::new(limits.calls)),
            streams: Arc::new(Semaphore::new(limits.streams)),
        };
        Self(services.iter().map(|service| (*service, room())).collect())
    }

    /// The places that a call needs one of. Operators get in when nobody else does, and so do other
    /// contexts: they finish what has begun. Health and reflection have no room, and need none.
    fn places(&self, path: &str) -> Option<Places<'_>> {
        let method = methods::of(path)?;
        let room = self.0.get(method.service.as_str())?;
        match method.access {
            Access::Operator | Access::Service { .. } => None,
            Access::Public | Access::User { .. } if method.streaming => {
                Some(Places { free: &room.streams, streams: true })
            }
            Access::Public | Access::User { .. } => {
                Some(Places { free: &room.calls, streams: false })
            }
        }
    }
}

struct Places<'a> {
    free: &'a Arc<Semaphore>,
    streams: bool,
}

impl Places<'_> {
    fn refuse(&self) -> Response {
        let (reason, said) = if self.streams {
            ("TOO_MANY_STREAMS", "as many streams are open as this service keeps: try again later")
        } else {
            ("OVERLOADED", "this service has as much to do as it can: nothing was done, try again")
        };
        refuse(Refusal::new(Code::ResourceExhausted, reason, said).retry_after(RETRY))
    }
}

/// Refuses what there is no place for, before anything is spent on it.
pub(super) async fn shed(State(load): State<Arc<Load>>, request: Request, next: Next) -> Response {
    match load.places(path(&request)) {
        Some(places) if places.free.available_permits() == 0 => places.refuse(),
        _ => next.run(request).await,
    }
}

/// Gives a call its place once all of its request is here: who sends slowly keeps nobody out.
pub(super) async fn enter(State(load): State<Arc<Load>>, request: Request, next: Next) -> Response {
    let Some(places) = load.places(path(&request)) else { return next.run(request).await };
    let request = whole(request).await;
    let Ok(place) = places.free.clone().try_acquire_owned() else { return places.refuse() };
    if places.streams {
        return at_end(next.run(request).await, |_| drop(place));
    }
    PLACE.scope(Arc::new(place), next.run(request)).await
}

/// Waits for the rest of a request. Whatever is wrong with it the service tells: one that broke off,
/// or is too large, ends where it was left.
async fn whole(request: Request) -> Request {
    let (head, mut body) = request.into_parts();
    let (mut read, mut length) = (Vec::new(), 0);
    while length <= LARGEST
        && let Some(Ok(frame)) = body.frame().await
    {
        length += frame.data_ref().map_or(0, Bytes::len);
        read.extend(frame.into_data());
    }
    let read = match <[Bytes; 1]>::try_from(read) {
        Ok([one]) => one,
        Err(many) => many.concat().into(),
    };
    Request::from_parts(head, Body::from(read))
}

#[cfg(test)]
mod tests {
    use jangteo::view::v1::WatchMySalesRequest;
    use tokio_util::task::TaskTracker;
    use tonic::Status;

    use super::*;
    use crate::server::sample::{GET, Stack, WATCH, framed, refused, soon, which};

    const ONE: Limits = Limits { calls: 1, streams: 1, ..Limits::USUAL };

    fn overloaded() -> (Code, Option<String>) {
        refused(Code::ResourceExhausted, "OVERLOADED")
    }

    #[tokio::test]
    async fn what_there_is_no_place_for_is_refused_at_once() {
        let stack = Stack::with(ONE).await;
        let calls = TaskTracker::new();
        let first = stack.request(GET, "hang").body(framed(&which())).unwrap();
        let first = calls.spawn(tower::ServiceExt::oneshot(stack.router.clone(), first));
        soon(stack.work.begun.cancelled()).await;
        let second = stack.request(GET, "").body(framed(&which())).unwrap();
        let refused = stack.call(second).await;
        let status = Status::from_header_map(refused.headers()).unwrap();
        assert_eq!(jangteo::errors::reason(&status).as_deref(), Some("OVERLOADED"));
        let details = tonic_types::StatusExt::get_error_details(&status);
        assert_eq!(details.retry_info().unwrap().retry_delay, Some(RETRY));

        stack.work.finish.notify_one();
        assert!(!soon(first).await.unwrap().unwrap().headers().contains_key("grpc-status"));
        let third = stack.request(GET, "").body(framed(&which())).unwrap();
        assert!(!stack.call(third).await.headers().contains_key("grpc-status"));
    }

    #[tokio::test]
    async fn a_request_that_never_ends_keeps_nobody_out() {
        let stack = Stack::with(ONE).await;
        let calls = TaskTracker::new();
        let slow = Body::from_stream(futures::stream::pending::<Result<Bytes, axum::Error>>());
        let slow = stack.request(GET, "").body(slow).unwrap();
        calls.spawn(tower::ServiceExt::oneshot(stack.router.clone(), slow));
        for _ in 0..3 {
            let whole = stack.request(GET, "").body(framed(&which())).unwrap();
            assert!(!stack.call(whole).await.headers().contains_key("grpc-status"));
        }
    }

    #[tokio::test]
    async fn a_stream_has_its_place_until_it_ends() {
        let stack = Stack::with(ONE).await;
        let watch = || framed(&WatchMySalesRequest::default());
        let open = stack.call(stack.request(WATCH, "").body(watch()).unwrap()).await;
        let told = stack.ends(stack.request(WATCH, "").body(watch()).unwrap()).await;
        assert_eq!(told, refused(Code::ResourceExhausted, "TOO_MANY_STREAMS"));
        let call = stack.request(GET, "").body(framed(&which())).unwrap();
        assert!(!stack.call(call).await.headers().contains_key("grpc-status"));
        drop(open);
        let again = stack.call(stack.request(WATCH, "").body(watch()).unwrap()).await;
        assert!(!again.headers().contains_key("grpc-status"));
    }

    #[tokio::test]
    async fn health_is_asked_where_nobody_gets_in() {
        let stack = Stack::with(Limits { calls: 0, ..ONE }).await;
        let call = stack.request(GET, "").body(framed(&which())).unwrap();
        assert_eq!(stack.ends(call).await, overloaded());
        let check = stack.request("/grpc.health.v1.Health/Check", "").body(framed(&())).unwrap();
        assert!(!stack.call(check).await.headers().contains_key("grpc-status"));
    }

    #[test]
    fn people_need_a_place_and_nobody_else() {
        let services: Vec<&'static str> = vec![
            "jangteo.post.v1.PostService",
            "jangteo.journal.v1.JournalService",
            "jangteo.ops.v1.DeadLetterService",
            "jangteo.ops.v1.SagaService",
        ];
        let load = Load::of(&services, ONE);
        assert!(load.places("/jangteo.post.v1.PostService/CreatePost").is_some());
        for path in [
            "/jangteo.post.v1.PostService/ReservePost",
            "/jangteo.journal.v1.JournalService/ListHeads",
            "/jangteo.ops.v1.DeadLetterService/ListDeadLetters",
            "/jangteo.ops.v1.SagaService/ListSagas",
            "/grpc.health.v1.Health/Check",
        ] {
            assert!(load.places(path).is_none(), "{path}");
        }
    }

    #[tokio::test]
    async fn work_that_outlives_its_call_keeps_its_place() {
        let free = Arc::new(Semaphore::new(1));
        let permit = Arc::new(free.clone().try_acquire_owned().unwrap());
        let kept = PLACE.scope(permit, async { place() }).await;
        assert_eq!((kept.is_some(), free.available_permits()), (true, 0));
        drop(kept);
        assert_eq!((place().is_none(), free.available_permits()), (true, 1));
    }
}
