//! The chart as the real Helm renders it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::objects::Objects;
use crate::stories::shell::root;

/// The release of most tests.
pub(super) const RELEASE: &str = "market";
/// The namespace that it is rendered for.
pub(super) const NAMESPACE: &str = "market";

/// What people install. Each is rendered once, for all tests.
const PRESETS: [(&str, &[&str]); 9] = [
    ("as it comes", &[]),
    ("production", &["-f", "values-production.yaml"]),
    ("reference", &["-f", "values-reference.yaml"]),
    ("in a mesh", &["-f", "values-istio.yaml"]),
    ("production in a mesh", &["-f", "values-production.yaml", "-f", "values-istio.yaml"]),
    (
        "at a mesh's edge",
        &[
            "-f",
            "values-istio.yaml",
            "--set",
            "gateway.host=market.example,gateway.istio.enabled=true,gateway.istio.gateway=edge/main",
            "--set",
            "nats.url=nats://nats.market.example:4222,nats.monitorUrl=http://nats.market.example:8222",
            "--set",
            "istio.ingressServiceAccounts={edge/main}",
        ],
    ),
    (
        "by the Gateway API",
        &[
            "-f",
            "values-istio.yaml",
            "--set",
            "gateway.host=market.example,gateway.gatewayApi.enabled=true",
            "--set",
            "gateway.gatewayApi.parentRefs[0].name=edge",
        ],
    ),
    ("locked up", &["--set", "networkPolicy.enabled=true,metrics.enabled=true"]),
    (
        "everything on",
        &[
            "-f",
            "values-production.yaml",
            "-f",
            "values-istio.yaml",
            "--set",
            "istio.telemetry.enabled=true,istio.telemetry.tracingProvider=tempo",
            "--set",
            "services.view.autoscaling.enabled=false,services.view.keda.enabled=true",
            "--set",
            "metrics.enabled=true,metrics.serviceMonitor.enabled=true",
            "--set",
            "metrics.prometheusRule.enabled=true,metrics.dashboards.enabled=true",
        ],
    ),
];

/// The folder of the chart.
pub(super) fn chart() -> PathBuf {
    root().join("helm")
}

/// Every preset by its name.
pub(super) fn presets() -> impl Iterator<Item = (&'static str, &'static Objects)> {
    PRESETS.into_iter().map(|(name, _)| (name, preset(name)))
}

/// One of them.
pub(super) fn preset(name: &str) -> &'static Objects {
    static RENDERED: LazyLock<BTreeMap<&'static str, Result<Objects>>> = LazyLock::new(|| {
        PRESETS.into_iter().map(|(name, values)| (name, render(values))).collect()
    });
    let rendered = RENDERED.get(name).expect("it is in the list above");
    rendered.as_ref().unwrap_or_else(|error| panic!("{name}: {error:#}"))
}

/// Renders the chart with these values, which are given as to Helm; an error says what Helm said.
pub(super) fn render(values: &[&str]) -> Result<Objects> {
    render_as(RELEASE, &chart(), values)
}

/// The same of any chart, as a release of this name.
pub(super) fn render_as(release: &str, chart: &Path, values: &[&str]) -> Result<Objects> {
    let folder = chart.to_str().context("the path of a chart is UTF-8")?;
    let args = ["template", release, folder, "--namespace", NAMESPACE];
    let rendered = helm(&[&args[..], values].concat())?;
    let objects: Vec<Value> = serde_saphyr::from_multiple(&rendered)?;
    if objects.is_empty() {
        bail!("nothing was rendered");
    }
    Ok(Objects(objects))
}

/// What Helm prints; an error says what it complains of. Files are looked for in the chart.
pub(super) fn helm(args: &[&str]) -> Result<String> {
    let ours = root().join(".tools/helm");
    let program = if ours.is_file() { ours } else { "helm".into() };
    let output = Command::new(program).args(args).current_dir(chart()).output();
    let output = output.context("the tests need helm: `make tools` brings it")?;
    if !output.status.success() {
        bail!("helm: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[test]
fn what_cannot_be_rendered_is_told_in_helms_words() {
    let error = render(&["--set", "services.post.replica=2"]).expect_err("there is no such value");
    let said = format!("{error:#}");
    assert!(said.contains("replica") && said.contains("services"), "{said}");
}
