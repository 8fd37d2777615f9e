use std::{collections::BTreeMap, future::ready, net::SocketAddr, time::Duration};

use futures::FutureExt;
use jangteo::journal::v1::{ListHeadsRequest, ListHeadsResponse};
use jangteo_testing::until;
use prost::Message;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time::timeout,
};
use tokio_util::task::TaskTracker;
use tonic::{Code, Status};

use super::{
    sample::{
        ABOUT, KEY, Peer, SOON, STORY, Say, WROTE, ask, keys, peers, question, repeatable, stored,
        trouble,
    },
    *,
};
use crate::{
    auth::Caller,
    clock,
    decide::{Limits, Question},
};

/// Breakers that open at the third failure and are half-open at once.
const QUICK: Limits = Limits { window: Duration::from_mins(1), calls: 3, open: Duration::ZERO };
/// The same, open for as long as a test lasts.
const LASTING: Limits = Limits { open: Duration::from_hours(1), ..QUICK };
/// Breakers that never open.
const NEVER: Limits = Limits { calls: u32::MAX, ..QUICK };

const HEADS: &str = "/jangteo.journal.v1.JournalService/ListHeads";

fn is_yes(answer: &Answer) -> bool {
    matches!(answer, Answer::Yes { .. })
}

/// A port that is taken, so that nobody else listens at it, and that nobody listens at.
fn nobody() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let addr = socket.local_addr().unwrap();
    (socket, addr)
}

#[tokio::test]
async fn a_yes_brings_what_the_peer_wrote_and_what_it_belongs_to() {
    let peer = Peer::start(|_| Say::Yes).await;
    let Answer::Yes { message, token, correlation_id } = ask(peer.addr, question()).await else {
        panic!("it should have said yes");
    };
    let heads = ListHeadsResponse::decode(message.as_slice()).unwrap();
    assert_eq!(heads.next_page_token, "post", "the question came as it was asked");
    assert_eq!((token.as_str(), correlation_id), (WROTE, Some(ABOUT)));
}

#[tokio::test]
async fn the_peer_is_told_who_asks_why_and_how_long_he_waits() {
    let peer = Peer::start(|_| Say::Yes).await;
    let (_dir, verifier, identity) = keys();
    let elsewhere = BTreeMap::from([("journal".to_owned(), format!("http://{}", peer.addr))]);
    let peers = Peers::new(identity, "http://127.0.0.1:1", &elsewhere).unwrap();
    assert!(is_yes(&peers.ask(question()).await));
    let heard = peer.heard().remove(0);
    let header = |name: &str| heard.get(name).unwrap().to_str().unwrap();
    let token = header("authorization").strip_prefix("Bearer ").unwrap();
    let now = u64::try_from(clock::now_ms() / 1000).unwrap();
    let deal = Caller::Service { context: "deal".to_owned() };
    assert_eq!(verifier.verify(token, now), Ok(deal));
    assert_eq!(header(CORRELATION), STORY.to_string());
    let timeout: u64 = header("grpc-timeout").strip_suffix('u').unwrap().parse().unwrap();
    assert!(Duration::from_micros(timeout) <= SOON, "{timeout}");
}

#[tokio::test]
async fn a_stored_no_is_an_answer() {
    for code in [Code::FailedPrecondition, Code::Unavailable] {
        let peer = Peer::start(move |_| stored(code, KEY)).await;
        let Answer::No(no) = ask(peer.addr, repeatable()).await else { panic!("{code:?}") };
        assert_eq!((no.code, no.reason.as_str()), (code.into(), "POST_SOLD"));
        assert_eq!(peer.calls(), 1, "it is final");
    }
}

#[tokio::test]
async fn any_other_status_is_no_answer() {
    let others = [
        || stored(Code::FailedPrecondition, "deals/2"),
        || Say::Status(Status::failed_precondition("it is sold")),
        || Say::Status(Status::unauthenticated("who are you?")),
        trouble,
    ];
    for other in others {
        let peer = Peer::start(move |_| other()).await;
        assert_eq!(ask(peer.addr, question()).await, Answer::Nothing);
        assert_eq!(peer.calls(), 1);
    }
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let (_socket, addr) = nobody();
    assert_eq!(ask(addr, question()).await, Answer::NotSent);
    assert_eq!(ask(addr, repeatable()).await, Answer::NotSent);
}

#[tokio::test]
async fn a_connection_that_closes_may_have_carried_the_question() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let closing = TaskTracker::new();
    closing.spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            drop(connection);
        }
    });
    assert_eq!(ask(addr, question()).await, Answer::Nothing);
}

#[tokio::test]
async fn a_peer_that_is_silent_may_have_heard() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let within = Duration::from_millis(50);
    let unaccepted = Sent { within, ..question() };
    assert_eq!(ask(listener.local_addr().unwrap(), unaccepted).await, Answer::Nothing);
    let peer = Peer::start(|_| Say::Silence).await;
    let sent = Sent { within: Duration::from_secs(1), ..question() };
    assert_eq!(ask(peer.addr, sent).await, Answer::Nothing);
    assert_eq!(peer.calls(), 1);
}

/// A listener that takes no more connections: whoever comes now waits outside.
async fn crowded() -> (TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(1).unwrap();
    let addr = listener.local_addr().unwrap();
    let mut crowd = Vec::new();
    while let Ok(connected) = timeout(Duration::from_millis(200), TcpStream::connect(addr)).await {
        crowd.push(connected.unwrap());
    }
    (listener, crowd)
}

#[tokio::test]
async fn connecting_takes_no_longer_than_the_answer_may() {
    let (listener, _crowd) = crowded().await;
    let sent = Sent { within: Duration::from_millis(50), ..question() };
    // Given up sooner than a connection: whether it came about is not known.
    assert_eq!(ask(listener.local_addr().unwrap(), sent).await, Answer::Nothing);
}

#[tokio::test]
async fn what_broke_once_may_have_been_heard_whatever_came_of_its_repeat() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let closing = TaskTracker::new();
    closing.spawn(async move {
        let (connection, _) = listener.accept().await.unwrap();
        drop(listener);
        drop(connection);
    });
    assert_eq!(ask(addr, repeatable()).await, Answer::Nothing);
}

#[tokio::test]
async fn without_time_nothing_is_sent() {
    let peer = Peer::start(|_| Say::Yes).await;
    let sent = Sent { within: Duration::ZERO, ..repeatable() };
    assert_eq!(ask(peer.addr, sent).await, Answer::NotSent);
    assert_eq!(peer.calls(), 0);
}

#[tokio::test]
async fn only_what_may_be_asked_twice_is_repeated() {
    let peer = Peer::start(|before| if before < 2 { trouble() } else { Say::Yes }).await;
    let peers = peers(peer.addr, NEVER);
    assert_eq!(peers.ask(question()).await, Answer::Nothing);
    assert_eq!(peer.calls(), 1);
    assert!(is_yes(&peers.ask(repeatable()).await));
    assert_eq!(peer.calls(), 3);
}

#[tokio::test]
async fn a_question_is_repeated_twice_at_most() {
    let peer = Peer::start(|_| trouble()).await;
    assert_eq!(ask(peer.addr, repeatable()).await, Answer::Nothing);
    assert_eq!(peer.calls(), 3);
}

#[tokio::test]
async fn what_is_refused_is_not_repeated() {
    let peer = Peer::start(|_| Say::Status(Status::invalid_argument("no"))).await;
    assert_eq!(ask(peer.addr, repeatable()).await, Answer::Nothing);
    assert_eq!(peer.calls(), 1);
}

#[tokio::test]
async fn repeats_end_with_their_budget() {
    let peer = Peer::start(|_| trouble()).await;
    let peers = peers(peer.addr, NEVER);
    let asked = (0..100).map(|_| peers.ask(repeatable()));
    futures::future::join_all(asked).await;
    // A tenth, and one in each of 10 s; a second or two may pass meanwhile.
    let repeats = peer.calls() - 100;
    assert!((1..=25).contains(&repeats), "{repeats}");
}

#[tokio::test]
async fn an_open_breaker_answers_at_once_and_sends_nothing() {
    let peer = Peer::start(|_| trouble()).await;
    let peers = peers(peer.addr, LASTING);
    for _ in 0..3 {
        assert_eq!(peers.ask(question()).await, Answer::Nothing);
    }
    for sent in [question(), repeatable()] {
        assert_eq!(peers.ask(sent).now_or_never(), Some(Answer::NotSent), "without waiting");
    }
    assert_eq!(peer.calls(), 3);
}

#[tokio::test]
async fn each_method_has_a_breaker_of_its_own() {
    let peer = Peer::start(|before| if before < 3 { trouble() } else { Say::Yes }).await;
    let peers = peers(peer.addr, LASTING);
    for _ in 0..3 {
        assert_eq!(peers.ask(question()).await, Answer::Nothing);
    }
    let mut other = question();
    other.question.path = "/jangteo.journal.v1.JournalService/ReadEvents".to_owned();
    assert!(is_yes(&peers.ask(other).await));
    assert_eq!(peers.ask(question()).await, Answer::NotSent);
}

#[tokio::test]
async fn what_the_question_is_to_blame_for_opens_no_breaker() {
    let blamed = [
        || Say::Status(Status::invalid_argument("no")),
        || Say::Status(Status::not_found("no")),
        || stored(Code::FailedPrecondition, KEY),
    ];
    for blamed in blamed {
        let peer = Peer::start(move |_| blamed()).await;
        let peers = peers(peer.addr, LASTING);
        for _ in 0..5 {
            assert_ne!(peers.ask(question()).await, Answer::NotSent);
        }
        assert_eq!(peer.calls(), 5);
    }
}

#[tokio::test]
async fn a_peer_that_answers_that_it_cannot_is_let_alone() {
    let peer = Peer::start(|_| stored(Code::Unavailable, KEY)).await;
    let peers = peers(peer.addr, LASTING);
    for _ in 0..3 {
        assert!(!peers.is_away(&question().question) && !peers.is_any_away());
        assert!(matches!(peers.ask(question()).await, Answer::No(_)), "it is final all the same");
    }
    assert!(peers.is_away(&question().question) && peers.is_any_away());
    let elsewhere =
        Question { path: "/jangteo.sample.v1.Peer/Other".into(), ..question().question };
    assert!(!peers.is_away(&elsewhere));
    assert_eq!(peers.ask(question()).await, Answer::NotSent);
    assert_eq!(peer.calls(), 3);
}

#[tokio::test]
async fn callers_in_a_hurry_open_no_breaker() {
    let peer = Peer::start(|_| Say::Silence).await;
    let peers = peers(peer.addr, LASTING);
    let within = Duration::from_millis(20);
    for _ in 0..5 {
        assert_eq!(peers.ask(Sent { within, ..question() }).await, Answer::Nothing);
    }
    for _ in 0..3 {
        let sent = Sent { within, limit: within, ..question() };
        assert_eq!(peers.ask(sent).await, Answer::Nothing, "it had all its time");
    }
    assert_eq!(peers.ask(question()).now_or_never(), Some(Answer::NotSent));
}

#[tokio::test]
async fn a_peer_that_is_away_opens_the_breaker() {
    let (_socket, addr) = nobody();
    let peers = peers(addr, LASTING);
    for _ in 0..3 {
        assert_eq!(peers.ask(question()).now_or_never(), None, "it was tried");
        assert_eq!(peers.ask(question()).await, Answer::NotSent);
    }
    assert_eq!(peers.ask(question()).now_or_never(), Some(Answer::NotSent));
}

#[tokio::test]
async fn a_breaker_closes_when_the_peer_is_back() {
    let peer = Peer::start(|before| if before < 4 { trouble() } else { Say::Yes }).await;
    let peers = peers(peer.addr, QUICK);
    for _ in 0..4 {
        assert_eq!(peers.ask(question()).await, Answer::Nothing);
    }
    let both = futures::future::join(peers.ask(question()), peers.ask(question())).await;
    assert!(is_yes(&both.0), "the probe");
    assert_eq!(both.1, Answer::NotSent, "one at a time");
    let both = futures::future::join(peers.ask(question()), peers.ask(question())).await;
    assert!(is_yes(&both.0) && is_yes(&both.1));
}

#[tokio::test]
async fn a_probe_that_nobody_waits_for_lets_the_next_one_go() {
    let script = |before| if before < 3 { trouble() } else { Say::Silence };
    let peer = Peer::start(script).await;
    let peers = peers(peer.addr, QUICK);
    for _ in 0..3 {
        assert_eq!(peers.ask(question()).await, Answer::Nothing);
    }
    for calls in [4, 5] {
        let probe = peers.ask(question());
        let heard = until(SOON, || ready((peer.calls() == calls).then_some(())));
        tokio::select! {
            _ = probe => panic!("nobody answers it"),
            () = heard => {}
        }
    }
}

#[tokio::test]
async fn who_has_no_address_is_here() {
    let (here, elsewhere) = (Peer::start(|_| Say::Yes).await, Peer::start(|_| Say::Yes).await);
    let (_dir, _, identity) = keys();
    let addresses = BTreeMap::from([("post".to_owned(), format!("http://{}", elsewhere.addr))]);
    let peers = Peers::new(identity, &format!("http://{}", here.addr), &addresses).unwrap();
    for context in ["post", "offer", "deal"] {
        let ask = ListHeadsRequest { context: context.to_owned(), ..Default::default() };
        let heads: ListHeadsResponse =
            peers.read("view", context, HEADS, &ask, SOON).await.unwrap();
        assert_eq!(heads.next_page_token, context);
    }
    assert_eq!((here.calls(), elsewhere.calls()), (2, 1));
}

#[tokio::test]
async fn reads_are_repeated_too() {
    let peer = Peer::start(|before| if before < 2 { trouble() } else { Say::Yes }).await;
    let peers = peers(peer.addr, NEVER);
    let ask = ListHeadsRequest { context: "post".to_owned(), ..Default::default() };
    let heads = peers.read::<_, ListHeadsResponse>("view", "journal", HEADS, &ask, SOON).await;
    assert!(heads.is_ok(), "{heads:?}");
    assert_eq!(peer.calls(), 3);
}

#[test]
fn a_malformed_address_is_named_by_its_variable() {
    let (_dir, _, identity) = keys();
    let addresses = BTreeMap::from([("post".to_owned(), "not a url".to_owned())]);
    let error = Peers::new(identity, "http://127.0.0.1:1", &addresses).err().unwrap();
    assert!(error.to_string().contains("JANGTEO_PEER_POST"), "{error}");
}
