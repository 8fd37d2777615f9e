//! Where a gRPC response says how it ended: in its headers if it failed at once, else behind its
//! last message.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tonic::{Code, Status};

type Then = Box<dyn FnOnce(Option<&mut HeaderMap>) + Send>;

/// Calls `then` once with the headers that hold the response's status; with none when it ends
/// without one, as when the caller goes away.
pub fn at_end(
    mut response: Response,
    then: impl FnOnce(Option<&mut HeaderMap>) + Send + 'static,
) -> Response {
    if response.headers().contains_key(Status::GRPC_STATUS) {
        then(Some(response.headers_mut()));
        return response;
    }
    response.map(|inner| Body::new(Watched { inner, then: Some(Box::new(then)) }))
}

/// The status that a response ended with; `Cancelled` if it ended without one.
pub fn code(end: Option<&HeaderMap>) -> Code {
    let status = end.and_then(|headers| headers.get(Status::GRPC_STATUS));
    status.map_or(Code::Cancelled, |status| Code::from_bytes(status.as_bytes()))
}

struct Watched {
    inner: Body,
    then: Option<Then>,
}

impl Watched {
    fn end(&mut self, headers: Option<&mut HeaderMap>) {
        if let Some(then) = self.then.take() {
            then(headers);
        }
    }
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut next = Pin::new(&mut self.inner).poll_frame(cx);
        match &mut next {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(trailers) = frame.trailers_mut() {
                    self.end(Some(trailers));
                }
            }
            Poll::Ready(None | Some(Err(_))) => self.end(None),
            Poll::Pending => {}
        }
        next
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.end(None);
    }
}
