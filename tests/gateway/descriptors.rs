//! Contracts that the gateway was not built with.

use std::fs;

use prost::Message as _;
use prost_types::FileDescriptorSet;
use serde_json::json;

use super::web::Web;
use crate::{
    mesh::Database,
    stories::market::{Layout, Market, SECOND_HAND},
};

/// The contracts of this build, with another path in place of one.
fn altered(from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "what is encoded keeps its length");
    let mut set = jangteo::DESCRIPTOR_SET.to_vec();
    let at = set.windows(from.len()).position(|part| part == from.as_bytes());
    let at = at.expect("the contracts have this path");
    set[at..at + to.len()].copy_from_slice(to.as_bytes());
    FileDescriptorSet::decode(&*set).expect("it is a descriptor set still");
    set
}

#[tokio::test(flavor = "multi_thread")]
async fn another_descriptor_set_is_served_as_it_stands() {
    let market = Market::start(Layout::apart(SECOND_HAND, Database::Sqlite)).await.unwrap();
    let file = market.key_dir().join("contracts.bin");
    fs::write(&file, altered("/v1/posts/{id}:hide", "/v7/goods/{id}:veil")).unwrap();
    let file = file.to_str().unwrap();
    let gateway = market.gateway_with(&[("JANGTEO_DESCRIPTORS", file)]).await;
    let post = market.person("seller01").sells_phone().await;
    let web = Web::of(&gateway, &market.keys.user("seller01"));
    let hidden = web.post(&format!("/v7/goods/{post}:veil"), json!({})).await;
    assert_eq!((hidden.code, &hidden.body["state"]), (200, &json!("STATE_HIDDEN")), "{hidden:?}");
    let old = web.post(&format!("/v1/posts/{post}:hide"), json!({})).await;
    assert_eq!(old.code, 404, "{old:?}");
}
