//! `jangteo demo-breaker`: what it shows of the breaker before payments, and how it leaves the market.

use std::{process::Stdio, time::Duration};

use jangteo_testing::{scratch, within};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::{
    super::{
        market::{Layout, Market, RENTAL},
        shell::{Ended, jangteo, run},
    },
    steps, text,
};
use crate::mesh::Database;

/// A market whose payments are not asked about too seldom: the end comes sooner.
async fn market() -> Market {
    let soon = ("JANGTEO_BACKOFF_MAX_MS", "1000");
    Market::start_with(Layout::together(RENTAL, Database::Sqlite), &[soon]).await.unwrap()
}

/// `jangteo demo-breaker` at this market.
fn breaker(market: &Market, args: &[&str]) -> Command {
    let mut command = jangteo(&["demo-breaker", "--to", &market.node("provider").url()]);
    command.args(args).env("JANGTEO_KEY_DIR", market.key_dir());
    command
}

/// How the sandbox behaves.
async fn sandbox(market: &Market) -> Value {
    let sandbox = market.operator().ask("provider.v1.SandboxService/GetSandbox", json!({})).await;
    sandbox.unwrap().body
}

/// Somebody has made the sandbox behave so before.
async fn behaves(market: &Market, sandbox: Value) {
    let rpc = "provider.v1.SandboxService/UpdateSandbox";
    market.operator().ask(rpc, sandbox).await.unwrap();
}

/// B-N3, B-O6: people wait in vain, then are asked at once to pay a little later, then pay.
#[tokio::test(flavor = "multi_thread")]
async fn people_see_the_breaker_open_and_close_and_the_books_balance() {
    let market = market().await;
    let before = json!({"latencyMs": "5", "declineFromKrw": "1000000"});
    behaves(&market, before.clone()).await;
    let said = run(breaker(&market, &["--json", "--seconds", "12"])).await.well();
    assert_eq!(sandbox(&market).await, before);

    let mut seconds = steps(&said);
    let end = seconds.pop().unwrap();
    assert!(seconds.len() >= 12, "{said}");
    for (number, second) in (1..).zip(&seconds) {
        assert_eq!(second["second"], number, "{second}");
    }
    phases_are_told(&seconds, &end);
    is_balanced(&seconds, &end["ledger"]);
}

/// Asserts that refusals are slow while the breaker is closed, and quick while it is open.
#[track_caller]
fn phases_are_told(seconds: &[Value], end: &Value) {
    let phases: Vec<_> = end["phases"].as_array().unwrap().iter().map(text).collect();
    assert_eq!(phases[..2], ["closed", "open"], "{end}");
    assert_eq!(phases.iter().rev().take(2).collect::<Vec<_>>(), [&"closed", &"half_open"], "{end}");
    let ms = |second: &Value| second["laterMs"].as_u64();
    let only =
        |phase: &'static str| seconds.iter().filter(move |it| it["phases"] == json!([phase]));
    // Tries that were on their way when it opened come back as slowly.
    let (slowest, quickest) =
        (only("closed").filter_map(ms).max(), only("open").filter_map(ms).min());
    assert!(slowest.is_some_and(|ms| ms >= 450), "{seconds:?}");
    assert!(quickest.is_some_and(|ms| ms < 450), "{seconds:?}");
    let providers: Vec<_> = seconds.iter().map(|it| text(&it["provider"])).collect();
    assert_eq!((providers[0], providers[1], providers[11]), ("usual", "slow", "well"));
}

/// Asserts that each rental is paid once, and that all else that was charged went back.
#[track_caller]
fn is_balanced(seconds: &[Value], ledger: &Value) {
    let count = |field: &str| -> u64 { seconds.iter().filter_map(|it| it[field].as_u64()).sum() };
    let many = |book: &str| ledger[book]["count"].as_u64().unwrap();
    assert_eq!(ledger["faults"], json!([]), "{ledger}");
    assert_eq!((ledger["told"].as_u64(), many("paid")), (Some(count("paid")), count("paid")));
    assert_eq!(ledger["paid"], ledger["standing"], "{ledger}");
    assert!(many("paid") > 0 && many("refunded") > 0, "{ledger}");
    assert!(many("refunded") <= many("undone") && many("undone") <= count("later"), "{ledger}");
}

/// Starts it for people, and reads what it says until the first second is over.
async fn begun(market: &Market) -> (Child, Vec<String>) {
    let mut command = breaker(market, &["--seconds", "600"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let mut said = vec![];
    while said.len() < 5 {
        said.push(lines.next_line().await.unwrap().expect("it goes on"));
    }
    (child, said)
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_off_it_leaves_the_sandbox_as_it_was() {
    let market = market().await;
    let before = json!({"latencyMs": "5"});
    behaves(&market, before.clone()).await;
    let (child, said) = begun(&market).await;
    assert!(said[0].starts_with("10 renters pay for 600 seconds"), "{said:?}");
    assert!(said[2].contains("provider") && said[2].ends_with("breaker"), "{said:?}");
    assert!(said[3].starts_with("  1  usual") && said[3].ends_with("  closed"), "{said:?}");
    let slow = within(Duration::from_secs(10), async || {
        (sandbox(&market).await["latencyMs"] == "700").then_some(())
    });
    slow.await.expect("the provider gets slow");

    let pid = child.id().unwrap().to_string();
    let mut kill = Command::new("kill");
    kill.args(["-TERM", &pid]);
    run(kill).await.well();
    let output = child.wait_with_output().await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), said.as_str()), (Some(1), "error: broken off\n"));
    assert_eq!(sandbox(&market).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_other_keys_nothing_is_slowed_down() {
    let market = market().await;
    let keys = scratch::directory("other-keys").unwrap();
    let mut command = breaker(&market, &[]);
    command.env("JANGTEO_KEY_DIR", keys.path());
    let Ended { code, out, err } = run(command).await;
    assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
    assert!(err.contains("TOKEN_INVALID") && err.contains("--key-dir"), "{err}");
    assert_eq!(sandbox(&market).await, json!({}));
}

#[tokio::test]
async fn too_few_seconds_show_nothing() {
    let ended = run(jangteo(&["demo-breaker", "--seconds", "9"])).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("--seconds"), "{ended:?}");
}
