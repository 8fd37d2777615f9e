//! What a process says that can't start.

use std::path::PathBuf;

use jangteo_testing::{Node, node::Builder, ports};

use crate::{mesh::BINARY, seller::LONG};

fn node() -> Builder {
    Node::builder(PathBuf::from(BINARY))
}

/// What a node says that ends at once.
async fn refused(node: Builder) -> String {
    let node = node.launch().unwrap();
    let status = node.wait_exit(LONG).await.unwrap();
    assert!(!status.success(), "{}", node.output());
    node.output()
}

/// Whether the error says all of this.
fn told(output: &str, words: &[&str]) {
    let error = output.lines().find(|line| line.starts_with("error: "));
    let rest = error.map(|error| &output[output.find(error).unwrap_or_default()..]);
    let error = rest.unwrap_or_else(|| panic!("no error in\n{output}"));
    for word in words {
        assert!(error.contains(word), "no `{word}` in\n{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_named_with_the_setting_that_moves_it() {
    let taken = tokio::net::TcpListener::bind(("127.0.0.1", ports::free())).await.unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    told(
        &refused(node().env("JANGTEO_GRPC_ADDR", &addr)).await,
        &[&addr, "set JANGTEO_GRPC_ADDR to a free one"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_context_is_answered_with_those_that_there_are() {
    told(
        &refused(node().contexts(["pots"])).await,
        &["there is no context `pots`", "post", "view"],
    );
    told(
        &refused(node().peer("pots", "http://localhost:1")).await,
        &["JANGTEO_PEER_POTS", "there is no context `pots`"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_config_file_is_named_with_the_line_that_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jangteo.toml");
    let name = file.to_str().unwrap();
    for (text, word) in [
        ("grpc_addr = '127.0.0.1:50051'\nnats_url = ", "line 2"),
        ("grpc_adr = '127.0.0.1:50051'", "grpc_adr"),
        ("grpc_addr = 'here'", "grpc_addr"),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = refused(node().env("JANGTEO_CONFIG", name)).await;
        told(&output, &["malformed config file", name, word]);
    }
    std::fs::remove_file(&file).unwrap();
    told(
        &refused(node().env("JANGTEO_CONFIG", name)).await,
        &["cannot read the config file", name],
    );
}

/// It may be one that a newer version knows, so the process goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_variable_is_warned_of_with_the_one_that_is_meant() {
    let keys = tempfile::tempdir().unwrap();
    std::fs::write(keys.path().join("user.pem"), "no key at all").unwrap();
    let node = node().key_dir(keys.path()).env("JANGTEO_DATABSE_URL", "postgres://somewhere/db");
    let output = refused(node).await;
    let warned = output.lines().find(|line| line.contains("JANGTEO_DATABSE_URL"));
    let warned = warned.unwrap_or_else(|| panic!("no warning in\n{output}"));
    for words in ["WARN", "is JANGTEO_DATABASE_URL meant?"] {
        assert!(warned.contains(words), "no `{words}` in\n{warned}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_that_is_none_is_named_with_its_setting() {
    for (name, value) in [
        ("JANGTEO_NATS_URL", "nats://[half"),
        ("JANGTEO_DATABASE_URL", "oracle://somewhere/{context}"),
        ("JANGTEO_PEER_POST", "not a url"),
    ] {
        told(&refused(node().env(name, value)).await, &[name]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_cannot_be_read_is_named_with_what_to_do() {
    let keys = tempfile::tempdir().unwrap();
    let file = keys.path().join("user.pem");
    std::fs::write(&file, "no key at all").unwrap();
    let output = refused(node().key_dir(keys.path())).await;
    told(&output, &[file.to_str().unwrap(), ";"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "no key at all", "left as it was");
}
