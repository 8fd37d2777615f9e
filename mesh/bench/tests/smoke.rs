//! A tiny bench of the debug build: it measures what it says, and proves nothing. The `jangteo` that it
//! starts is the one beside it, which a test of the whole workspace builds.

use std::process::Command;

use serde_json::Value;

fn bench(args: &[&str]) -> (bool, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_jangteo-bench"))
        .args(args)
        .args(["--rounds", "1", "--seconds", "0.5", "--json", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    (output.status.success(), report)
}

#[test]
fn a_debug_build_is_measured_and_not_judged() {
    let (fine, report) = bench(&["P1", "P4"]);
    assert!(fine, "{report:#}");
    let figures = report["figures"].as_array().unwrap();
    assert_eq!(figures.len(), 2, "{report:#}");
    for figure in figures {
        let rounds = figure["rounds"].as_array().unwrap();
        assert!(!rounds.is_empty(), "{figure:#}");
        for reading in rounds.iter().flat_map(|round| round["readings"].as_array().unwrap()) {
            for part in ["ours", "baseline"] {
                assert!(reading[part].as_f64().unwrap() > 0.0, "{part}: {figure:#}");
            }
        }
        for sum in figure["sums"].as_array().unwrap() {
            let verdict = sum["verdict"].as_str().unwrap();
            assert!(["debug_build", "untargeted"].contains(&verdict), "{figure:#}");
        }
    }
}

#[test]
fn a_gateway_is_measured_beside_what_is_behind_it() {
    let (fine, report) = bench(&["GATEWAY"]);
    assert!(fine, "{report:#}");
    for sum in report["figures"][0]["sums"].as_array().unwrap() {
        assert!(sum["ours"]["median"].as_f64().unwrap() > 0.0, "{report:#}");
    }
}

#[test]
fn an_unknown_figure_is_refused_with_those_there_are() {
    let output = Command::new(env!("CARGO_BIN_EXE_jangteo-bench")).arg("P0").output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("P1") && said.contains("P4"), "{said}");
}
