//! What the values files promise, and what a release has in common with others: nothing.

use std::{collections::BTreeSet, fs, os::unix::fs::symlink};

use jangteo_testing::scratch;
use serde_json::{Value, json};

use super::{
    objects::{LABELS, Objects, contains, labels, list, name, number, text},
    render::{NAMESPACE, chart, preset, render, render_as},
    replicas::{range, scalers},
};

/// The requirement behind a figure, whose it is, the fewest and the most replicas, and the use of CPU.
const SCALED: [(&str, &str, i64, i64, i64); 5] = [
    ("A-O3", "post", 1, 3, 50),
    ("B-O2", "rental", 1, 10, 15),
    ("B-O2", "review", 1, 10, 15),
    ("C-N3", "deal", 1, 3, 50),
    ("D-O2", "order", 1, 3, 20),
];

/// The probes of every service of the five, but for my-page's delay: delay, timeout, period, failures.
const PROBED: [(&str, [i64; 4]); 2] = [("readiness", [10, 2, 5, 10]), ("liveness", [120, 2, 5, 5])];

/// Values that cannot work, and what is to be set in their place.
const REFUSED: [(&str, &[&str]); 14] = [
    ("services.post.replicas=2", &["services.post", "database.driver"]),
    ("services.post.database.driver=postgres", &["services.post.database.existingSecret"]),
    ("services.post.preStopSeconds=30", &["services.post.terminationGracePeriodSeconds"]),
    ("services.pots.enabled=true", &["services", "pots"]),
    ("services.post.enabled=maybe", &["services", "enabled"]),
    ("auth.development.enabled=false", &["auth.users.issuer", "auth.services.issuer"]),
    ("config.production=true", &["auth.development.enabled"]),
    ("nats.demo.enabled=false", &["nats.url", "nats.existingSecret"]),
    ("nats.url=nats://post:s3cret@nats:4222", &["nats.existingSecret"]),
    ("nats.streamReplicas=3", &["nats.streamReplicas"]),
    ("mail.from=market@market.example", &["mail.existingSecret"]),
    ("metrics.serviceMonitor.enabled=true", &["metrics.enabled"]),
    ("gateway.gatewayApi.enabled=true", &["gateway.gatewayApi.parentRefs"]),
    ("gateway.gatewayApi.enabled=true,gateway.istio.enabled=true", &["gateway.istio.enabled"]),
];

/// Figures of the reference that are others than those of the five.
fn other_figures(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for (requirement, service, least, most, using) in SCALED {
        let deployment = objects.part("Deployment", service).expect("it is deployed");
        let container = &deployment["spec"]["template"]["spec"]["containers"][0];
        let scalers = scalers(objects, name(deployment));
        let by = scalers
            .first()
            .and_then(|(it, ..)| number(it, "/spec/metrics/0/resource/target/averageUtilization"));
        let cpu = text(container, "/resources/requests/cpu");
        let range = range(objects, deployment);
        if (range, by, cpu) != ((least, most), Some(using), "200m") {
            found.push(format!("{requirement}: {service} has {range:?} by {by:?} of {cpu}"));
        }
    }
    for deployment in objects.of("Deployment") {
        let container = &deployment["spec"]["template"]["spec"]["containers"][0];
        for (probe, mut wanted) in PROBED {
            if name(deployment).ends_with("-view") && probe == "readiness" {
                wanted[0] = 30;
            }
            let keys = ["initialDelay", "timeout", "period"].map(|it| format!("{it}Seconds"));
            let keys = keys.into_iter().chain(["failureThreshold".to_owned()]);
            let set = keys.map(|key| container[format!("{probe}Probe")][key].as_i64());
            if !set.eq(wanted.map(Some)) {
                found.push(format!("{} has another {probe} probe", name(deployment)));
            }
        }
    }
    found
}

/// What keeps a release out of production.
fn not_for_people(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for deployment in objects.of("Deployment") {
        let container = &deployment["spec"]["template"]["spec"]["containers"][0];
        let told = objects.environment(container);
        let says = |name: &str| told.get(name).map(String::as_str).unwrap_or_default();
        let production = says("JANGTEO_PRODUCTION") == "true";
        let issuers = ["USER", "SERVICE"].map(|whose| says(&format!("JANGTEO_{whose}_ISSUER")));
        let signed = issuers.iter().all(|issuer| issuer.starts_with("https://"));
        let alone = range(objects, deployment).0 < 2;
        if alone || !production || !signed || told.contains_key("JANGTEO_KEY_DIR") {
            found.push(format!("{} is for trying out", name(deployment)));
        }
    }
    for kind in ["StatefulSet", "Secret", "PersistentVolumeClaim"] {
        found.extend(objects.of(kind).map(|it| format!("{kind} {} is made here", name(it))));
    }
    found
}

/// What two releases in one namespace have in common.
fn shared(one: &Objects, other: &Objects) -> Vec<String> {
    let names = |objects: &Objects| -> BTreeSet<String> {
        let all = objects.0.iter().map(|it| format!("{} {}", text(it, "/kind"), name(it)));
        all.collect()
    };
    let mut found: Vec<_> = names(one).intersection(&names(other)).cloned().collect();
    for service in one.of("Service") {
        let by = labels(service, "/spec/selector");
        let theirs = other.workloads().filter(|(_, pod)| contains(&labels(pod, LABELS), &by));
        found.extend(theirs.map(|(it, _)| format!("{} selects {}", name(service), name(it))));
    }
    found
}

/// Objects that take more than Kubernetes itself.
fn beyond_kubernetes(objects: &Objects) -> Vec<String> {
    let ours = ["v1", "apps/v1", "autoscaling/v2", "policy/v1", "networking.k8s.io/v1"];
    let others = objects.0.iter().filter(|it| !ours.contains(&text(it, "/apiVersion")));
    others.map(|it| format!("{} {}", text(it, "/apiVersion"), name(it))).collect()
}

/// What is changed in place of a first deployment's.
fn planted(objects: &Objects, pointer: &str, value: Value) -> Objects {
    let mut objects = objects.clone();
    let mut all = objects.0.iter_mut();
    let deployment = all.find(|it| it.pointer(pointer).is_some()).expect("it is somewhere");
    *deployment.pointer_mut(pointer).expect("it is there") = value;
    objects
}

#[test]
fn the_reference_has_the_figures_of_the_five() {
    let reference = preset("reference");
    let found = other_figures(reference);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let container = "/spec/template/spec/containers/0";
    for (pointer, value) in [
        ("/spec/maxReplicas".to_owned(), json!(4)),
        ("/spec/metrics/0/resource/target/averageUtilization".to_owned(), json!(51)),
        (format!("{container}/readinessProbe/periodSeconds"), json!(1)),
    ] {
        let faulty = planted(reference, &pointer, value);
        assert_eq!(other_figures(&faulty).len(), 1, "{pointer}");
    }
}

#[test]
fn production_takes_no_chances() {
    let production = preset("production");
    let found = not_for_people(production);
    assert!(found.is_empty(), "{}", found.join("\n"));
    for values in ["JANGTEO_PRODUCTION", "JANGTEO_USER_ISSUER"] {
        let faulty = planted(production, &format!("/data/{values}"), json!("false"));
        assert!(!not_for_people(&faulty).is_empty(), "{values}");
    }
    assert!(!not_for_people(preset("as it comes")).is_empty());
}

#[test]
fn two_releases_in_one_namespace_have_nothing_in_common() {
    let long = "a-market-with-a-name-as-long-as-helm-takes-it-at-most";
    for (one, other) in
        [("market", "bazaar"), ("jangteo", "market"), (long, &long[..50]), ("a", "a-jangteo")]
    {
        let releases = [one, other].map(|it| render_as(it, &chart(), &[]).unwrap());
        let found = shared(&releases[0], &releases[1]);
        assert!(found.is_empty(), "{one}, {other}: {}", found.join("\n"));
        assert!(shared(&releases[0], &releases[0]).len() > releases[0].0.len());
    }
}

#[test]
fn it_comes_up_without_anything_but_kubernetes() {
    assert_eq!(beyond_kubernetes(preset("as it comes")), Vec::<String>::new());
    assert_eq!(beyond_kubernetes(preset("reference")), Vec::<String>::new());
    assert!(!beyond_kubernetes(preset("in a mesh")).is_empty());
    let elsewhere =
        |object: &&Value| !["", NAMESPACE].contains(&text(object, "/metadata/namespace"));
    assert_eq!(preset("everything on").0.iter().find(elsewhere), None);
}

#[test]
fn what_cannot_work_is_refused_with_what_to_set() {
    for (set, words) in REFUSED {
        let error = render(&["--set", set]).expect_err(set);
        let said = format!("{error:#}");
        assert!(words.iter().all(|word| said.contains(word)), "{set}: {said}");
    }
}

#[test]
fn it_is_a_part_of_a_larger_chart() {
    let dir = scratch::directory("umbrella").unwrap();
    let parent = "apiVersion: v2\nname: town\nversion: 1.0.0\ndependencies:\n  - name: jangteo\n    \
                  version: \">=0.0.0-0\"\n    repository: \"\"\n    condition: jangteo.enabled\n";
    fs::write(dir.path().join("Chart.yaml"), parent).unwrap();
    fs::create_dir(dir.path().join("charts")).unwrap();
    symlink(chart(), dir.path().join("charts/jangteo")).unwrap();
    let values = ["--set", "global.town=seoul,global.imageRegistry=registry.example"];
    let on = [&values[..], &["--set", "jangteo.enabled=true"][..]].concat();
    let objects = render_as("town", dir.path(), &on).unwrap();
    let containers = objects.workloads().flat_map(|(_, pod)| list(pod, "/spec/containers"));
    let images: Vec<_> = containers.map(|container| text(container, "/image")).collect();
    assert!(images.len() > 15, "{images:?}");
    assert!(images.iter().all(|image| image.starts_with("registry.example/")), "{images:?}");
    let off = [&values[..], &["--set", "jangteo.enabled=false"][..]].concat();
    let error = render_as("town", dir.path(), &off).expect_err("it is off");
    assert!(error.to_string().contains("nothing was rendered"), "{error:#}");
}
