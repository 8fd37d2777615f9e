//! What `/openapi.json` promises is what is answered.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tokio::process::Command;

use super::web::Web;
use crate::{
    mesh::Database,
    pace::is_full,
    stories::{
        market::{ALL, Market},
        shell::{Ended, packages, run},
    },
};

/// A Python program that judges.
async fn python(module: &str, args: &[&str]) -> Ended {
    let mut python = Command::new("python3");
    python
        .env("PYTHONPATH", packages("openapi").await)
        .args(["-m", module])
        .args(args)
        .kill_on_drop(true);
    // Neither reads nor leaves behind what another run has learnt.
    let dir = tempfile::tempdir().unwrap();
    python.current_dir(dir.path());
    run(python).await
}

/// Requests made up from the document, good ones and bad ones, and what their answers should be.
async fn played(file: &Path, market: &Market) -> Ended {
    let (url, token) = (market.post().http_url(), market.keys.user("seller01"));
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,\
        response_schema_conformance,response_headers_conformance";
    let args = [
        "run",
        file.to_str().unwrap(),
        "--url",
        &url,
        "--header",
        &format!("Authorization: Bearer {token}"),
        // A watch does not end.
        "--exclude-path-regex",
        ":watch$",
        "--checks",
        checks,
        "--max-examples",
        if is_full() { "100" } else { "10" },
        "--seed",
        "1",
        "--no-color",
    ];
    python("schemathesis.cli", &args).await
}

async fn document(market: &Market) -> Value {
    let answer = Web::stranger(market.post()).get("/openapi.json").await;
    assert_eq!((answer.code, answer.header("content-type")), (200, "application/json"));
    answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_a_sound_document() {
    let market = Market::of(ALL, Database::Sqlite).await;
    let (dir, document) = (tempfile::tempdir().unwrap(), document(&market).await);
    assert_eq!(document["openapi"], "3.1.0");
    let judged = async |document: &Value| {
        let file = dir.path().join("openapi.json");
        fs::write(&file, document.to_string()).unwrap();
        python("openapi_spec_validator", &[file.to_str().unwrap()]).await
    };
    judged(&document).await.well();
    let mut broken = document;
    broken["paths"]["/v1/posts"]["get"]["parameters"][0]["in"] = json!("somewhere");
    assert_ne!(judged(&broken).await.code, Some(0), "the judge is awake");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_promises_every_answer_that_is_given() {
    let market = Market::of(ALL, Database::Sqlite).await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("openapi.json");
    let mut document = document(&market).await;
    fs::write(&file, document.to_string()).unwrap();
    let said = played(&file, &market).await.well();
    assert!(said.contains("generated"), "{said}");

    // A document that promises success alone is found out.
    for path in document["paths"].as_object_mut().unwrap().values_mut() {
        for operation in path.as_object_mut().unwrap().values_mut() {
            operation["responses"].as_object_mut().unwrap().remove("default");
        }
    }
    fs::write(&file, document.to_string()).unwrap();
    let said = played(&file, &market).await;
    assert!(said.code == Some(1) && said.out.contains("Undocumented"), "{said:?}");
}

/// The page on which people try it: all of it comes from here.
#[tokio::test(flavor = "multi_thread")]
async fn its_page_is_served_whole() {
    let market = Market::of(ALL, Database::Sqlite).await;
    let web = Web::stranger(market.post());
    let text = async |path: &str| {
        let response = web.ask(reqwest::Method::GET, path).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        response.text().await.unwrap()
    };
    let page = text("/docs").await;
    let parts: Vec<&str> =
        page.split(['"', '\'']).filter_map(|part| part.strip_prefix("./")).collect();
    assert!(parts.len() >= 4, "{page}");
    for part in parts.iter().filter(|part| !part.contains(".png")) {
        assert!(!text(&format!("/docs/{part}")).await.is_empty(), "{part}");
    }
    assert!(text("/docs/swagger-initializer.js").await.contains("/openapi.json"));
    assert!(!page.contains("://"), "nothing is fetched from elsewhere: {page}");
}
