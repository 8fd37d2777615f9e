//! What can be done to a server that speaks HTTP/2 by somebody who keeps to none of its rules.

use std::{io, time::Duration};

use jangteo_testing::http2::{Connection, Frame, PREFACE, Said, block, bytes};

/// How long a server may say nothing before its answer is not waited for any more.
const PATIENCE: Duration = Duration::from_secs(5);
/// Calls on one connection, fewer than it takes.
const CALLS: u32 = 100;
const KIB: usize = 1024;

/// One way to be a nuisance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trick {
    /// Calls that nobody wants an answer to any more as soon as they are made (CVE-2023-44487).
    RapidReset,
    /// Headers four times as large as they may be.
    LargeHeaders,
    /// Headers that never end (CVE-2024-27316).
    EndlessHeaders,
    /// Calls whose answers are never taken.
    StalledWindow,
    /// A connection that begins, somehow, and never goes on.
    HalfOpen,
    /// Messages that are longer or shorter than they say, or compressed by nothing.
    BadLength,
    /// A frame that ends before it is over, or is longer than any may be.
    TruncatedFrame,
    /// Questions whose answers are never read (CVE-2019-9512).
    Questions,
}

/// What came of a trick that was played once.
#[derive(Debug)]
pub(super) struct Played {
    /// How many bytes were thrown.
    pub(super) thrown: usize,
    /// What was said to them.
    pub(super) said: Said,
    /// The connection, where the trick is to keep it.
    pub(super) kept: Option<Connection>,
}

impl Trick {
    /// Those whose connections stay open.
    pub(super) const KEEPING: [Self; 2] = [Self::StalledWindow, Self::HalfOpen];
    /// The others.
    pub(super) const PASSING: [Self; 6] = [
        Self::RapidReset,
        Self::LargeHeaders,
        Self::EndlessHeaders,
        Self::BadLength,
        Self::TruncatedFrame,
        Self::Questions,
    ];

    /// What is thrown, in each of its forms. To put it together is no work of the server's.
    pub(super) fn forms(self) -> Vec<Vec<u8>> {
        match self {
            Self::RapidReset => vec![rapid_reset()],
            Self::LargeHeaders => vec![large_headers()],
            Self::EndlessHeaders => vec![endless_headers()],
            Self::StalledWindow => vec![calls()],
            Self::HalfOpen => half_open(),
            Self::BadLength => vec![bad_length()],
            Self::TruncatedFrame => truncated_frame(),
            Self::Questions => vec![bytes(&vec![Frame::ping(); 10_000])],
        }
    }

    /// Plays it once, in one of its forms.
    pub(super) async fn play(self, door: &str, thrown: &[u8]) -> io::Result<Played> {
        let mut connection = match self {
            Self::StalledWindow => Connection::stalled(door).await?,
            Self::HalfOpen => Connection::silent(door).await?,
            _ => Connection::open(door).await?,
        };
        let (said, kept) = match self {
            Self::TruncatedFrame => (connection.leave(thrown, PATIENCE).await, None),
            Self::StalledWindow => {
                // All are answered, as far as an answer needs no room.
                let all = |said: &Said| said.answers >= CALLS as usize;
                (connection.throw(thrown, all, PATIENCE).await, Some(connection))
            }
            Self::HalfOpen => {
                let said = connection.throw(thrown, |_| true, PATIENCE).await;
                (said, Some(connection))
            }
            _ => (connection.throw(thrown, |said| said.pongs > 0, PATIENCE).await, None),
        };
        Ok(Played { thrown: thrown.len(), said, kept })
    }
}

/// The headers of a call of everybody's.
fn headers(more: &[(&str, &str)]) -> Vec<u8> {
    let call = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/jangteo.post.v1.PostService/ListPosts"),
        (":authority", "jangteo"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    block(&[&call, more].concat())
}

/// The numbers that a client gives its calls.
fn streams(many: u32) -> impl Iterator<Item = u32> {
    (0..many).map(|number| 2 * number + 1)
}

fn rapid_reset() -> Vec<u8> {
    let headers = headers(&[]);
    let call = |stream| [Frame::headers(stream, &headers), Frame::reset(stream)];
    let frames: Vec<_> = streams(2 * CALLS).flat_map(call).chain([Frame::ping()]).collect();
    bytes(&frames)
}

fn large_headers() -> Vec<u8> {
    let large = headers(&[("x-large", &"x".repeat(64 * KIB))]);
    let (first, rest) = large.split_at(16 * KIB);
    let mut frames = vec![Frame::headers(1, first).last().unfinished()];
    let chunks: Vec<_> = rest.chunks(16 * KIB).collect();
    let (last, more) = chunks.split_last().expect("it does not fit into one frame");
    frames.extend(more.iter().map(|part| Frame::continuation(1, part).unfinished()));
    frames.extend([Frame::continuation(1, last), Frame::ping()]);
    bytes(&frames)
}

fn endless_headers() -> Vec<u8> {
    let more = block(&[("x-more", &"x".repeat(KIB))]);
    let mut frames = vec![Frame::headers(1, &headers(&[])).unfinished()];
    frames.extend(vec![Frame::continuation(1, &more).unfinished(); KIB]);
    bytes(&frames)
}

fn calls() -> Vec<u8> {
    let (headers, nothing) = (headers(&[]), [0; 5]);
    let call = |stream| [Frame::headers(stream, &headers), Frame::data(stream, &nothing).last()];
    let frames: Vec<_> = streams(CALLS).flat_map(call).collect();
    bytes(&frames)
}

/// A message of gRPC begins with whether it is compressed, and how long it is.
fn bad_length() -> Vec<u8> {
    let bodies: [&[u8]; 7] = [
        &[0, 0xff, 0xff, 0xff, 0xff, 1, 2],
        &[0, 0, 0, 0, 9, 1, 2],
        &[0, 0, 0, 0, 1, 8, 1, 8, 1],
        &[1, 0, 0, 0, 2, 8, 1],
        &[7, 0, 0, 0, 2, 8, 1],
        &[0, 0, 0],
        &[],
    ];
    let headers = headers(&[]);
    let call =
        |(stream, body)| [Frame::headers(stream, &headers), Frame::data(stream, body).last()];
    let frames: Vec<_> = streams(7).zip(bodies).flat_map(call).chain([Frame::ping()]).collect();
    bytes(&frames)
}

/// Nothing, half of what every connection begins with, or that and half of a call.
fn half_open() -> Vec<Vec<u8>> {
    let half = Frame::headers(1, &headers(&[])).bytes();
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    let begun = [PREFACE, &settings, &half[..half.len() / 2]].concat();
    vec![vec![], PREFACE[..PREFACE.len() / 2].to_vec(), begun]
}

fn truncated_frame() -> Vec<Vec<u8>> {
    let call = Frame::headers(1, &headers(&[]));
    let half = Frame::data(1, &[0; 5]).claiming(1 << 14);
    vec![call.claiming(4_000), call.claiming(0x00ff_ffff), [call.bytes(), half].concat()]
}
