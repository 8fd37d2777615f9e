use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, DynamicMessage, ReflectMessage, Value};

use super::*;
use crate::{limits::Table, test_protos};

const ORDER: &str = r#"
syntax = "proto3";
package jangteo.fixture.v1;
import "buf/validate/validate.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/timestamp.proto";

service OrderService { rpc PlaceOrder(Order) returns (Nothing); }
message Nothing {}

message Order {
  enum Way { WAY_UNSPECIFIED = 0; WAY_FOOT = 1; WAY_BIKE = 2; }
  message Line {
    string goods = 1 [(buf.validate.field).string = {min_len: 1, max_len: 5}];
    repeated Line parts = 2 [(buf.validate.field).repeated.max_items = 2];
  }
  string goods = 1 [(buf.validate.field).string = {min_len: 2, max_len: 5}];
  string deal = 2 [(buf.validate.field).string.uuid = true];
  string request_id = 3 [
    (buf.validate.field).string.uuid = true, (buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE];
  int32 count = 4 [(buf.validate.field).int32 = {gte: 1, lte: 9}];
  int64 most = 5 [(buf.validate.field).int64.lte = 100];
  Way way = 6 [(buf.validate.field).enum = {defined_only: true, not_in: [0]}];
  bytes photo = 7 [(buf.validate.field).bytes.max_len = 3];
  repeated Line lines = 8 [(buf.validate.field).repeated.max_items = 30];
  repeated string tags = 9 [(buf.validate.field).repeated = {
    max_items: 2, items: {string: {max_len: 3}}}];
  optional string note = 10 [(buf.validate.field).string.min_len = 1];
  Line gift = 11 [(buf.validate.field).required = true];
  google.protobuf.Timestamp since = 12;
  google.protobuf.FieldMask mask = 13;
  string free = 14;
  oneof place { string street = 15 [(buf.validate.field).string.min_len = 1]; }
  google.protobuf.Duration age = 16;
}
"#;

const UUID: &str = "0190a7c5-3b1e-7cc0-b2a4-5B8A0F1D2E3F";

fn pool() -> &'static DescriptorPool {
    static POOL: LazyLock<DescriptorPool> =
        LazyLock::new(|| test_protos::compiled([("order.proto", ORDER.to_owned())]));
    &POOL
}

fn message<const N: usize>(name: &str, fields: [(&str, Value); N]) -> DynamicMessage {
    let name = name.replace("Order", "jangteo.fixture.v1.Order");
    let mut message = DynamicMessage::new(pool().get_message_by_name(&name).unwrap());
    for (field, value) in fields {
        message.set_field_by_name(field, value);
    }
    message
}

fn line(goods: &str) -> Value {
    Value::Message(message("Order.Line", [("goods", text(goods))]))
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Value {
    Value::List(texts.into_iter().map(text).collect())
}

fn time(seconds: i64, nanos: i32) -> Value {
    timed("google.protobuf.Timestamp", seconds, nanos)
}

fn duration(seconds: i64, nanos: i32) -> Value {
    timed("google.protobuf.Duration", seconds, nanos)
}

fn timed(name: &str, seconds: i64, nanos: i32) -> Value {
    let fields = [("seconds", Value::I64(seconds)), ("nanos", Value::I32(nanos))];
    Value::Message(message(name, fields))
}

fn mask<'a>(paths: impl IntoIterator<Item = &'a str>) -> Value {
    Value::Message(message("google.protobuf.FieldMask", [("paths", texts(paths))]))
}

fn sound() -> DynamicMessage {
    message(
        "Order",
        [
            ("goods", text("의자 둘")),
            ("deal", text(UUID)),
            ("count", Value::I32(1)),
            ("way", Value::EnumNumber(1)),
            ("gift", line("lamp")),
        ],
    )
}

fn found(order: &DynamicMessage) -> Vec<Violation> {
    let table = Table::compile(pool()).unwrap();
    violations(&table, table.request(order.descriptor().full_name()).unwrap(), order)
}

/// What is wrong with a sound order once a field of it holds `value`: paths and reasons.
fn wrong(field: &str, value: Value) -> Vec<(String, &'static str)> {
    let mut order = sound();
    order.set_field_by_name(field, value);
    found(&order).into_iter().map(|it| (it.field, it.reason)).collect()
}

fn assert_refused(field: &str, value: Value, path: &str, reason: &str) {
    let shown = format!("{field} = {value}");
    assert_eq!(wrong(field, value), [(path.to_owned(), reason)], "{shown}");
}

fn assert_allowed(field: &str, value: Value) {
    let shown = format!("{field} = {value}");
    assert_eq!(wrong(field, value), [], "{shown}");
}

#[test]
fn a_sound_request_passes() {
    assert_eq!(found(&sound()), []);
}

#[test]
fn text_is_counted_in_code_points_and_spaces_alone_are_nothing() {
    for short in ["", "가", "   ", "\u{3000}\u{3000}"] {
        assert_refused("goods", text(short), "goods", "TOO_SHORT");
    }
    assert_refused("goods", text("가나다라마바"), "goods", "TOO_LONG");
    assert_refused("goods", text("      "), "goods", "TOO_SHORT");
    assert_allowed("goods", text("가나다라마"));
    assert_allowed("goods", text(" a"));
}

#[test]
fn no_text_holds_control_characters_with_or_without_a_rule() {
    let marks =
        ["\0", "\t", "\n", "\x7f", "\u{85}", "\u{2028}", "\u{2029}", "\u{202e}", "\u{2066}"];
    for mark in marks {
        assert_refused("goods", text(&format!("a{mark}b")), "goods", "CONTROL_CHARACTER");
        assert_refused("free", text(mark), "free", "CONTROL_CHARACTER");
    }
    assert_refused("tags", texts(["a", "\n"]), "tags[1]", "CONTROL_CHARACTER");
    assert_allowed("free", text("가-Z é 🚲 \u{200d}"));
}

#[test]
fn an_id_is_a_hyphenated_uuid_in_either_case() {
    let simple = UUID.replace('-', "");
    let braced = format!("{{{UUID}}}");
    let shifted = "0190a7c53-b1e-7cc0-b2a4-5b8a0f1d2e3f";
    let foreign = "0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3g";
    for wrong in ["", "1", &simple, &braced, shifted, foreign, &UUID[..35]] {
        assert_refused("deal", text(wrong), "deal", "NOT_A_UUID");
    }
    assert_allowed("deal", text(&UUID.to_lowercase()));
    assert_allowed("deal", text(&UUID.to_uppercase()));
}

#[test]
fn an_ignored_zero_is_not_checked_and_anything_else_is() {
    assert_allowed("request_id", text(""));
    assert_allowed("request_id", text(UUID));
    assert_refused("request_id", text("again"), "request_id", "NOT_A_UUID");
}

#[test]
fn numbers_keep_to_their_range_ends_included() {
    for count in [i32::MIN, -1, 0, 10, i32::MAX] {
        assert_refused("count", Value::I32(count), "count", "OUT_OF_RANGE");
    }
    assert_allowed("count", Value::I32(1));
    assert_allowed("count", Value::I32(9));
    assert_refused("most", Value::I64(101), "most", "OUT_OF_RANGE");
    assert_refused("most", Value::I64(i64::MAX), "most", "OUT_OF_RANGE");
    assert_allowed("most", Value::I64(100));
    assert_allowed("most", Value::I64(i64::MIN));
}

#[test]
fn an_enum_is_one_that_is_defined_and_allowed() {
    assert_refused("way", Value::EnumNumber(9), "way", "UNDEFINED_VALUE");
    assert_refused("way", Value::EnumNumber(-1), "way", "UNDEFINED_VALUE");
    assert_refused("way", Value::EnumNumber(0), "way", "NOT_ALLOWED");
    assert_allowed("way", Value::EnumNumber(2));
}

#[test]
fn bytes_are_counted() {
    assert_refused("photo", Value::Bytes(vec![0; 4].into()), "photo", "TOO_LONG");
    assert_allowed("photo", Value::Bytes(vec![0; 3].into()));
}

#[test]
fn lists_are_counted_and_each_entry_is_checked() {
    assert_refused("tags", texts(["a", "b", "c"]), "tags", "TOO_MANY");
    assert_refused("tags", texts(["a", "long"]), "tags[1]", "TOO_LONG");
    assert_allowed("tags", texts(["a", "b"]));
}

#[test]
fn messages_within_messages_are_checked_by_their_own_rules() {
    assert_refused("gift", line(""), "gift.goods", "TOO_SHORT");
    let lines = Value::List(vec![line("lamp"), line("lamp"), line("too long")]);
    assert_refused("lines", lines, "lines[2].goods", "TOO_LONG");
    let parts = ("parts", Value::List(vec![line("bulb"), line("")]));
    let nested = message("Order.Line", [("goods", text("lamp")), parts]);
    let lines = Value::List(vec![Value::Message(nested)]);
    assert_refused("lines", lines, "lines[0].parts[1].goods", "TOO_SHORT");
}

#[test]
fn what_is_required_must_be_there_and_what_is_optional_need_not() {
    let mut order = sound();
    order.clear_field_by_name("gift");
    let missing = Violation {
        field: "gift".to_owned(),
        reason: "REQUIRED",
        description: "must be set".to_owned(),
    };
    assert_eq!(found(&order), [missing]);
    assert_refused("note", text(""), "note", "TOO_SHORT");
    assert_refused("street", text(""), "street", "TOO_SHORT");
}

#[test]
fn a_time_is_one_that_can_be_written_down() {
    let (first, last) = (-62_135_596_800, 253_402_300_799);
    for wrong in [time(first - 1, 0), time(last + 1, 0), time(0, -1), time(0, 1_000_000_000)] {
        assert_refused("since", wrong, "since", "INVALID_TIMESTAMP");
    }
    assert_allowed("since", time(first, 0));
    assert_allowed("since", time(last, 999_999_999));
}

#[test]
fn a_duration_is_not_negative_and_ends() {
    let longest = 315_576_000_000;
    for wrong in [duration(-1, 0), duration(longest + 1, 0), duration(0, -1)] {
        assert_refused("age", wrong, "age", "INVALID_DURATION");
    }
    assert_refused("age", duration(0, 1_000_000_000), "age", "INVALID_DURATION");
    assert_allowed("age", duration(0, 0));
    assert_allowed("age", duration(longest, 999_999_999));
}

#[test]
fn a_field_mask_names_fields_of_the_request() {
    assert_refused("mask", mask(["goods", "colour"]), "mask.paths[1]", "UNKNOWN_FIELD");
    for path in ["", "gift.", "gift.colour", "goods.length", "lines.goods", "Goods", "goods\n"] {
        assert_refused("mask", mask([path]), "mask.paths[0]", "UNKNOWN_FIELD");
    }
    assert_refused("mask", mask(["goods", "*"]), "mask.paths[1]", "UNKNOWN_FIELD");
    assert_refused("mask", mask(vec!["goods"; 33]), "mask.paths", "TOO_MANY");
    assert_allowed("mask", mask(vec!["goods"; 32]));
    assert_allowed("mask", mask(["gift.goods", "lines"]));
    assert_allowed("mask", mask(["*"]));
    assert_allowed("mask", mask([]));
}

#[test]
fn a_description_says_what_is_allowed() {
    let said = |field, value| {
        let mut order = sound();
        order.set_field_by_name(field, value);
        found(&order).remove(0).description
    };
    assert_eq!(said("goods", text("")), "must be 2 to 5 characters, not only spaces");
    assert_eq!(said("note", text("")), "must be at least 1 characters, not only spaces");
    assert_eq!(said("count", Value::I32(0)), "must be 1 to 9");
    assert_eq!(said("most", Value::I64(101)), "must be 100 or less");
    let ways = "must be one of WAY_UNSPECIFIED, WAY_FOOT, WAY_BIKE";
    assert_eq!(said("way", Value::EnumNumber(9)), ways);
    assert_eq!(said("way", Value::EnumNumber(0)), "must not be WAY_UNSPECIFIED");
}

#[test]
fn everything_that_is_wrong_is_told_up_to_what_an_answer_can_carry() {
    assert_eq!(found(&message("Order", [])).len(), 5);
    assert_eq!(wrong("lines", Value::List(vec![line(""); 30])).len(), 20);
    assert_eq!(wrong("mask", mask(vec!["colour"; 32])).len(), 20);
}

#[test]
fn a_request_of_ours_is_checked_by_its_contract() {
    let of = |name| {
        let descriptor = crate::descriptors().get_message_by_name(name).unwrap();
        check(&DynamicMessage::new(descriptor))
    };
    let fields: Vec<_> =
        of("jangteo.post.v1.CreatePostRequest").into_iter().map(|it| it.field).collect();
    assert_eq!(fields, ["goods", "neighbourhood"]);
    assert_eq!(of("jangteo.post.v1.Post"), [], "no RPC takes it");
}

#[test]
fn a_rule_that_nothing_enforces_is_found() {
    let unenforced = |rule: &str, by: &str| {
        assert!(ORDER.contains(rule), "{rule}");
        let pool = test_protos::compiled([("order.proto", ORDER.replace(rule, by))]);
        Table::compile(&pool).err().unwrap_or_default()
    };
    let other_kind = unenforced("int64.lte = 100", "int32.lte = 100");
    assert_eq!(other_kind, ["jangteo.fixture.v1.Order.most: int32"]);
    let of_a_list = unenforced(".bytes.max_len = 3", ".repeated.max_items = 3");
    assert_eq!(of_a_list, ["jangteo.fixture.v1.Order.photo: repeated"]);
    let of_an_entry = unenforced("items: {string: {max_len: 3}}", "items: {required: true}");
    assert_eq!(of_an_entry, ["jangteo.fixture.v1.Order.tags: repeated.items.required"]);
    let map = unenforced("string free = 14", "map<string, string> free = 14");
    assert_eq!(map, ["jangteo.fixture.v1.Order.free: a map has no rules"]);
}

#[test]
fn a_rule_that_nobody_has_heard_of_is_found() {
    let uuid = "optional bool uuid = 22;";
    let validate = "buf/validate/validate.proto";
    let with_pattern =
        test_protos::altered_text(validate, uuid, &format!("{uuid} optional string pattern = 6;"));
    let order =
        ORDER.replace("free = 14", "free = 14 [(buf.validate.field).string.pattern = \"a\"]");
    let pool = test_protos::compiled([("order.proto", order), (validate, with_pattern)]);
    let unenforced = Table::compile(&pool).err().unwrap_or_default();
    assert_eq!(unenforced, ["jangteo.fixture.v1.Order.free: string.pattern"]);
}
