//! What is no call at all, or none that anybody serves: told as such, and the process serves on.

use std::{future::poll_fn, time::Duration};

use jangteo_testing::{Node, grpc};
use prost_reflect::prost::bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tonic::{
    Code, Status,
    body::Body,
    codegen::{Service as _, http},
    transport::Channel,
};

use super::{
    told::{Told, refused, told},
    world::World,
};

const GET: &str = "/jangteo.post.v1.PostService/GetPost";
const SOON: Duration = Duration::from_secs(30);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

async fn nothing(channel: &Channel, path: &str, metadata: grpc::Metadata<'_>) -> Told {
    let answer = grpc::raw(channel.clone(), path, Bytes::new(), None, metadata).await;
    told(&answer.expect_err(path)).unwrap()
}

/// Sends a body as it is, without the frames that a client would put around it.
async fn unframed(
    node: &Node,
    request: http::request::Builder,
    body: &'static str,
) -> (http::StatusCode, Told) {
    let request = request.body(Body::new(body.to_owned())).unwrap();
    let mut channel = node.channel();
    poll_fn(|cx| channel.poll_ready(cx)).await.unwrap();
    let answer = timeout(SOON, channel.call(request)).await.unwrap().unwrap();
    let status = Status::from_header_map(answer.headers()).expect("it fails at once");
    (answer.status(), told(&status).unwrap())
}

fn post(kind: &str) -> http::request::Builder {
    http::Request::post(GET).header("content-type", kind).header("te", "trailers")
}

/// Whatever these bytes are, the connection ends, or stays with nothing to say.
async fn throw(node: &Node, bytes: &[u8]) {
    let mut socket = TcpStream::connect(node.addr()).await.unwrap();
    // The other side may hang up while we still speak.
    drop(socket.write_all(bytes).await);
    drop(socket.shutdown().await);
    drop(timeout(SOON, socket.read_to_end(&mut Vec::new())).await.expect("it hangs up"));
}

async fn what_nobody_serves(world: &World) {
    let channel = world.mesh.node.channel();
    let mut paths = vec!["/".to_owned(), "/made.up.v1.Service/Method".to_owned()];
    for rpc in &world.rpcs {
        paths.extend([
            format!("/{}/NoSuchMethod", rpc.service()),
            format!("/{}", rpc.service()),
            rpc.path.to_lowercase(),
            format!("{}/", rpc.path),
            format!("/{}", rpc.path),
            rpc.path.replacen(".v1.", ".v2.", 1),
            rpc.path.replacen('P', "%50", 1).replacen('S', "%53", 1),
        ]);
    }
    for path in paths {
        let told = nothing(&channel, &path, &[]).await;
        assert_eq!(told, refused(Code::Unimplemented, "METHOD_UNKNOWN"), "{path}");
    }
}

async fn what_is_too_large(world: &World) {
    let large = Bytes::from(vec![0; 5 << 20]);
    for rpc in &world.rpcs {
        let (path, keys) = (&rpc.path, &world.mesh.keys);
        let caller = rpc.named("callers").first().copied().unwrap_or("deal");
        let service = rpc.level() == "LEVEL_SERVICE";
        let roles = [&["operator"], &rpc.named("roles")[..]].concat();
        let person = keys.user_with_roles("operator01", &roles);
        let token = if service { keys.service(caller) } else { person };
        let answer =
            grpc::raw(world.mesh.node.channel(), path, large.clone(), Some(&token), &[]).await;
        let told = told(&answer.expect_err(path)).unwrap();
        assert_eq!(told, refused(Code::ResourceExhausted, "MESSAGE_TOO_LARGE"), "{path}");
    }
}

async fn what_is_no_timeout(world: &World) {
    let channel = world.mesh.node.channel();
    for wrong in ["soon", "", "1", "-1S", "1s", "123456789S", "1.5S"] {
        let told = nothing(&channel, GET, &[("grpc-timeout", wrong)]).await;
        assert_eq!(told, refused(Code::InvalidArgument, "TIMEOUT_MALFORMED"), "{wrong:?}");
    }
}

async fn what_is_no_message(world: &World) {
    let node = &world.mesh.node;
    for (what, body) in [
        ("compressed, without saying how", "\u{1}\0\0\0\u{1}a"),
        ("an unknown flag", "\u{7}\0\0\0\0"),
        ("cut off", "\0\0\0\0\u{9}a"),
        ("half a header", "\0\0"),
        ("words", "let me in"),
    ] {
        let (_, told) = unframed(node, post("application/grpc"), body).await;
        assert_eq!(told, refused(Code::InvalidArgument, "MESSAGE_MALFORMED"), "{what}");
    }
    let (_, told) = unframed(node, post("application/grpc"), "").await;
    assert_eq!(told, refused(Code::InvalidArgument, "MESSAGE_MISSING"));
    let zipped = post("application/grpc").header("grpc-encoding", "gzip");
    let (_, told) = unframed(node, zipped, "\u{1}\0\0\0\u{1}a").await;
    assert_eq!(told, refused(Code::Unimplemented, "COMPRESSION_UNSUPPORTED"));
}

async fn what_is_no_grpc(world: &World) {
    let get = http::Request::get(GET).header("content-type", "application/grpc");
    for request in
        [get, post("application/json"), post("application/grpc-web"), http::Request::post(GET)]
    {
        let (status, told) = unframed(&world.mesh.node, request, "").await;
        assert_eq!(status, http::StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(told, refused(Code::Unimplemented, "NOT_GRPC"));
    }
}

/// A call that is opened and taken back at once.
fn taken_back(number: u32) -> Vec<u8> {
    let stream = (2 * number + 1).to_be_bytes();
    let open = [&[0, 0, 3, 1, 5][..], &stream, &[0x83, 0x86, 0x84]].concat();
    let reset = [&[0, 0, 4, 3, 0][..], &stream, &[0, 0, 0, 8]].concat();
    [open, reset].concat()
}

/// Connections that say nothing, or half of the first word.
async fn silent(node: &Node) -> [TcpStream; 2] {
    let mut sockets = [
        TcpStream::connect(node.addr()).await.unwrap(),
        TcpStream::connect(node.addr()).await.unwrap(),
    ];
    sockets[1].write_all(&PREFACE[..10]).await.unwrap();
    sockets
}

/// Nobody holds a connection by saying nothing.
async fn are_closed(sockets: [TcpStream; 2]) {
    for mut socket in sockets {
        drop(timeout(SOON, socket.read_to_end(&mut Vec::new())).await.expect("it is closed"));
    }
}

async fn what_is_no_http2(world: &World) {
    let frame = |length: [u8; 3], kind: u8, rest: &[u8]| {
        [PREFACE, &[0, 0, 0, 4, 0, 0, 0, 0, 0], &length, &[kind, 0, 0, 0, 0, 1], rest].concat()
    };
    for bytes in [
        b"GET / HTTP/1.1\r\nhost: jangteo\r\n\r\n".to_vec(),
        b"POST /v1/posts HTTP/1.0\r\ncontent-length: 2\r\n\r\n{}".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        vec![0; 4096],
        PREFACE[..10].to_vec(),
        PREFACE.to_vec(),
        [PREFACE, &[0xff; 4096]].concat(),
        frame([0xff; 3], 0, &[0; 64]),
        frame([0, 0, 4], 1, &[0xff; 4]),
        frame([0, 0, 1], 9, &[0]),
        frame([0, 0, 4], 8, &[0; 4]),
        frame([0, 0, 0], 4, &(0..1000).flat_map(taken_back).collect::<Vec<_>>()),
    ] {
        throw(&world.mesh.node, &bytes).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_call_is_told_so_and_hurts_nobody() {
    let world = World::start().await;
    let before = world.rows().await;
    let silent = silent(&world.mesh.node).await;
    what_nobody_serves(&world).await;
    what_is_too_large(&world).await;
    what_is_no_timeout(&world).await;
    what_is_no_message(&world).await;
    what_is_no_grpc(&world).await;
    what_is_no_http2(&world).await;
    are_closed(silent).await;
    assert_eq!(world.rows().await, before, "nothing is written");
    world.is_unharmed().await;
}
