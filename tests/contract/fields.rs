//! Each field of each request with each value that its rules forbid, and with the outermost ones
//! that they allow.

use prost_reflect::{DynamicMessage, EnumDescriptor, Kind, Value, prost::Message as _};
use serde_json::Value as Json;

use super::{
    agreed::{Field, Rpc},
    faults::{Fault, faults},
    requests::{NOTHING, least, number, with},
    tokens::Issuers,
    told::{invalid, refused},
    wire,
    world::{Case, Expected, World},
};

fn case(rpc: &Rpc, what: String, request: &DynamicMessage, expected: Expected) -> Case {
    Case::new(rpc, what, request.encode_to_vec().into(), expected)
}

fn broken_rules(rpc: &Rpc) -> Vec<Case> {
    let mut cases = Vec::new();
    for field in &rpc.fields {
        for Fault { what, value, at, reason } in faults(rpc, field) {
            let expected = Expected::Told(invalid(vec![(at, reason.to_owned())]));
            cases.push(case(
                rpc,
                format!("{}: {what}", field.path),
                &with(rpc, field, value),
                expected,
            ));
        }
    }
    cases.extend(all_at_once(rpc));
    cases
}

/// All fields wrong in one request: every one of them is told.
fn all_at_once(rpc: &Rpc) -> Option<Case> {
    let mut request = least(rpc);
    let mut told = Vec::new();
    for field in rpc.fields.iter().filter(|field| !field.path.contains('.')) {
        if let Some(Fault { value: Some(value), at, reason, .. }) =
            faults(rpc, field).into_iter().next()
        {
            request.set_field(&field.descriptor, value);
            told.push((at, reason.to_owned()));
        }
    }
    let what = format!("{} wrong fields", told.len());
    (!told.is_empty()).then(|| case(rpc, what, &request, Expected::Told(invalid(told))))
}

fn broken_bytes(rpc: &Rpc) -> Vec<Case> {
    let malformed = Expected::Told(refused(tonic::Code::InvalidArgument, "REQUEST_MALFORMED"));
    let broken = wire::broken(rpc, &least(rpc).encode_to_vec()).into_iter();
    broken.map(|(what, body)| Case::new(rpc, what, body, malformed.clone())).collect()
}

/// The outermost that the rules allow.
fn allowed(rpc: &Rpc) -> Vec<Case> {
    let reached = |what, request: &DynamicMessage| case(rpc, what, request, Expected::Reached);
    let mut cases = vec![reached("the least".to_owned(), &least(rpc))];
    let future = wire::from_the_future(&least(rpc).encode_to_vec());
    cases.push(Case::new(rpc, "a field of a later contract".to_owned(), future, Expected::Reached));
    for header in ["jangteo-token", "traceparent", "tracestate", "x-anything"] {
        let what = format!("nonsense in {header}");
        cases.push(reached(what, &least(rpc)).header(header, "nonsense".to_owned()));
    }
    for field in rpc.fields.iter().filter(|field| !field.descriptor.is_list()) {
        for value in outermost(field) {
            let what = format!("{} = {:.40}", field.path, value.to_string());
            cases.push(reached(what, &with(rpc, field, Some(value))));
        }
    }
    cases
}

fn outermost(field: &Field) -> Vec<Value> {
    let rules = &field.rules;
    match field.descriptor.kind() {
        Kind::String => texts(&rules["string"]),
        Kind::Int32 => numbers(&rules["int32"])
            .filter_map(|number| Some(Value::I32(number.try_into().ok()?)))
            .collect(),
        Kind::Int64 => numbers(&rules["int64"]).map(Value::I64).collect(),
        Kind::Enum(of) => defined(&of, &rules["enum"]),
        _ => Vec::new(),
    }
}

fn texts(rules: &Json) -> Vec<Value> {
    if rules["uuid"] == true {
        return [NOTHING.to_owned(), NOTHING.to_uppercase()].map(Value::String).into();
    }
    let lengths = [&rules["minLen"], &rules["maxLen"]].into_iter().filter_map(number);
    let lengths = lengths.filter_map(|length| usize::try_from(length).ok());
    lengths.flat_map(|length| ["가", "🚲"].map(|of| Value::String(of.repeat(length)))).collect()
}

fn numbers(rules: &Json) -> impl Iterator<Item = i64> {
    [&rules["gte"], &rules["lte"]].into_iter().filter_map(number)
}

fn defined(of: &EnumDescriptor, rules: &Json) -> Vec<Value> {
    let refused = rules["notIn"].as_array().cloned().unwrap_or_default();
    let numbers = of.values().map(|value| value.number());
    let allowed = numbers.filter(|number| !refused.contains(&Json::from(*number)));
    allowed.map(Value::EnumNumber).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_keeps_to_its_rules() {
    let world = World::start().await;
    let issuers = Issuers::open(&world).await;
    let signed = |rpc: &Rpc, cases: Vec<Case>| -> Vec<Case> {
        let token = issuers.good(rpc).token();
        cases.into_iter().map(|case| case.token(&token)).collect()
    };
    let wrong = |rpc| signed(rpc, broken_rules(rpc).into_iter().chain(broken_bytes(rpc)).collect());
    let wrong: Vec<_> = world.rpcs.iter().flat_map(wrong).collect();
    assert!(wrong.len() > 1000, "{} cases are too few", wrong.len());
    let before = world.rows().await;
    world.all(wrong).await;
    assert_eq!(world.rows().await, before, "nothing is written");

    let good = world.rpcs.iter().flat_map(|rpc| signed(rpc, allowed(rpc))).collect();
    world.all(good).await;
    assert_ne!(world.rows().await, before, "what is allowed may write");
    world.is_unharmed().await;
}
