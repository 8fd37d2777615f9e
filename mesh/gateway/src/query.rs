//! Text from a path, a query or a header as a field of a request in the making.

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value};

use crate::refusal::Refused;

/// Sets what a dotted name stands for: appended to a list, else put in place of what was there.
pub(crate) fn set(
    tree: &mut Map<String, Value>,
    of: &MessageDescriptor,
    name: &str,
    text: &str,
) -> Result<(), Refused> {
    fill(tree, of, name, text).ok_or_else(|| {
        let said = format!("{} has no such field that can be given here", of.full_name());
        Refused::field(name, "UNKNOWN_FIELD", &said)
    })
}

/// Refuses what the contract has no field for, and a field that stands there under both its names.
pub(crate) fn check(
    of: &MessageDescriptor,
    tree: &Map<String, Value>,
    at: &str,
) -> Result<(), Refused> {
    for (name, value) in tree {
        let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        let Some(field) = named(of, name) else {
            let said = format!("{} has no such field", of.full_name());
            return Err(Refused::field(&path, "UNKNOWN_FIELD", &said));
        };
        if name != field.name() && tree.contains_key(field.name()) {
            return Err(Refused::field(&path, "GIVEN_TWICE", "it is there under both its names"));
        }
        let kind = field.kind();
        // Well-known types have a JSON of their own.
        let inner = kind.as_message().filter(|it| !it.full_name().starts_with("google.protobuf."));
        let Some(inner) = inner.filter(|_| !field.is_map()) else { continue };
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values.iter().filter_map(Value::as_object) {
            check(inner, value, &path)?;
        }
    }
    Ok(())
}

fn named(of: &MessageDescriptor, name: &str) -> Option<FieldDescriptor> {
    of.get_field_by_name(name).or_else(|| of.get_field_by_json_name(name))
}

/// Takes a field out under each of its names, and answers what it was.
pub(crate) fn take(tree: &mut Map<String, Value>, field: &FieldDescriptor) -> Option<Value> {
    let named = tree.remove(field.name());
    tree.remove(field.json_name()).or(named)
}

fn fill(
    tree: &mut Map<String, Value>,
    of: &MessageDescriptor,
    name: &str,
    text: &str,
) -> Option<()> {
    let (first, rest) =
        name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
    let field = named(of, first)?;
    let now = match (take(tree, &field), rest) {
        _ if field.is_map() => return None,
        (before, None) if field.is_list() => {
            let mut list = match before {
                Some(Value::Array(list)) => list,
                _ => vec![],
            };
            list.push(value(&field.kind(), text)?);
            Value::Array(list)
        }
        (_, None) => value(&field.kind(), text)?,
        (before, Some(rest)) => {
            let inner = field.kind().as_message().filter(|_| !field.is_list())?.clone();
            let mut below = match before {
                Some(Value::Object(below)) => below,
                None => Map::new(),
                Some(_) => return None,
            };
            fill(&mut below, &inner, rest, text)?;
            Value::Object(below)
        }
    };
    tree.insert(field.json_name().to_owned(), now);
    Some(())
}

/// The JSON that a text stands for. What is no good is left to whoever reads the whole request: he
/// says what is wrong with which field.
fn value(kind: &Kind, text: &str) -> Option<Value> {
    let plain = Value::from(text);
    Some(match kind {
        Kind::Bool => flag(text),
        Kind::Enum(of) => choice(of, text),
        Kind::Message(of) => match of.full_name() {
            "google.protobuf.BoolValue" => flag(text),
            name if name.starts_with("google.protobuf.") && !is_structure(name) => plain,
            _ => return None,
        },
        _ => plain,
    })
}

fn is_structure(name: &str) -> bool {
    let name = name.trim_start_matches("google.protobuf.");
    ["Any", "Empty", "ListValue", "Struct", "Value"].contains(&name)
}

fn flag(text: &str) -> Value {
    text.parse::<bool>().map_or_else(|_| text.into(), Value::from)
}

/// By name, or by number as the contract has it.
fn choice(of: &EnumDescriptor, text: &str) -> Value {
    let number = text.parse::<i32>().ok().filter(|_| of.get_value_by_name(text).is_none());
    number.map_or_else(|| text.into(), Value::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tree(message: &str, given: &[(&str, &str)]) -> Result<Value, Refused> {
        let of = jangteo::descriptors().get_message_by_name(message).unwrap();
        let mut tree = Map::new();
        for (name, text) in given {
            set(&mut tree, &of, name, text)?;
        }
        Ok(Value::Object(tree))
    }

    #[test]
    fn texts_become_what_the_contract_says() {
        let given = [("page_size", "5"), ("state", "STATE_SOLD"), ("seller", "kim")];
        let told = tree("jangteo.post.v1.ListPostsRequest", &given).unwrap();
        assert_eq!(told, json!({"pageSize": "5", "state": "STATE_SOLD", "seller": "kim"}));
        let by_number = tree("jangteo.post.v1.ListPostsRequest", &[("state", "2")]).unwrap();
        assert_eq!(by_number, json!({"state": 2}));
        let masked = tree("jangteo.post.v1.UpdatePostRequest", &[("updateMask", "goods,priceKrw")]);
        assert_eq!(masked.unwrap(), json!({"updateMask": "goods,priceKrw"}));
    }

    #[test]
    fn what_comes_last_counts() {
        let given = [("page_size", "5"), ("pageSize", "6")];
        let told = tree("jangteo.post.v1.ListPostsRequest", &given).unwrap();
        assert_eq!(told, json!({"pageSize": "6"}));
    }

    #[test]
    fn what_is_no_field_is_refused() {
        for name in ["colour", "", "seller.name", "page_size.x", "."] {
            let refused = tree("jangteo.post.v1.ListPostsRequest", &[(name, "1")]).err().unwrap();
            assert_eq!(refused.http(), 400, "{name}");
        }
    }
}
