//! Each RPC with each kind of caller: who may not call is refused for the right reason, and nothing
//! happens.

use std::collections::BTreeMap;

use prost_reflect::{Value as Field, prost::Message as _};
use serde_json::json;
use tonic::Code;

use super::{
    agreed::Rpc,
    requests::{least, with},
    tokens::{Issuers, unbelievable},
    told::refused,
    world::{Case, Expected, SELLER, Sale, World},
};

/// What is wrong with a caller, his token, and the reason to be told.
type Unwelcome = (&'static str, String, &'static str);

/// Good tokens of the wrong callers.
fn unwelcome(rpc: &Rpc, issuers: &Issuers) -> Vec<Unwelcome> {
    match rpc.level() {
        "LEVEL_PUBLIC" => vec![],
        "LEVEL_USER" => no_users(rpc, issuers),
        "LEVEL_SERVICE" => no_services(rpc, issuers),
        "LEVEL_OPERATOR" => no_operators(rpc, issuers),
        level => panic!("{}: the table does not know {level} yet", rpc.path),
    }
}

fn no_users(rpc: &Rpc, issuers: &Issuers) -> Vec<Unwelcome> {
    let mut refused = vec![
        ("a service", issuers.service("deal").token(), "USER_ONLY"),
        ("a service with roles", disguised(rpc, issuers), "USER_ONLY"),
    ];
    if !rpc.named("roles").is_empty() {
        for roles in [&["operator"][..], &[]] {
            refused.push(("without the role", issuers.user(SELLER, roles).token(), "ROLE_MISSING"));
        }
    }
    refused
}

fn no_services(rpc: &Rpc, issuers: &Issuers) -> Vec<Unwelcome> {
    let mut refused = vec![
        ("a person", issuers.user(SELLER, &["courier"]).token(), "SERVICE_ONLY"),
        (
            "a person called deal",
            issuers.user("deal", &["deal", "service"]).token(),
            "SERVICE_ONLY",
        ),
    ];
    if rpc.access["operators"] != true {
        refused.push(("an operator", issuers.user("o", &["operator"]).token(), "SERVICE_ONLY"));
    }
    if !rpc.named("callers").is_empty() {
        let other = issuers.service("nobody").token();
        refused.push(("another service", other, "CALLER_NOT_ALLOWED"));
    }
    refused
}

fn no_operators(rpc: &Rpc, issuers: &Issuers) -> Vec<Unwelcome> {
    vec![
        ("a person", issuers.user(SELLER, &[]).token(), "OPERATOR_ONLY"),
        ("a similar role", issuers.user("operator", &["Operator"]).token(), "OPERATOR_ONLY"),
        ("a service", issuers.service("view").token(), "OPERATOR_ONLY"),
        ("a service with roles", disguised(rpc, issuers), "OPERATOR_ONLY"),
    ]
}

/// A service that claims every role that there is.
fn disguised(rpc: &Rpc, issuers: &Issuers) -> String {
    let roles = [rpc.named("roles"), vec!["operator", "courier"]].concat();
    issuers.service("deal").claiming(&[("roles", json!(roles))])
}

fn case(rpc: &Rpc, what: &str, code: Code, reason: &str) -> Case {
    let expected = Expected::Told(refused(code, reason));
    Case::new(rpc, what.to_owned(), least(rpc).encode_to_vec().into(), expected)
}

/// Headers that carry no token, or more than one.
fn headers(rpc: &Rpc, token: &str) -> Vec<Case> {
    let (header, bearer) = ("authorization", format!("Bearer {token}"));
    let refused = |what| case(rpc, what, Code::Unauthenticated, "TOKEN_INVALID");
    vec![
        refused("an empty header").header(header, String::new()),
        refused("an empty token").header(header, "Bearer ".to_owned()),
        refused("no scheme").header(header, token.to_owned()),
        refused("another scheme").header(header, format!("Basic {token}")),
        refused("two tokens").header(header, bearer.clone()).header(header, bearer.clone()),
        refused("a good and a bad one")
            .header(header, bearer.clone())
            .header(header, "x".to_owned()),
        refused("two in one").header(header, format!("{bearer}, {bearer}")),
    ]
}

fn refusals(rpc: &Rpc, issuers: &Issuers) -> Vec<Case> {
    let good = issuers.good(rpc);
    let mut cases = headers(rpc, &good.token());
    for (what, token, reason) in unbelievable(&good) {
        cases.push(case(rpc, what, Code::Unauthenticated, reason).token(&token));
    }
    for (what, token, reason) in unwelcome(rpc, issuers) {
        cases.push(case(rpc, what, Code::PermissionDenied, reason).token(&token));
    }
    if rpc.level() != "LEVEL_PUBLIC" {
        cases.push(case(rpc, "no token", Code::Unauthenticated, "TOKEN_MISSING"));
    }
    cases
}

/// Where everybody may name somebody else's post, item, product or store.
const OPEN: [(&str, &str); 8] = [
    ("CreateOffer", "post_id"),
    ("ListOffers", "post_id"),
    ("ReserveRental", "item_id"),
    ("ReserveDeal", "product_id"),
    ("PlaceOrder", "lines[].product_id"),
    ("RegisterProduct", "store_id"),
    ("ListTickets", "store_id"),
    ("ListOrderBoardRows", "store_id"),
];

/// Somebody else's post, offer, deal or order, in each field by which a person could name it: as if it
/// were not there. Who needs a role for it is refused before anybody looks.
fn strangers(world: &World, issuers: &Issuers, sale: &Sale) -> Vec<Case> {
    let names = |path: &str| path == "id" || path.ends_with("_id") && path != "request_id";
    let stranger = issuers.user("stranger01", &[]).token();
    let mut cases = Vec::new();
    let is_open = |rpc: &Rpc, path: &str| {
        OPEN.iter().any(|(method, open)| rpc.path.ends_with(method) && *open == path)
    };
    let everybody = |rpc: &&Rpc| rpc.level() == "LEVEL_USER" && rpc.named("roles").is_empty();
    for rpc in world.rpcs.iter().filter(everybody) {
        let fields = rpc.fields.iter().filter(|field| names(&field.path));
        for field in fields.filter(|field| !is_open(rpc, &field.path)) {
            let id = sale.named_by(&rpc.path, &field.path).to_owned();
            let request = with(rpc, field, Some(Field::String(id)));
            let what = format!("{} of somebody else", field.path);
            let body = request.encode_to_vec().into();
            cases.push(Case::new(rpc, what, body, Expected::Absent).token(&stranger));
        }
    }
    assert!(cases.len() >= 15, "they can be named in more ways than that");
    cases
}

/// How many events each context has told. What a stranger began and was refused leaves a row behind.
fn events(rows: &BTreeMap<String, i64>) -> BTreeMap<&String, i64> {
    let journals = rows.iter().filter(|(table, _)| table.ends_with(".journal"));
    journals.map(|(table, count)| (table, *count)).collect()
}

/// Whoever may call gets through.
fn welcome(rpc: &Rpc, issuers: &Issuers) -> Vec<Case> {
    let reached = |what: &str| {
        let body = least(rpc).encode_to_vec().into();
        Case::new(rpc, what.to_owned(), body, Expected::Reached)
    };
    let mut cases = vec![reached("the right caller").token(&issuers.good(rpc).token())];
    if rpc.level() == "LEVEL_PUBLIC" {
        cases.push(reached("nobody"));
        cases.push(reached("a service").token(&issuers.service("deal").token()));
    }
    if rpc.access["operators"] == true {
        cases.push(reached("an operator").token(&issuers.user("o", &["operator"]).token()));
    }
    for caller in rpc.named("callers") {
        cases.push(reached(caller).token(&issuers.service(caller).token()));
    }
    for role in rpc.named("roles") {
        cases.push(reached(role).token(&issuers.user("o", &[role]).token()));
    }
    cases
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rpc_lets_in_whom_its_contract_names_and_nobody_else() {
    let world = World::start().await;
    let issuers = Issuers::open(&world).await;
    let refused: Vec<_> = world.rpcs.iter().flat_map(|rpc| refusals(rpc, &issuers)).collect();
    assert!(refused.len() > 500, "{} cases are too few", refused.len());
    let before = world.rows().await;
    world.all(refused).await;
    assert_eq!(world.rows().await, before, "nothing is written");
    let sale = world.sells().await;
    let before = world.rows().await;
    world.all(strangers(&world, &issuers, &sale)).await;
    assert_eq!(events(&world.rows().await), events(&before), "nobody hears of a stranger");

    let welcome = world.rpcs.iter().flat_map(|rpc| welcome(rpc, &issuers)).collect();
    world.all(welcome).await;
    assert_ne!(world.rows().await, before, "who is let in may write");
    world.is_unharmed().await;
}
