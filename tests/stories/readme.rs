//! What README.md says can be done, is done.

use std::{fs, os::unix::fs::symlink, path::Path};

use jangteo_testing::{Nats, scratch};

use super::{market::PATIENCE, shell};
use crate::mesh::{BINARY, node};

/// Stands between what two blocks print.
const CUT: &str = "---- the next block ----";

/// The fenced `sh` blocks of a text, as they stand.
fn blocks(text: &str) -> Vec<String> {
    let parts = text.split("\n```");
    let blocks = parts.filter_map(|part| part.strip_prefix("sh\n"));
    blocks.map(str::to_owned).collect()
}

/// A folder that looks like this repository after its build, with this node's data.
fn checkout(data: &Path) -> tempfile::TempDir {
    let dir = scratch::directory("checkout").unwrap();
    fs::create_dir(dir.path().join("target")).unwrap();
    for (link, target) in [
        ("target/debug", Path::new(BINARY).parent().unwrap()),
        (".tools", &shell::root().join(".tools")),
        ("data", data),
    ] {
        symlink(target, dir.path().join(link)).unwrap();
    }
    dir
}

/// A-T1, A-T5, A-T6, A-T8, A-T9, A-T10, B-T1, B-T2, B-T4, B-T5, B-T6, B-T7, B-T12, C-T5, D-T1, D-T3, E-T1, E-T2
#[tokio::test(flavor = "multi_thread")]
async fn its_commands_do_what_it_says() {
    let nats = Nats::start().await.unwrap();
    let node = node(&nats).env(PATIENCE.0, PATIENCE.1).start().await.unwrap();
    let text = fs::read_to_string(shell::root().join("README.md")).unwrap();
    let blocks = blocks(&text);
    let gateway = node.http_url().trim_start_matches("http://").to_owned();
    let mut script = blocks.join(&format!("\necho '{CUT}'\n"));
    for (usual, ours) in [("127.0.0.1:50051", node.addr()), ("127.0.0.1:8088", &gateway)] {
        assert!(text.contains(usual), "the address to be replaced");
        script = script.replace(usual, ours);
    }
    let place = checkout(node.data_dir());

    let mut bash = shell::bash();
    bash.current_dir(place.path()).args(["-euo", "pipefail", "-c", &script]);
    let said = shell::run(bash).await.well();

    let said: Vec<_> = said.split(&format!("{CUT}\n")).collect();
    let expected: [&[&str]; 13] = [
        &[],
        &["jangteo-token: ", r#""goods": "아이폰13 공기계""#, r#""state": "STATE_AVAILABLE""#],
        &[r#""goods": "아이폰13 공기계""#, r#""seller": "seller01""#, r#""priceKrw": "600000""#],
        &[r#""sales": ["#, r#""goods": "아이폰13 공기계""#, r#""neighbourhood": "방배동""#],
        &[r#""state": "STATE_ACCEPTED""#, r#""priceKrw": "510000""#],
        &[r#""event": "DealReserved""#, r#""event": "DealEnded""#],
        &[r#""state": "STATE_PAID""#, r#""state": "STATE_LENT""#, r#""state": "STATE_RENTABLE""#],
        &["RETURNED", r#""score": 5"#, "Please rate"],
        &[r#""refusalReason": "OUT_OF_STOCK""#],
        &[r#""totalKrw": "150000""#, r#""onHand": "7""#, r#""state": "STATE_STARTED""#],
        &["STATE_RECEIVED", r#""totalKrw": "462000""#, "STATE_COOKED", "STATE_PREPARING"],
        &[r#""goods":"의자""#, r#""posts":["#, r#""sales":["#, "jangteo.deal.v1.DealService"],
        &[r#""story":"E""#, r#""kind":"order_delivered""#, r#""step":8"#],
    ];
    assert_eq!(said.len(), expected.len(), "blocks of README.md and what is known of them");
    for (said, expected) in said.iter().zip(expected) {
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

#[test]
fn only_blocks_of_sh_are_commands() {
    let text = "\n```sh\none\n```\n\n```console\n$ two\n```\n\n```sh\nthree\nfour\n```\n";
    assert_eq!(blocks(text), ["one", "three\nfour"]);
}
