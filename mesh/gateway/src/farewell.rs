//! How a stream ends when its gateway goes away: with word of it, between two messages.

use std::{future::poll_fn, pin::pin};

use async_stream::stream;
use axum::body::Body;
use http::HeaderMap;
use http_body::{Body as _, Frame};
use http_body_util::StreamBody;
use jangteo_kit::status::stopping;
use tokio_util::sync::CancellationToken;

/// A message of gRPC begins with whether it is compressed, and its length.
const PREFIX: usize = 5;

/// The reply to a call that streams, until the gateway leaves.
pub(crate) fn until(leaving: CancellationToken, body: Body) -> Body {
    let frames = stream! {
        let (mut body, mut place) = (pin!(body), Place::default());
        loop {
            let frame = tokio::select! {
                frame = poll_fn(|context| body.as_mut().poll_frame(context)) => frame,
                () = leaving.cancelled(), if place.is_between() => {
                    yield Ok(Frame::trailers(farewell()));
                    return;
                }
            };
            let Some(frame) = frame else { return };
            if let Ok(data) = frame.as_ref().map(Frame::data_ref) {
                place.pass(data.map_or(&[], |data| data));
            }
            yield frame;
        }
    };
    Body::new(StreamBody::new(frames))
}

fn farewell() -> HeaderMap {
    let mut trailers = HeaderMap::new();
    stopping().add_header(&mut trailers).expect("it is short, and its message is ASCII");
    trailers
}

/// Where in a sequence of messages a reply is.
#[derive(Debug, Default)]
struct Place {
    /// What has come of the prefix of the next message.
    prefix: Vec<u8>,
    /// What of a message is still to come, in bytes.
    left: usize,
}

impl Place {
    fn is_between(&self) -> bool {
        self.left == 0 && self.prefix.is_empty()
    }

    fn pass(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            let message = self.left.min(data.len());
            (self.left, data) = (self.left - message, &data[message..]);
            let prefix =
                if self.left == 0 { (PREFIX - self.prefix.len()).min(data.len()) } else { 0 };
            self.prefix.extend(&data[..prefix]);
            data = &data[prefix..];
            if let [_, length @ ..] = &self.prefix[..]
                && let Ok(length) = <[u8; 4]>::try_from(length)
            {
                self.left = u32::from_be_bytes(length) as usize;
                self.prefix.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::StreamExt as _;
    use http_body_util::BodyExt as _;
    use tonic::{Code, Status};

    use super::*;

    /// A message of so many bytes, with its prefix.
    fn message(length: u8) -> Vec<u8> {
        [&[0, 0, 0, 0, length][..], &vec![7; length.into()]].concat()
    }

    #[test]
    fn messages_end_where_they_say_however_they_are_cut() {
        let all = [message(3), message(0), message(12)].concat();
        let ends = [8, 13, 30];
        for size in 1..=all.len() {
            let (mut place, mut passed) = (Place::default(), 0);
            for part in all.chunks(size) {
                place.pass(part);
                passed += part.len();
                assert_eq!(place.is_between(), ends.contains(&passed), "{passed} by {size}");
            }
        }
    }

    #[tokio::test]
    async fn a_reply_ends_with_word_of_it_once_a_message_is_whole() {
        let leaving = CancellationToken::new();
        let parts = message(9);
        let (first, rest) = (parts[..6].to_vec(), parts[6..].to_vec());
        let told = leaving.clone();
        // It leaves in the middle of a message, whose rest comes later; then nothing more does.
        let frames = stream! {
            yield Ok::<_, std::io::Error>(Frame::data(Bytes::from(first)));
            told.cancel();
            tokio::task::yield_now().await;
            yield Ok(Frame::data(Bytes::from(rest)));
            futures::stream::pending::<()>().next().await;
        };
        let body = until(leaving, Body::new(StreamBody::new(frames)));
        let whole = body.collect().await.unwrap();
        let status = Status::from_header_map(whole.trailers().unwrap()).unwrap();
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(jangteo::errors::reason(&status).as_deref(), Some("STOPPING"));
        assert_eq!(whole.to_bytes(), parts);
    }

    #[tokio::test]
    async fn a_reply_that_ends_by_itself_is_left_as_it_is() {
        let body = until(CancellationToken::new(), Body::from(message(4)));
        assert_eq!(body.collect().await.unwrap().to_bytes(), message(4));
    }
}
