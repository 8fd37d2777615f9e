//! A store that is opened.

use jangteo_kit::{
    event::timestamp,
    execute::Aggregate,
    status::{Kind, Reject},
};

use super::*;

fn open() -> Command {
    let (owner, name) = ("owner01".to_owned(), "스토어99".to_owned());
    Command::Open { id: Uuid::from_u128(99), owner, name, at: 1_727_136_000_000 }
}

fn store() -> Store {
    let (owner, name) = ("owner01".to_owned(), "스토어99".to_owned());
    Store { id: Uuid::from_u128(99), owner, name }
}

/// D-T1
#[test]
fn a_new_store_is_told_of() {
    let told = StoreOpened {
        store_id: Uuid::from_u128(99).to_string(),
        owner: "owner01".to_owned(),
        name: "스토어99".to_owned(),
        time: Some(timestamp(1_727_136_000_000)),
    };
    assert_eq!(Store::decide(None, open()), Ok((store(), vec![Event::from(told)])));
}

#[test]
fn a_store_is_opened_once() {
    assert_eq!(Store::decide(Some(store()), open()), Err(Rejection::Exists));
}

#[test]
fn a_store_waits_for_nothing() {
    assert!(store().pending().is_none());
    assert!(store().due().is_none());
    assert_eq!(store().outcome(), Ok(()));
}

#[test]
fn every_refusal_has_a_name() {
    for (refused, kind, reason) in [
        (Rejection::NotFound, Kind::NotFound, "STORE_NOT_FOUND"),
        (Rejection::Exists, Kind::Exists, "STORE_EXISTS"),
    ] {
        assert_eq!((refused.kind(), refused.reason()), (kind, reason));
    }
}
