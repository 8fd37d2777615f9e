//! HTTP/2 by hand: frames as bytes on a socket, in an order and number that no client would send.

use std::{future::pending, io, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::timeout,
};

/// What every connection begins with.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// How much of an answer a client takes before it says that it takes more.
const INITIAL_WINDOW: u16 = 4;
const CANCEL: u32 = 8;

/// A frame, whether it belongs where it is sent or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Frame {
    fn new(kind: u8, stream: u32, payload: impl Into<Vec<u8>>) -> Self {
        Self { kind, flags: 0, stream, payload: payload.into() }
    }

    /// All headers of a stream, as a [`block`] of them.
    pub fn headers(stream: u32, block: &[u8]) -> Self {
        Self { flags: END_HEADERS, ..Self::new(HEADERS, stream, block) }
    }

    /// More of a block that was begun.
    pub fn continuation(stream: u32, block: &[u8]) -> Self {
        Self { flags: END_HEADERS, ..Self::new(CONTINUATION, stream, block) }
    }

    /// A part of a body.
    pub fn data(stream: u32, body: &[u8]) -> Self {
        Self::new(0, stream, body)
    }

    /// The client wants no answer any more.
    pub fn reset(stream: u32) -> Self {
        Self::new(RESET, stream, CANCEL.to_be_bytes())
    }

    /// Asks whether anybody is there.
    pub fn ping() -> Self {
        Self::new(PING, 0, *b"jangteo?")
    }

    /// Nothing follows it on its stream.
    #[must_use]
    pub fn last(self) -> Self {
        Self { flags: self.flags | END_STREAM, ..self }
    }

    /// A part of a block: others follow.
    #[must_use]
    pub fn unfinished(self) -> Self {
        Self { flags: self.flags & !END_HEADERS, ..self }
    }

    /// As it is sent.
    pub fn bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.payload.len()).expect("a frame has an end");
        let head = head(length, self.kind, self.flags, self.stream);
        [&head[..], &self.payload].concat()
    }

    /// Its first bytes with another length than it has.
    pub fn claiming(&self, length: u32) -> Vec<u8> {
        let head = head(length, self.kind, self.flags, self.stream);
        [&head[..], &self.payload].concat()
    }
}

/// Three bytes of length, what it is, and whose.
fn head(length: u32, kind: u8, flags: u8, stream: u32) -> Vec<u8> {
    [&length.to_be_bytes()[1..], &[kind, flags], &stream.to_be_bytes()].concat()
}

/// Frames one after the other.
pub fn bytes(frames: &[Frame]) -> Vec<u8> {
    frames.iter().flat_map(Frame::bytes).collect()
}

/// Headers as HPACK has them, each spelt out in full.
pub fn block(headers: &[(&str, &str)]) -> Vec<u8> {
    let mut block = vec![];
    for (name, value) in headers {
        // Literal, not to be remembered, with a new name.
        block.push(0);
        for text in [name, value] {
            number(&mut block, text.len());
            block.extend(text.as_bytes());
        }
    }
    block
}

/// A length with a prefix of seven bits.
fn number(block: &mut Vec<u8>, length: usize) {
    const FULL: usize = 0x7f;
    let low = |length: usize| u8::try_from(length & FULL).expect("seven bits are a byte");
    if length < FULL {
        return block.push(low(length));
    }
    block.push(low(FULL));
    let mut rest = length - FULL;
    while rest > FULL {
        block.push(low(rest) | 0x80);
        rest >>= 7;
    }
    block.push(low(rest));
}

/// What a server has said on a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The codes with which it ended streams, or all of them.
    pub errors: Vec<u32>,
    /// Whether it has hung up.
    pub closed: bool,
    /// How often it has begun to answer a call, or to end the answer.
    pub answers: usize,
    /// How many pings it has answered.
    pub pongs: usize,
}

/// A connection on which anything may be sent.
#[derive(Debug)]
pub struct Connection {
    read: OwnedReadHalf,
    write: OwnedWriteHalf,
    unread: Vec<u8>,
}

impl Connection {
    /// Connects, and says nothing.
    pub async fn silent(address: &str) -> io::Result<Self> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let (read, write) = socket.into_split();
        Ok(Self { read, write, unread: vec![] })
    }

    /// Connects and begins as every client does.
    pub async fn open(address: &str) -> io::Result<Self> {
        Self::begin(address, &[]).await
    }

    /// The same, as a client that takes no byte of any answer.
    pub async fn stalled(address: &str) -> io::Result<Self> {
        let none = [&INITIAL_WINDOW.to_be_bytes()[..], &0_u32.to_be_bytes()].concat();
        Self::begin(address, &none).await
    }

    async fn begin(address: &str, settings: &[u8]) -> io::Result<Self> {
        let mut connection = Self::silent(address).await?;
        let settings = Frame::new(SETTINGS, 0, settings).bytes();
        connection.write.write_all(&[PREFACE, &settings].concat()).await?;
        Ok(connection)
    }

    /// Sends these bytes, and reads until what was said is `enough` or the server hangs up. Who says
    /// nothing more for as long as `patience` is done as well.
    pub async fn throw(
        &mut self,
        bytes: &[u8],
        enough: impl Fn(&Said) -> bool,
        patience: Duration,
    ) -> Said {
        let Self { read, write, unread } = self;
        let mut said = Said::default();
        let listen = async {
            while !enough(&said) && !said.closed {
                let Ok(frame) = timeout(patience, next(read, unread)).await else { break };
                said.note(frame);
            }
        };
        // The other side may hang up while we still speak; what it said is read all the same.
        let speak = async {
            drop(write.write_all(bytes).await);
            pending::<()>().await;
        };
        tokio::select! { () = listen => {}, () = speak => {} }
        said
    }

    /// Sends these bytes and says no more; reads until the server hangs up as well.
    pub async fn leave(mut self, bytes: &[u8], patience: Duration) -> Said {
        drop(self.write.write_all(bytes).await);
        drop(self.write.shutdown().await);
        self.throw(&[], |_| false, patience).await
    }
}

/// The next frame; none when the connection is over.
async fn next(read: &mut OwnedReadHalf, unread: &mut Vec<u8>) -> Option<Frame> {
    loop {
        if let Some((head, rest)) = unread.split_first_chunk::<9>() {
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            if let Some(payload) = rest.get(..length) {
                let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
                let frame = Frame { flags: head[4], ..Frame::new(head[3], stream, payload) };
                unread.drain(..head.len() + length);
                return Some(frame);
            }
        }
        if read.read_buf(unread).await.ok()? == 0 {
            return None;
        }
    }
}

impl Said {
    fn note(&mut self, frame: Option<Frame>) {
        let Some(frame) = frame else {
            self.closed = true;
            return;
        };
        let code = |at: usize| {
            let bytes = frame.payload.get(at..at + 4)?;
            bytes.try_into().ok().map(u32::from_be_bytes)
        };
        match frame.kind {
            RESET => self.errors.extend(code(0)),
            GOAWAY => self.errors.extend(code(4)),
            HEADERS => self.answers += 1,
            PING => self.pongs += usize::from(frame.flags & ACK == ACK),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;
    use tonic::transport::{Server, server::TcpIncoming};

    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    fn server() -> (JoinSet<()>, String) {
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = incoming.local_addr().unwrap().to_string();
        let (_reporter, health) = tonic_health::server::health_reporter();
        let mut server = JoinSet::new();
        server.spawn(async move {
            drop(Server::builder().add_service(health).serve_with_incoming(incoming).await);
        });
        (server, address)
    }

    fn check() -> Vec<u8> {
        block(&[
            (":method", "POST"),
            (":scheme", "http"),
            (":path", "/grpc.health.v1.Health/Check"),
            (":authority", "here"),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
        ])
    }

    #[tokio::test]
    async fn a_real_server_understands_what_is_said() {
        let (_server, address) = server();
        let mut connection = Connection::open(&address).await.unwrap();
        let call = [Frame::headers(1, &check()), Frame::data(1, &[0; 5]).last(), Frame::ping()];
        let said = connection.throw(&bytes(&call), |said| said.answers == 2, SOON).await;
        // What leads the answer, and what ends it.
        assert_eq!((said.answers, said.closed, said.errors), (2, false, vec![]));
    }

    #[tokio::test]
    async fn a_real_server_says_what_it_does_not_take() {
        let (_server, address) = server();
        let mut connection = Connection::open(&address).await.unwrap();
        let lost = Frame::continuation(1, &check()).bytes();
        let said = connection.throw(&lost, |_| false, SOON).await;
        // PROTOCOL_ERROR: nothing was begun that could go on.
        assert_eq!((said.errors, said.closed), (vec![1], true));
        let connection = Connection::open(&address).await.unwrap();
        let said = connection.leave(&Frame::headers(1, &check()).claiming(9_000), SOON).await;
        assert!(said.closed, "half a frame is the end");
    }

    #[test]
    fn long_texts_have_long_lengths() {
        let length = |length: usize| {
            let mut block = vec![];
            number(&mut block, length);
            block
        };
        assert_eq!(length(126), [126]);
        assert_eq!(length(127), [127, 0]);
        assert_eq!(length(127 + 127), [127, 127]);
        assert_eq!(length(127 + 128), [127, 128, 1]);
        assert_eq!(length(1337), [127, 186, 9]);
    }
}
