//! Requests that break no rule, with as little in them as the rules allow; and the same with one
//! field replaced.

use prost_reflect::{DynamicMessage, EnumDescriptor, Kind, MessageDescriptor, Value};
use serde_json::Value as Json;

use super::agreed::{Field, Rpc};

/// The id of nothing that is there.
pub(super) const NOTHING: &str = "0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3f";

/// The least request of an RPC.
pub(super) fn least(rpc: &Rpc) -> DynamicMessage {
    message(rpc, &rpc.request, "")
}

/// The least request, with this field set to a value, or left out.
pub(super) fn with(rpc: &Rpc, field: &Field, value: Option<Value>) -> DynamicMessage {
    let mut request = least(rpc);
    put(rpc, &mut request, ("", &field.path), value);
    request
}

/// A number of a rule; 64-bit ones are text in JSON.
pub(super) fn number(rule: &Json) -> Option<i64> {
    rule.as_i64().or_else(|| rule.as_str()?.parse().ok())
}

impl Field {
    /// Whether the rules leave the zero value alone.
    pub(super) fn ignores_zero(&self) -> bool {
        self.rules["ignore"] == "IGNORE_IF_ZERO_VALUE"
    }

    /// The rules of its value; of a repeated field, those of each entry.
    pub(super) fn value_rules(&self) -> &Json {
        if self.descriptor.is_list() { &self.rules["repeated"]["items"] } else { &self.rules }
    }

    /// Whether the least request has it.
    fn is_needed(&self) -> bool {
        let optional = self.descriptor.is_list() || self.descriptor.supports_presence();
        self.rules["required"] == true || !optional && !self.ignores_zero()
    }
}

/// The shortest, smallest value that a field, or an entry of it, may hold.
pub(super) fn valid(rpc: &Rpc, field: &Field) -> Value {
    let rules = field.value_rules();
    match field.descriptor.kind() {
        Kind::String => Value::String(text(&rules["string"])),
        Kind::Bytes => Value::Bytes(Vec::new().into()),
        Kind::Bool => Value::Bool(false),
        Kind::Int32 => Value::I32(whole(&rules["int32"]).try_into().expect("it is an int32")),
        Kind::Int64 => Value::I64(whole(&rules["int64"])),
        Kind::Enum(of) => Value::EnumNumber(first(&of, &rules["enum"])),
        Kind::Message(inner) => Value::Message(message(rpc, &inner, &format!("{}.", field.path))),
        other => panic!("{}: the table does not know {other:?} yet", field.path),
    }
}

fn text(rules: &Json) -> String {
    if rules["uuid"] == true {
        return NOTHING.to_owned();
    }
    let least = number(&rules["minLen"]).unwrap_or(0);
    "가".repeat(least.try_into().expect("a length"))
}

fn whole(rules: &Json) -> i64 {
    let least = number(&rules["gte"]).unwrap_or(i64::MIN);
    let most = number(&rules["lte"]).unwrap_or(i64::MAX);
    0.clamp(least, most)
}

fn first(of: &EnumDescriptor, rules: &Json) -> i32 {
    let refused = rules["notIn"].as_array().cloned().unwrap_or_default();
    let allowed = |number: &i32| !refused.contains(&Json::from(*number));
    of.values().map(|value| value.number()).find(allowed).expect("some value is allowed")
}

fn message(rpc: &Rpc, of: &MessageDescriptor, prefix: &str) -> DynamicMessage {
    let mut message = DynamicMessage::new(of.clone());
    let direct =
        |field: &&Field| field.path.strip_prefix(prefix).is_some_and(|rest| !rest.contains('.'));
    for field in rpc.fields.iter().filter(direct).filter(|field| field.is_needed()) {
        message.set_field(&field.descriptor, valid(rpc, field));
    }
    message
}

/// Sets a field below `at.0`, with the least of whatever holds it.
fn put(rpc: &Rpc, message: &mut DynamicMessage, at: (&str, &str), value: Option<Value>) {
    let (prefix, path) = at;
    let (head, tail) = path.split_once('.').map_or((path, None), |(head, tail)| (head, Some(tail)));
    let field = self::message_field(message, head);
    let value = match (tail, field.kind()) {
        (Some(tail), Kind::Message(inner)) => {
            let prefix = format!("{prefix}{head}.");
            let mut inside = self::message(rpc, &inner, &prefix);
            put(rpc, &mut inside, (&prefix, tail), value);
            let inside = Value::Message(inside);
            Some(if field.is_list() { Value::List(vec![inside]) } else { inside })
        }
        _ => value,
    };
    match value {
        Some(value) => message.set_field(&field, value),
        None => message.clear_field(&field),
    }
}

fn message_field(message: &DynamicMessage, head: &str) -> prost_reflect::FieldDescriptor {
    use prost_reflect::ReflectMessage as _;
    let field = message.descriptor().get_field_by_name(head.trim_end_matches("[]"));
    field.expect("paths are agreed on")
}
