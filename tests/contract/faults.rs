//! Every way in which a field can be wrong by its rules, and what must be said about it.

use prost_reflect::{DynamicMessage, EnumDescriptor, Kind, MessageDescriptor, Value};
use serde_json::Value as Json;

use super::{
    agreed::{Field, Rpc},
    requests::{NOTHING, number, valid},
};

const MIB: usize = 1 << 20;
/// What can forge a log line, end a text early, or turn around what stands beside it.
const MARKS: [char; 9] =
    ['\0', '\t', '\n', '\r', '\u{7f}', '\u{85}', '\u{2028}', '\u{202e}', '\u{2066}'];

/// A field that is wrong.
pub(super) struct Fault {
    pub(super) what: String,
    /// What the field is set to; left out if there is none.
    pub(super) value: Option<Value>,
    /// The path that must be told.
    pub(super) at: String,
    pub(super) reason: &'static str,
}

type Wrong = (String, Value, &'static str);

/// All that can be wrong with a field.
pub(super) fn faults(rpc: &Rpc, field: &Field) -> Vec<Fault> {
    let at = field.path.replace("[].", "[0].");
    if field.descriptor.is_list() {
        return of_list(rpc, field, at.trim_end_matches("[]"));
    }
    let mut faults: Vec<_> = of_value(field)
        .into_iter()
        .map(|(what, value, reason)| fault(what, Some(value), at.clone(), reason))
        .collect();
    faults
        .extend(missing(field).map(|reason| fault("missing".to_owned(), None, at.clone(), reason)));
    if let Kind::Message(message) = field.descriptor.kind() {
        faults.extend(of_mask(&message, &at));
    }
    faults
}

fn fault(what: String, value: Option<Value>, at: String, reason: &'static str) -> Fault {
    Fault { what, value, at, reason }
}

/// Why a field may not be left out.
fn missing(field: &Field) -> Option<&'static str> {
    let optional = field.descriptor.supports_presence();
    match (&field.descriptor.kind(), field.rules["required"] == true) {
        (_, true) => Some("REQUIRED"),
        (Kind::String, _) if !optional => {
            of_value(field).into_iter().find(|it| it.1 == text("")).map(|it| it.2)
        }
        (Kind::Int32 | Kind::Int64, _) if !optional => {
            let rules = &field.rules;
            let least = number(&rules["int32"]["gte"]).or(number(&rules["int64"]["gte"]));
            least.is_some_and(|least| least > 0).then_some("OUT_OF_RANGE")
        }
        _ => None,
    }
}

fn of_list(rpc: &Rpc, field: &Field, at: &str) -> Vec<Fault> {
    let mut faults: Vec<_> = of_value(field)
        .into_iter()
        .map(|(what, value, reason)| {
            fault(what, Some(Value::List(vec![value])), format!("{at}[0]"), reason)
        })
        .collect();
    let most = number(&field.rules["repeated"]["maxItems"]).expect("lists are bounded");
    let many = vec![valid(rpc, field); usize::try_from(most).expect("a length") + 1];
    faults.push(fault("too many".to_owned(), Some(Value::List(many)), at.to_owned(), "TOO_MANY"));
    faults
}

fn of_value(field: &Field) -> Vec<Wrong> {
    let rules = field.value_rules();
    let mut wrong = match field.descriptor.kind() {
        Kind::String => of_text(&rules["string"]),
        Kind::Bytes => of_bytes(&rules["bytes"]),
        Kind::Int32 => of_number(&rules["int32"], i32::MIN.into(), i32::MAX.into(), |number| {
            Value::I32(number.try_into().expect("within int32"))
        }),
        Kind::Int64 => of_number(&rules["int64"], i64::MIN, i64::MAX, Value::I64),
        Kind::Enum(of) => of_enum(&of, &rules["enum"]),
        Kind::Message(message) => of_time(&message),
        _ => Vec::new(),
    };
    if field.ignores_zero() {
        wrong.retain(|(_, value, _)| !value.is_default(&field.descriptor.kind()));
    }
    wrong
}

fn of_text(rules: &Json) -> Vec<Wrong> {
    let least = number(&rules["minLen"]).and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
    let most = number(&rules["maxLen"]).and_then(|it| usize::try_from(it).ok());
    let mut wrong: Vec<Wrong> = MARKS
        .iter()
        .map(|mark| (format!("{mark:?} in it"), text(&format!("가{mark}나")), "CONTROL_CHARACTER"))
        .collect();
    if least > 0 {
        wrong.push(("too short".to_owned(), text(&"가".repeat(least - 1)), "TOO_SHORT"));
        wrong.push(("only spaces".to_owned(), text(&"\u{3000}".repeat(least)), "TOO_SHORT"));
    }
    if let Some(most) = most {
        for (what, length) in [("가", most + 1), ("🚲", most + 1), ("a", MIB)] {
            wrong.push((format!("{length} times {what}"), text(&what.repeat(length)), "TOO_LONG"));
        }
    }
    if rules["uuid"] == true {
        wrong.extend(no_uuids().map(|it| (format!("{it:.60}"), text(&it), "NOT_A_UUID")));
    }
    wrong
}

fn no_uuids() -> impl Iterator<Item = String> {
    let simple = NOTHING.replace('-', "");
    let shifted = format!("{}-{}", &simple[..9], &NOTHING[10..]);
    [
        String::new(),
        "1".to_owned(),
        "'; drop table post; --".to_owned(),
        format!("{{{NOTHING}}}"),
        format!("urn:uuid:{NOTHING}"),
        format!(" {NOTHING}"),
        format!("{NOTHING}0"),
        NOTHING[1..].to_owned(),
        NOTHING.replace('-', "_"),
        NOTHING.replace('0', "g"),
        NOTHING.replacen('0', "０", 1),
        "가".repeat(36),
        "0".repeat(MIB),
        simple,
        shifted,
    ]
    .into_iter()
}

fn of_bytes(rules: &Json) -> Vec<Wrong> {
    let most = number(&rules["maxLen"]).expect("bytes are bounded");
    let long = vec![0; usize::try_from(most).expect("a length") + 1];
    vec![("too long".to_owned(), Value::Bytes(long.into()), "TOO_LONG")]
}

/// Outside of the bounds: just beyond, far beyond, and negative.
fn of_number(rules: &Json, min: i64, max: i64, value: impl Fn(i64) -> Value) -> Vec<Wrong> {
    let least = number(&rules["gte"]).unwrap_or(min);
    let most = number(&rules["lte"]).unwrap_or(max);
    let mut numbers = vec![min, -1, max, least.saturating_sub(1), most.saturating_add(1)];
    numbers.retain(|number| !(least..=most).contains(number) && (min..=max).contains(number));
    numbers.dedup();
    numbers.into_iter().map(|number| (number.to_string(), value(number), "OUT_OF_RANGE")).collect()
}

fn of_enum(of: &EnumDescriptor, rules: &Json) -> Vec<Wrong> {
    let undefined =
        [-1, 9999, i32::MIN, i32::MAX].into_iter().filter(|it| of.get_value(*it).is_none());
    let refused = rules["notIn"].as_array().into_iter().flatten().filter_map(number);
    let refused = refused.filter_map(|number| i32::try_from(number).ok());
    let wrong = |number: i32, reason| (number.to_string(), Value::EnumNumber(number), reason);
    let undefined = undefined.map(|number| wrong(number, "UNDEFINED_VALUE"));
    undefined.chain(refused.map(|number| wrong(number, "NOT_ALLOWED"))).collect()
}

/// Times that have no date and lengths of time that nothing lasts, if the message is one of these.
fn of_time(message: &MessageDescriptor) -> Vec<Wrong> {
    let (first, last, reason) = match message.full_name() {
        "google.protobuf.Timestamp" => (-62_135_596_800, 253_402_300_799, "INVALID_TIMESTAMP"),
        "google.protobuf.Duration" => (0, 315_576_000_000, "INVALID_DURATION"),
        _ => return Vec::new(),
    };
    let times =
        [(first - 1, 0), (last + 1, 0), (i64::MIN, 0), (i64::MAX, 0), (0, -1), (0, 1_000_000_000)];
    times
        .into_iter()
        .map(|(seconds, nanos)| {
            let mut time = DynamicMessage::new(message.clone());
            time.set_field_by_name("seconds", Value::I64(seconds));
            time.set_field_by_name("nanos", Value::I32(nanos));
            (format!("{seconds}.{nanos}"), Value::Message(time), reason)
        })
        .collect()
}

/// Masks that name no field, or too many, if the message is a mask.
fn of_mask(message: &MessageDescriptor, at: &str) -> Vec<Fault> {
    if message.full_name() != "google.protobuf.FieldMask" {
        return Vec::new();
    }
    let masks = ["", "no_such_field", "update_mask.no_such_field", "Id", "id\n"]
        .map(|path| (format!("{path:?}"), vec![text(path)], "paths[0]", "UNKNOWN_FIELD"));
    let many = ("too many".to_owned(), vec![text("*"); 33], "paths", "TOO_MANY");
    masks
        .into_iter()
        .chain([many])
        .map(|(what, paths, below, reason)| {
            let mut mask = DynamicMessage::new(message.clone());
            mask.set_field_by_name("paths", Value::List(paths));
            fault(what, Some(Value::Message(mask)), format!("{at}.{below}"), reason)
        })
        .collect()
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}
