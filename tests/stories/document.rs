//! Documents whose commands are run as they stand.

use std::{fs, os::unix::fs::symlink, path::Path};

use jangteo_testing::{Nats, scratch};

use super::{market::PATIENCE, shell};
use crate::mesh::{BINARY, node};

/// Stands between what two blocks print.
const CUT: &str = "---- the next block ----";

/// A fenced `sh` block, and what the `text` block right below it says that it prints.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) commands: String,
    pub(crate) answer: String,
}

/// The blocks of a text, as they stand.
fn blocks(text: &str) -> Vec<Block> {
    // Prose and blocks take turns.
    let parts: Vec<&str> = text.split("\n```").collect();
    let mut blocks: Vec<Block> = vec![];
    for pair in parts.chunks_exact(2) {
        let [prose, block] = pair else { continue };
        let (language, body) = block.split_once('\n').unwrap_or((block, ""));
        match (language, blocks.last_mut()) {
            ("sh", _) => blocks.push(Block { commands: body.to_owned(), answer: String::new() }),
            ("text", Some(last)) if prose.trim().is_empty() => body.clone_into(&mut last.answer),
            _ => {}
        }
    }
    blocks
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

/// Runs all blocks of a document one after the other, as one would who types them, and answers each
/// with what it printed.
pub(crate) async fn typed(document: &str) -> Vec<(Block, String)> {
    let nats = Nats::start().await.unwrap();
    let node = node(&nats).env(PATIENCE.0, PATIENCE.1).start().await.unwrap();
    let text = fs::read_to_string(shell::root().join(document)).unwrap();
    let blocks = blocks(&text);
    let commands: Vec<&str> = blocks.iter().map(|block| block.commands.as_str()).collect();
    let gateway = node.http_url().trim_start_matches("http://").to_owned();
    let script = commands.join(&format!("\necho '{CUT}'\n"));
    let script = script.replace("127.0.0.1:50051", node.addr()).replace("127.0.0.1:8088", &gateway);
    let place = checkout(node.data_dir());

    let mut bash = shell::bash();
    bash.current_dir(place.path()).args(["-euo", "pipefail", "-c", &script]);
    let said = shell::run(bash).await.well();
    let said: Vec<String> = said.split(&format!("{CUT}\n")).map(str::to_owned).collect();
    assert_eq!(said.len(), blocks.len(), "what the blocks of {document} print");
    blocks.into_iter().zip(said).collect()
}

/// The first line of an answer that is not printed, or not after those above it.
pub(crate) fn lacking<'a>(printed: &str, answer: &'a str) -> Option<&'a str> {
    let mut printed = printed.lines();
    let said = answer.lines().filter(|line| *line != "…");
    said.into_iter().find(|line| !printed.any(|printed| fits(printed, line)))
}

/// Whether a line is what was said; `…` stands for anything.
fn fits(printed: &str, said: &str) -> bool {
    match said.split_once('…') {
        Some((head, tail)) => printed.strip_prefix(head).is_some_and(|rest| rest.ends_with(tail)),
        None => printed == said,
    }
}

#[test]
fn only_blocks_of_sh_are_commands_and_what_is_right_below_is_their_answer() {
    let text = "\n```sh\none\n```\n\n```console\n$ two\n```\n\n```sh\nthree\nfour\n```\n\n\
                ```text\n3\n4\n```\n\nSo it goes:\n\n```text\nfive\n```\n";
    let block = |commands: &str, answer: &str| Block {
        commands: commands.to_owned(),
        answer: answer.to_owned(),
    };
    assert_eq!(blocks(text), [block("one", ""), block("three\nfour", "3\n4")]);
}

#[test]
fn an_answer_is_printed_in_its_order_and_whole() {
    let printed = "{\n  \"id\": \"7\",\n  \"name\": \"rose\"\n}\n";
    assert_eq!(lacking(printed, "…\n  \"id\": \"…\",\n  \"name\": \"rose\""), None);
    assert_eq!(
        lacking(printed, "  \"name\": \"rose\"\n  \"id\": \"7\","),
        Some("  \"id\": \"7\",")
    );
    for line in ["\"name\"", "  \"id\": \"…\"", "  \"id\": \"8\","] {
        assert_eq!(lacking(printed, line), Some(line));
    }
}
