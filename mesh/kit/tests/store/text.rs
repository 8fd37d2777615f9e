//! Values come back as they went in, and names are told apart by every byte.

use uuid::Uuid;

use crate::{
    place::{Place, count, on_all},
    sample::{
        counter::{Command, Counter, stored, tell},
        word,
    },
};

on_all!(
    extreme_values_come_back_as_they_went_in,
    names_that_differ_in_one_byte_are_different_keys,
    a_key_that_is_taken_is_taken_to_the_last_byte,
);

fn extremes() -> Vec<Counter> {
    let counter = |total, note: &str, remark: Option<&str>| Counter {
        total,
        note: note.to_owned(),
        remark: remark.map(str::to_owned),
    };
    vec![
        counter(0, "", None),
        counter(i64::MAX, "아이폰13 공기계", Some("")),
        counter(i64::MIN, &"🥕".repeat(100), Some(&"\u{10FFFF}".repeat(100))),
        counter(-1, "e\u{301} is not \u{e9}", Some("  blanks before and after  ")),
        counter(1, r#"' " \ \\ \' % _ ; -- $1 ? {} /* */"#, Some("NULL")),
    ]
}

async fn extreme_values_come_back_as_they_went_in(place: Place) {
    let store = place.store().await;
    for (n, counter) in (1u128..).zip(extremes()) {
        let id = Uuid::from_u128(n);
        for revision in 1..=2 {
            tell(&store, id, Command::Become(counter.clone())).await.unwrap();
            let found = stored(&store, id).await.unwrap();
            assert_eq!((found.state, found.head.id), (counter.clone(), id));
            assert_eq!(found.head.revision, if revision == 1 { 1 } else { 2 });
        }
    }
}

/// Words that a careless collation takes for each other.
const ALIKE: [&str; 10] = [
    "seller",
    "Seller",
    "SELLER",
    "seller ",
    " seller",
    "séller",
    "se\u{301}ller",
    "ｓeller",
    "방배동",
    "\u{1107}\u{1161}\u{11bc}배동",
];

async fn names_that_differ_in_one_byte_are_different_keys(place: Place) {
    let store = place.store().await;
    for (n, word) in (0..).zip(ALIKE) {
        word::write(&store, word, n).await.unwrap();
    }
    for (n, word) in (0..).zip(ALIKE) {
        let found = store.unit(move |tx| Box::pin(word::find(tx, word))).await.unwrap();
        assert_eq!(found, Some(n), "{word:?}");
    }
    assert_eq!(count(&store, "word").await, 10);
}

async fn a_key_that_is_taken_is_taken_to_the_last_byte(place: Place) {
    let store = place.store().await;
    let longest = "🥕".repeat(64);
    word::write(&store, &longest, 1).await.unwrap();
    word::write(&store, &longest, 2).await.unwrap_err();
    word::write(&store, &longest[..252], 3).await.unwrap();
    assert_eq!(count(&store, "word").await, 2);
}
