//! What README.md says can be done, is done.

use std::fs;

use super::{document::typed, shell};

/// A-T1, A-T5, A-T6, A-T8, A-T9, A-T10
#[tokio::test(flavor = "multi_thread")]
async fn its_commands_do_what_it_says() {
    let said = typed("README.md").await;
    let expected: [&[&str]; 8] = [
        &[],
        &["jangteo-token: ", r#""goods": "아이폰13 공기계""#, r#""state": "STATE_AVAILABLE""#],
        &[r#""goods": "아이폰13 공기계""#, r#""seller": "seller01""#, r#""priceKrw": "600000""#],
        &[r#""sales": ["#, r#""goods": "아이폰13 공기계""#, r#""neighbourhood": "방배동""#],
        &[r#""state": "STATE_ACCEPTED""#, r#""priceKrw": "510000""#],
        &[r#""event": "DealReserved""#, r#""event": "DealEnded""#],
        &[r#""goods":"의자""#, r#""posts":["#, r#""sales":["#, "jangteo.deal.v1.DealService"],
        &[r#""story":"E""#, r#""kind":"order_delivered""#, r#""step":8"#],
    ];
    assert_eq!(said.len(), expected.len(), "blocks of README.md and what is known of them");
    for ((_, said), expected) in said.iter().zip(expected) {
        for words in expected {
            assert!(said.contains(words), "{words} in:\n{said}");
        }
    }
}

#[test]
fn it_names_no_target_and_no_folder_that_is_not_there() {
    let root = shell::root();
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let (text, makefile) = (read("README.md"), read("Makefile"));
    let targets = ["`make ", "$ make "].into_iter().flat_map(|make| text.split(make).skip(1));
    let targets = targets.map(|rest| word(rest, |c| c.is_alphanumeric() || c == '-'));
    for target in targets {
        assert!(makefile.contains(&format!("\n{target}: ## ")), "make {target}");
    }
    let (folders, links) = (text.split('`').skip(1).step_by(2), text.split("](").skip(1));
    let links =
        links.map(|rest| word(rest, |c| c != ')' && c != '#')).filter(|link| !link.contains("://"));
    for place in folders.filter(|text| text.ends_with('/')).chain(links) {
        let made = ["data/", ".tools/"].contains(&place);
        assert!(made || root.join(place).exists(), "{place}");
    }
}

/// The beginning of a text, as far as it is made of such characters.
fn word(text: &str, fits: impl Fn(char) -> bool) -> &str {
    text.split_once(|c| !fits(c)).map_or(text, |(word, _)| word)
}
