//! Requests that nobody would send, by the ten thousand: each is answered, and none does harm. The
//! commit chooses them; `JANGTEO_TEST_SEED` repeats those of another run, which has printed it.

mod json;
mod request;

use std::{collections::BTreeMap, env, iter};

use futures::future::join_all;
use jangteo_testing::http1::{Answer, Line};
use serde_json::{Value, json};
use tokio::time::timeout;
use tonic::Code;

use self::request::{Maker, Request};
use super::{
    agreed::Rpc,
    told::is_upper_snake,
    world::{SOON, Sale, World},
};
use crate::{
    crash::dice::{self, Dice},
    pace::is_full,
};

/// Connections at once.
const LINES: usize = 8;

/// A request line and headers may have so many bytes, as the gateway takes them.
const HEAD: usize = 16 * 1024;

/// Requests in all.
fn many() -> usize {
    if is_full() { 100_000 } else { 4_000 }
}

/// What is wrong with an answer.
fn wrong(request: &Request, answer: &Answer) -> Option<&'static str> {
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    match (answer.code, json) {
        (500, _) => Some("it is a fault of ours"),
        (200..300 | 304, json) => {
            (json.is_none() && !answer.body.is_empty()).then_some("it went well, and is no JSON")
        }
        // What is not even HTTP never comes as far as to be told why.
        (400 | 414 | 431, _) if !request.is_http && answer.body.is_empty() => None,
        (414 | 431, _) if request.bytes.len() > HEAD && answer.body.is_empty() => None,
        (_, None) if request.is_head => None,
        (_, None) => Some("it is refused, and not told why"),
        (_, Some(status)) => untold(&status),
    }
}

/// What a `google.rpc.Status` should say and does not.
fn untold(status: &Value) -> Option<&'static str> {
    let code = status["code"].as_i64().and_then(|code| i32::try_from(code).ok()).map(Code::from);
    let info = status["details"].as_array().into_iter().flatten();
    let mut info = info.filter(|it| it["@type"] == "type.googleapis.com/google.rpc.ErrorInfo");
    let info = info.next().unwrap_or(&Value::Null);
    let ours = [Code::Ok, Code::Unknown, Code::Internal, Code::DataLoss];
    let checks = [
        (code.is_some_and(|code| !ours.contains(&code)), "its code is none, or a fault of ours"),
        (status["message"].as_str().is_some_and(|it| !it.is_empty()), "nothing for people"),
        (info["domain"] == "jangteo.dev", "no ErrorInfo of ours"),
        (info["reason"].as_str().is_some_and(is_upper_snake), "no reason"),
    ];
    checks.into_iter().find(|(holds, _)| !holds).map(|(_, what)| what)
}

/// What came of many requests: how often each code was answered, and what was wrong.
#[derive(Debug, Default)]
struct Outcome {
    codes: BTreeMap<u16, usize>,
    problems: Vec<String>,
}

impl Outcome {
    fn note(&mut self, request: &Request, answer: Result<Answer, String>) {
        let what = match &answer {
            Ok(answer) => {
                *self.codes.entry(answer.code).or_default() += 1;
                wrong(request, answer)
            }
            Err(_) => Some("no answer"),
        };
        if let Some(what) = what {
            let answer = answer.map(|it| (it.code, String::from_utf8_lossy(&it.body).into_owned()));
            let bytes = &request.bytes[..request.bytes.len().min(1_000)];
            self.problems.push(format!("{what}: {answer:.500?} to {}", bytes.escape_ascii()));
        }
    }

    fn with(mut self, other: Self) -> Self {
        for (code, many) in other.codes {
            *self.codes.entry(code).or_default() += many;
        }
        self.problems.extend(other.problems);
        self
    }
}

/// Sends requests one after the other.
async fn sent(address: &str, requests: impl Iterator<Item = Request>) -> Outcome {
    let (mut line, mut outcome) = (Line::to(address), Outcome::default());
    for request in requests {
        let answer = match timeout(SOON, line.ask(&request.bytes, request.is_head)).await {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err("it takes too long".to_owned()),
        };
        outcome.note(&request, answer);
    }
    outcome
}

fn maker<'a>(world: &World, rpcs: &'a [&'a Rpc], sale: &Sale, dice: Dice) -> Maker<'a> {
    let of = |context: &str| sale.named_by(&format!("/jangteo.{context}."), "id").to_owned();
    let keys = &world.mesh.keys;
    Maker {
        rpcs,
        ids: ["post", "offer", "deal", "order", "store", "item", "rental", "notification"].map(of),
        tokens: [keys.user("seller01"), keys.user("buyer01"), keys.operator()],
        dice,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_is_answered_and_does_no_harm() {
    let given = env::var("JANGTEO_TEST_SEED").ok();
    let seed = given.map_or_else(dice::commit, |seed| seed.parse().expect("a seed is a number"));
    println!("JANGTEO_TEST_SEED={seed}");
    let world = World::start().await;
    let sale = world.sells().await;
    let rpcs: Vec<&Rpc> =
        world.rpcs.iter().filter(|rpc| !rpc.http.is_null() && !rpc.streaming).collect();
    let url = world.mesh.node.http_url();
    let address = url.trim_start_matches("http://");
    let mut dice = Dice::new(seed);
    let all = iter::repeat_with(|| maker(&world, &rpcs, &sale, Dice::new(dice.next())));
    let all = all.take(LINES).map(|maker| sent(address, maker.take(many() / LINES)));
    let outcomes = join_all(all.collect::<Vec<_>>()).await;
    let Outcome { codes, problems } = outcomes.into_iter().fold(Outcome::default(), Outcome::with);
    println!("{codes:?}");
    let first = problems.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(problems.is_empty(), "{} of {}, seed {seed}:\n{first}", problems.len(), many());
    // They get far enough to be nonsense of every kind.
    for code in [200, 400, 401, 404, 405, 415] {
        assert!(codes.get(&code).is_some_and(|it| *it > many() / 400), "{code}: {codes:?}");
    }
    world.is_unharmed().await;
}

/// The judge is awake.
#[test]
fn an_answer_that_tells_nothing_is_noticed() {
    let request = Request { bytes: vec![], is_head: false, is_http: true };
    let judged = |code, body: &Value| {
        let body = body.to_string().into_bytes();
        wrong(&request, &Answer { code, headers: vec![], body })
    };
    let info = json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "domain": "jangteo.dev",
        "reason": "FIELD_INVALID",
    });
    let good = json!({"code": 3, "message": "no", "details": [info]});
    assert_eq!(judged(400, &good), None);
    assert!(judged(500, &good).is_some());
    for (field, value) in [
        ("code", json!(13)),
        ("code", json!(2)),
        ("code", json!("3")),
        ("message", json!("")),
        ("details", json!([])),
    ] {
        let mut flawed = good.clone();
        flawed[field] = value;
        assert!(judged(400, &flawed).is_some(), "{flawed}");
    }
    let empty = Answer { code: 400, ..Answer::default() };
    assert!(wrong(&request, &empty).is_some());
    assert_eq!(wrong(&Request { is_http: false, ..request }, &empty), None);
}
