//! Every HTTP binding through every door: the context's own, the gateway's for gRPC, for gRPC-Web
//! and for JSON. All give the same answer to the same request, errors and their details as well.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jangteo::errors;
use jangteo_testing::grpc;
use prost_reflect::{DynamicMessage, Value as Field, prost::Message as _};
use reqwest::Method;
use serde_json::{Map, Value};
use tonic::{Code, Status, transport::Channel};

use super::{
    agreed::Rpc,
    requests::least,
    tokens::Issuers,
    world::{Sale, World},
};
use crate::{
    gateway::web::{self, Web},
    seller::request_id,
};

/// What a door says: the reply, or the code, reason and details of an error.
type Told = Result<Value, (i32, String, Value)>;

/// A request to be sent through all doors.
struct Asked<'a> {
    rpc: &'a Rpc,
    what: &'static str,
    message: DynamicMessage,
    token: Option<String>,
}

impl Asked<'_> {
    async fn grpc(&self, door: Channel) -> Told {
        let sent = self.message.encode_to_vec();
        let answer =
            grpc::call(door, &self.rpc.path, bytes::Bytes::from(sent), self.token.as_deref(), &[]);
        answer.await.map(|(reply, _)| grpc::json(&reply)).map_err(|status| of_status(&status))
    }

    async fn grpc_web(&self, web: &Web, as_text: bool) -> Told {
        let sent = web::framed(&self.message.encode_to_vec());
        let (kind, sent) = if as_text {
            ("application/grpc-web-text", BASE64_STANDARD.encode(sent).into_bytes())
        } else {
            ("application/grpc-web+proto", sent)
        };
        let request = web.ask(Method::POST, &self.rpc.path).body(sent);
        let request = request.header("content-type", kind).header("accept", kind);
        let (message, status) = web::unframed(request.send().await.unwrap()).await;
        if status.code() != Code::Ok {
            return Err(of_status(&status));
        }
        let of = grpc::method(&self.rpc.path).output();
        let reply = DynamicMessage::decode(of, &*message.expect("a reply comes with an OK"));
        Ok(grpc::json(&reply.expect("the reply fits the contract")))
    }

    async fn json(&self, web: &Web) -> Told {
        let (method, path, body) = bound(self.rpc, grpc::json(&self.message));
        let mut request = web.ask(method, &path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = web::answer(request).await;
        if answer.code == 200 {
            return Ok(answer.body);
        }
        let code = answer.body["code"].as_i64().expect("an error has a code");
        let reason = answer.reason().to_owned();
        Err((i32::try_from(code).unwrap(), reason, answer.body["details"].clone()))
    }
}

/// The request as its binding has it: the path filled in, the rest in the body or the query.
fn bound(rpc: &Rpc, json: Value) -> (Method, String, Option<Value>) {
    let rule = &rpc.http;
    let Value::Object(mut rest) = json else { panic!("a request is an object") };
    let mut verbs = ["get", "post", "patch", "put", "delete"].into_iter();
    let (verb, path) = verbs.find_map(|it| Some((it, rule[it].as_str()?))).unwrap();
    let filled = fill(rpc, path, &mut rest);
    let method = verb.to_uppercase().parse().unwrap();
    if rule["body"] == "*" {
        return (method, filled, Some(Value::Object(rest)));
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let query = rest.iter().map(|(name, value)| (name, text(value)));
    let url = reqwest::Url::parse_with_params("http://x/", query).unwrap();
    (method, format!("{filled}?{}", url.query().unwrap_or_default()), None)
}

fn fill(rpc: &Rpc, path: &str, rest: &mut Map<String, Value>) -> String {
    let mut filled = path.to_owned();
    while let Some((before, after)) = filled.split_once('{') {
        let (name, after) = after.split_once('}').unwrap();
        let field = rpc.request.get_field_by_name(name).unwrap();
        let value = rest.remove(field.json_name()).unwrap_or_default();
        filled = format!("{before}{}{after}", value.as_str().unwrap_or_default());
    }
    filled
}

/// As all doors have to tell it.
fn of_status(status: &Status) -> (i32, String, Value) {
    let details = web::details(status);
    (status.code().into(), errors::reason(status).unwrap_or_default(), details)
}

/// The least request, about nothing that is there.
fn about_nothing(rpc: &Rpc) -> DynamicMessage {
    let mut message = least(rpc);
    if let Some(field) = rpc.request.get_field_by_name("request_id") {
        // Whichever door comes first does it; the others are told the same.
        message.set_field(&field, Field::String(request_id().to_string()));
    }
    message
}

/// The least request about what is there.
fn about(rpc: &Rpc, sale: &Sale) -> DynamicMessage {
    let mut message = about_nothing(rpc);
    for field in [
        "id",
        "post_id",
        "offer_id",
        "deal_id",
        "correlation_id",
        "item_id",
        "rental_id",
        "channel_id",
        "order_id",
        "store_id",
    ] {
        if let Some(descriptor) = rpc.request.get_field_by_name(field) {
            let id = sale.named_by(&rpc.path, field).to_owned();
            message.set_field(&descriptor, Field::String(id));
        }
    }
    message
}

/// Fields of which every request that can break a rule has one.
const TEXTS: [&str; 15] = [
    "id",
    "post_id",
    "offer_id",
    "deal_id",
    "correlation_id",
    "item_id",
    "rental_id",
    "channel_id",
    "order_id",
    "product_id",
    "store_id",
    "address",
    "page_token",
    "goods",
    "name",
];

/// What breaks a rule in some field.
fn broken(rpc: &Rpc) -> DynamicMessage {
    let mut message = least(rpc);
    for name in TEXTS {
        if let Some(field) = rpc.request.get_field_by_name(name) {
            message.set_field(&field, Field::String("가".repeat(201)));
        }
    }
    message
}

fn asked<'a>(rpc: &'a Rpc, issuers: &Issuers, sale: &Sale) -> Vec<Asked<'a>> {
    let token = Some(issuers.good(rpc).token());
    let by = |what, message, token| Asked { rpc, what, message, token };
    vec![
        by("about nothing", about_nothing(rpc), token.clone()),
        by("about what is there", about(rpc, sale), token.clone()),
        by("against a rule", broken(rpc), token),
        by("by a stranger", about(rpc, sale), Some("a.b.c".to_owned())),
        by("by nobody", about(rpc, sale), None),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_binding_gives_the_same_answer_at_every_door() {
    let world = World::start().await;
    let (issuers, sale) = (Issuers::open(&world).await, world.sells().await);
    let node = &world.mesh.node;
    let rpcs: Vec<&Rpc> =
        world.rpcs.iter().filter(|rpc| !rpc.http.is_null() && !rpc.streaming).collect();
    assert!(rpcs.len() > 20, "{} bindings are too few", rpcs.len());
    let mut succeeded = 0;
    for asked in rpcs.iter().flat_map(|rpc| asked(rpc, &issuers, &sale)) {
        let web = match &asked.token {
            Some(token) => Web::of(node, token),
            None => Web::stranger(node),
        };
        let own = asked.grpc(node.channel()).await;
        succeeded += usize::from(own.is_ok());
        for (door, told) in [
            ("the gateway's gRPC", asked.grpc(node.http_channel()).await),
            ("gRPC-Web", asked.grpc_web(&web, false).await),
            ("gRPC-Web as text", asked.grpc_web(&web, true).await),
            ("JSON", asked.json(&web).await),
        ] {
            assert_eq!(told, own, "{} {} through {door}", asked.rpc.path, asked.what);
        }
    }
    assert!(succeeded > rpcs.len(), "only {succeeded} went well");
}
