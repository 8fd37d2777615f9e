//! The commands beside `serve`, and what they say when they can't do what they are told.

use std::{fs, path::Path};

use jangteo_testing::scratch;
use serde_json::{Value, json};
use tonic::Code;

use super::{
    market::Market,
    refusal::refused,
    shell::{Ended, bash, jangteo, run},
};
use crate::mesh::Database;

/// Runs `jangteo` with its keys in this folder.
async fn with_keys(keys: &Path, args: &[&str]) -> Ended {
    let mut command = jangteo(args);
    command.env("JANGTEO_KEY_DIR", keys);
    run(command).await
}

/// What a token claims, which is for its reader to verify.
fn claims(token: &str) -> Value {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_it_makes_are_believed() {
    let market = Market::on(Database::Sqlite).await;
    let token = async |args: &[&str]| {
        let made = with_keys(market.key_dir(), args).await.well();
        made.strip_suffix('\n').expect("one line").to_owned()
    };
    let post = json!({"goods": "아이폰13 공기계", "priceKrw": 600_000, "neighbourhood": "방배동"});

    let seller = market.bearer(token(&["token", "seller01"]).await);
    let written = seller.post("CreatePost", post.clone()).await.unwrap();
    assert_eq!(written.text("seller"), "seller01");

    let deal = market.bearer(token(&["token", "deal", "--service"]).await);
    let release = json!({"id": written.id(), "dealId": written.id(), "callKey": "deals/1"});
    deal.post("ReleasePost", release.clone()).await.unwrap();
    refused(deal.post("CreatePost", post.clone()).await, Code::PermissionDenied, "USER_ONLY");
    let offer = market.bearer(token(&["token", "offer", "--service"]).await);
    let answer = offer.post("ReleasePost", release).await;
    refused(answer, Code::PermissionDenied, "CALLER_NOT_ALLOWED");
}

#[tokio::test]
async fn a_token_says_what_was_asked_for() {
    let keys = scratch::directory("keys").unwrap();
    let roles = ["token", "kim", "--role", "courier", "--role", "operator", "--lifetime", "60"];
    let token = with_keys(keys.path(), &roles).await.well();
    let claims = claims(token.trim());
    assert_eq!((&claims["sub"], &claims["aud"]), (&json!("kim"), &json!("jangteo")));
    assert_eq!(claims["roles"], json!(["courier", "operator"]));
    let [from, to] = ["nbf", "exp"].map(|claim| claims[claim].as_i64().unwrap());
    assert_eq!(to - from, 60);
}

#[tokio::test]
async fn tokens_that_nobody_would_believe_are_not_made() {
    let keys = scratch::directory("keys").unwrap();
    for (args, words) in [
        (&["token", ""][..], "1 to 64 printable characters"),
        (&["token", "Deal", "--service"], "not the name of a context"),
        (&["token", "deal", "--service", "--role", "operator"], "cannot be used with"),
        (&["token"], "<SUBJECT>"),
    ] {
        let ended = with_keys(keys.path(), args).await;
        assert!(matches!(ended.code, Some(1 | 2)), "{args:?}: {ended:?}");
        assert!(ended.err.contains(words) && ended.out.is_empty(), "{args:?}: {ended:?}");
    }
}

#[tokio::test]
async fn settings_are_shown_without_their_secrets() {
    let mut command = jangteo(&["config", "--grpc-addr", "127.0.0.1:7"]);
    command
        .env("JANGTEO_DATABASE_URL_POST", "postgres://me:s3cret@db.example/post?password=s3cret");
    command.env("JANGTEO_DATABASE_URL_VIEW", "mysql://s3cret@db.example/view");
    command.env("JANGTEO_NATS_URL", "nats://s3cret@broker.example:4222");
    command.env("JANGTEO_NATS_MONITOR_URL", "http://me:s3cret@broker.example:8222");
    command.env("JANGTEO_PEER_POST", "http://me:s3cret@post.example:50051");
    let shown = run(command).await.well();
    assert!(!shown.contains("s3cret"), "{shown}");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["grpc_addr"], "127.0.0.1:7");
    for place in ["db.example/post", "db.example/view", "broker.example", "post.example"] {
        assert!(shown.to_string().contains(place), "{place} in {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_model_of_a_running_process_is_rebuilt() {
    let market = Market::on(Database::Sqlite).await;
    let seller = market.person("seller01");
    let post = json!({"goods": "아이폰13 공기계", "priceKrw": 600_000, "neighbourhood": "방배동"});
    let post = seller.post("CreatePost", post).await.unwrap();
    let asked = json!({"postId": post.id()});
    let before = seller.my_sales("GetMySale", asked.clone(), &post.written).await.unwrap();

    let to = market.view().url();
    let said = with_keys(market.key_dir(), &["rebuild", "my_sales", "--to", &to]).await.well();
    assert!(said.ends_with("my_sales: generation 2 serves\n"), "{said}");
    let after = seller.my_sales("GetMySale", asked, &post.written).await.unwrap();
    assert_eq!(after, before);

    let stranger = market.keys.user("seller01");
    for (args, words) in [
        (
            &["rebuild", "my_sale", "--to", &to][..],
            "there is no read model `my_sale`: there are my_sales, my_deals, item_board, review_board, order_board, order_history, product_board, timeline",
        ),
        (&["rebuild", "my_sales", "--to", &to, "--token", &stranger], "operator"),
        (&["rebuild", "my_sales", "--to", "http://127.0.0.1:9"], "http://127.0.0.1:9"),
    ] {
        let ended = with_keys(market.key_dir(), args).await;
        assert_eq!(ended.code, Some(1), "{args:?}: {ended:?}");
        assert!(ended.err.contains(words), "{args:?}: {ended:?}");
        assert!(!ended.err.contains("metadata"), "in words for people: {ended:?}");
    }
}

#[tokio::test]
async fn shells_get_completions_that_they_can_read() {
    let script = run(jangteo(&["completion", "bash"])).await.well();
    let dir = scratch::directory("completion").unwrap();
    let file = dir.path().join("jangteo.bash");
    fs::write(&file, script).unwrap();
    let mut check = bash();
    check.arg("-n").arg(&file);
    run(check).await.well();
    // What a person gets who types `jangteo reb` and the tab key.
    let mut complete = bash();
    complete.args(["-c", "source \"$0\"; COMP_WORDS=(jangteo reb) COMP_CWORD=1; _jangteo jangteo reb jangteo; echo \"${COMPREPLY[@]}\""]);
    complete.arg(&file);
    assert_eq!(run(complete).await.well(), "rebuild\n");
    for shell in ["zsh", "fish"] {
        assert!(run(jangteo(&["completion", shell])).await.well().contains("rebuild"), "{shell}");
    }
}

#[tokio::test]
async fn every_command_explains_itself() {
    let all = run(jangteo(&["--help"])).await.well();
    for command in [
        "serve",
        "demo",
        "demo-breaker",
        "token",
        "config",
        "deadletter",
        "saga",
        "fault",
        "rebuild",
        "compare",
        "refill",
        "adopt",
        "completion",
    ] {
        assert!(all.contains(command), "{command} in {all}");
        let help = run(jangteo(&[command, "--help"])).await.well();
        assert!(help.contains("Usage: jangteo"), "{help}");
    }
    let serve = run(jangteo(&["serve", "--help"])).await.well();
    for words in ["[CONTEXTS]", "JANGTEO_GRPC_ADDR", "JANGTEO_NATS_URL", "JANGTEO_DATABASE_URL"] {
        assert!(serve.contains(words), "{words} in {serve}");
    }
    assert!(run(jangteo(&["--version"])).await.well().starts_with("jangteo "));
}

#[tokio::test]
async fn a_secret_of_the_environment_does_not_show_in_the_help() {
    let mut command = jangteo(&["serve", "--help"]);
    command.env("JANGTEO_DATABASE_URL", "postgres://me:s3cret@db.example/post");
    command.env("JANGTEO_NATS_URL", "nats://s3cret@broker.example:4222");
    let help = run(command).await.well();
    assert!(!help.contains("s3cret"), "{help}");
}

#[tokio::test]
async fn what_it_does_not_know_is_named_with_what_to_do() {
    let dir = scratch::directory("config").unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let broken = file("broken.toml", "grpc_addr = [");
    let unknown = file("unknown.toml", "grpc_adr = '127.0.0.1:1'");
    let wrong = file("wrong.toml", "grpc_addr = 'here'");
    let absent = dir.path().join("absent.toml").to_str().unwrap().to_owned();
    let cases: [(&[&str], &[&str]); 9] = [
        (&["serve", "posts"], &["no context `posts`", "post, view"]),
        (&["sell"], &["sell", "--help"]),
        (&["serve", "--grpc-adr", "127.0.0.1:1"], &["--grpc-adr", "--grpc-addr"]),
        (&["serve", "--grpc-addr", "here"], &["here", "--grpc-addr"]),
        (&["serve", "--config", &broken], &["broken.toml", "line 1"]),
        (&["serve", "--config", &unknown], &["unknown.toml", "grpc_adr", "grpc_addr"]),
        (&["serve", "--config", &wrong], &["wrong.toml", "grpc_addr"]),
        (&["serve", "--config", &absent], &["absent.toml", "No such file"]),
        (&["serve", "--user-issuer", "https://idp.example"], &["--user-jwks"]),
    ];
    for (args, words) in cases {
        refuses(&run(jangteo(args)).await, words);
    }
    for (name, value, words) in [
        ("JANGTEO_PEER_POSTS", "http://post:50051", &["JANGTEO_PEER_POSTS", "post, view"][..]),
        (
            "JANGTEO_DATABASE_URL_SHOP",
            "sqlite://shop.db",
            &["JANGTEO_DATABASE_URL_SHOP", "post, view"],
        ),
        ("JANGTEO_DATABASE_URL", "oracle://db.example/post", &["oracle", "postgres://"]),
        ("JANGTEO_GRPC_ADDR", "here", &["here", "--grpc-addr"]),
        (
            "JANGTEO_DATABASE_URL",
            "postgres://me:s3cret@db.example:here/post",
            &["me:***@db.example"],
        ),
        (
            "JANGTEO_NATS_URL",
            "nats://me:s3cret@over there",
            &["JANGTEO_NATS_URL", "nats://127.0.0.1"],
        ),
        ("JANGTEO_PEER_POST", "over there", &["JANGTEO_PEER_POST", "http://127.0.0.1"]),
    ] {
        let mut command = jangteo(&["serve"]);
        command.env("JANGTEO_GRPC_ADDR", "127.0.0.1:0").env(name, value).current_dir(dir.path());
        refuses(&run(command).await, words);
    }
}

fn refuses(ended: &Ended, words: &[&str]) {
    assert!(matches!(ended.code, Some(1 | 2)), "{ended:?}");
    assert!(!ended.err.contains("s3cret"), "{ended:?}");
    for words in words {
        assert!(ended.err.contains(words), "{words} in {ended:?}");
    }
}
