//! The tables on shapes of which our requests have none yet: lists, and messages inside messages.

use jangteo::descriptors;
use jangteo_testing::grpc::json;
use prost_reflect::Value;
use serde_json::json;

use super::{
    agreed::Rpc,
    faults::faults,
    requests::{least, with},
};

/// An RPC that takes this message, with these fields agreed on.
fn takes(message: &str, fields: &[&str]) -> Rpc {
    let mut rpc = Rpc::new("/s/m", false, descriptors().get_message_by_name(message).unwrap());
    for field in fields {
        rpc.read("field", field);
    }
    rpc
}

/// The last fault of the field at this index: its path and reason, and the request that has it.
fn last(rpc: &Rpc, index: usize) -> (String, &'static str, serde_json::Value) {
    let field = &rpc.fields[index];
    let it = faults(rpc, field).pop().expect("something can be wrong with it");
    (it.at, it.reason, json(&with(rpc, field, it.value)))
}

#[test]
fn entries_of_lists_are_spoilt_one_by_one_and_all_together() {
    let rpc = takes(
        "google.protobuf.FieldMask",
        &[r#"paths[]: string = {"repeated":{"maxItems":"2","items":{"string":{"maxLen":"3"}}}}"#],
    );
    assert_eq!(json(&least(&rpc)), json!(""));
    let all = faults(&rpc, &rpc.fields[0]).into_iter();
    let found: Vec<_> = all.map(|it| (it.at, it.reason)).collect();
    assert!(found.contains(&("paths[0]".to_owned(), "TOO_LONG")), "{found:?}");
    assert!(found.contains(&("paths[0]".to_owned(), "CONTROL_CHARACTER")), "{found:?}");
    assert_eq!(found.last(), Some(&("paths".to_owned(), "TOO_MANY")));
}

#[test]
fn what_stands_around_a_spoilt_field_is_sound() {
    let rpc = takes(
        "jangteo.view.v1.ListMySalesResponse",
        &[
            r#"sales[]: jangteo.view.v1.MySale = {"repeated":{"maxItems":"1"}}"#,
            r#"sales[].goods: string = {"string":{"minLen":"2","maxLen":"3"}}"#,
            r#"sales[].price_krw: int64 = {"int64":{"gte":"5"}}"#,
            r#"sales[].create_time: google.protobuf.Timestamp = {"required":true}"#,
        ],
    );
    let sound = json!({"goods": "가가", "priceKrw": "5", "createTime": "1970-01-01T00:00:00Z"});
    let many = json!({"sales": [sound, sound]});
    assert_eq!(last(&rpc, 0), ("sales".to_owned(), "TOO_MANY", many));
    let without = json!({"sales": [{"goods": "가가", "priceKrw": "5"}]});
    assert_eq!(last(&rpc, 3), ("sales[0].create_time".to_owned(), "REQUIRED", without));
    let short = with(&rpc, &rpc.fields[1], Some(Value::String("가".to_owned())));
    assert_eq!(json(&short)["sales"][0]["goods"], "가");
    let (at, reason, _) = last(&rpc, 2);
    assert_eq!((at.as_str(), reason), ("sales[0].price_krw", "OUT_OF_RANGE"));
}
