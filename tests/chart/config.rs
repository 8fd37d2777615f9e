//! What pods are told: they roll when it changes and only then, and secrets are in Secrets.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    objects::{Objects, contents, name, text},
    render::{preset, render},
    rules::{Fault, Rule, kept, missed_when_broken},
};

const CHECKSUM: &str = "/metadata/annotations/checksum~1config";
/// What is shorter may stand somewhere by chance.
const LONG: usize = 12;

const RULES: [Rule; 2] = [
    Rule {
        says: "pods carry a checksum of what they are told",
        check: summed,
        faults: &[
            Fault("Deployment/post", "/spec/template/metadata/annotations/checksum~1config", ""),
            Fault(
                "StatefulSet",
                "/spec/template/metadata/annotations/checksum~1config",
                "\"latest\"",
            ),
        ],
    },
    Rule {
        says: "a secret stands in a Secret alone",
        check: told,
        faults: &[
            Fault("ConfigMap", "/data/JANGTEO_MAIL_URL", "\"smtps://me:s3cret@mail.example\""),
            Fault("ConfigMap", "/data/user.pem", "\"-----BEGIN PRIVATE KEY-----\""),
            Fault(
                "Deployment/post",
                "/spec/template/spec/containers/0/args/-",
                "\"--nats-url=nats://post:s3cret@nats:4222\"",
            ),
        ],
    },
];

fn summed(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for (workload, pod) in objects.workloads() {
        let sum = text(pod, CHECKSUM);
        let is_sum = sum.len() == 64 && sum.chars().all(|it| it.is_ascii_hexdigit());
        if !configs(objects, pod).is_empty() && !is_sum && text(workload, "/kind") != "Pod" {
            found.push(format!("{} has `{sum}`", name(workload)));
        }
    }
    found
}

/// Each `ConfigMap` of the chart that a pod uses, by name, with what it holds.
fn configs<'a>(objects: &'a Objects, pod: &Value) -> BTreeMap<&'a str, BTreeMap<String, String>> {
    let mut used = BTreeSet::new();
    mentioned(&pod["spec"], &mut used);
    let all = objects.of("ConfigMap").filter(|map| used.contains(name(map)));
    all.map(|map| (name(map), contents(map))).collect()
}

fn mentioned<'a>(value: &'a Value, used: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                if ["configMap", "configMapRef", "configMapKeyRef"].contains(&key.as_str()) {
                    used.insert(text(inner, "/name"));
                }
                mentioned(inner, used);
            }
        }
        Value::Array(list) => {
            for inner in list {
                mentioned(inner, used);
            }
        }
        _ => {}
    }
}

/// Workloads that roll though what they are told did not change, or do not though it did.
fn out_of_step(before: &Objects, after: &Objects) -> Vec<String> {
    let mut found = vec![];
    for (workload, pod) in before.workloads().filter(|(it, _)| text(it, "/kind") != "Pod") {
        let Some(later) = after.named(text(workload, "/kind"), name(workload)) else { continue };
        let later = &later["spec"]["template"];
        let changed = configs(before, pod) != configs(after, later);
        let rolls = text(pod, CHECKSUM) != text(later, CHECKSUM);
        if changed != rolls {
            found.push(format!("{}: changed: {changed}, rolls: {rolls}", name(workload)));
        }
    }
    found
}

/// Secret words that stand elsewhere, and what looks like one.
fn told(objects: &Objects) -> Vec<String> {
    let words: BTreeSet<String> = objects.of("Secret").flat_map(secret_words).collect();
    let mut found = vec![];
    for object in objects.0.iter().filter(|it| text(it, "/kind") != "Secret") {
        let written = object.to_string();
        let by_look = written.contains("PRIVATE KEY") || password_in(&written);
        if by_look || words.iter().any(|word| written.contains(word)) {
            found.push(format!("{} {} tells one", text(object, "/kind"), name(object)));
        }
    }
    found
}

fn secret_words(secret: &Value) -> Vec<String> {
    contents(secret).values().flat_map(|value| words(value)).collect()
}

/// The secret words in a value: passwords of URLs, lines of keys, or all of it.
fn words(value: &str) -> Vec<String> {
    let words: Vec<&str> = if value.contains("://") {
        value.split(['/', ',', '@']).filter_map(|it| it.split_once(':')).map(|it| it.1).collect()
    } else {
        value.lines().filter(|line| !line.starts_with("-----")).collect()
    };
    words.into_iter().filter(|word| word.len() >= LONG).map(str::to_owned).collect()
}

/// Whether there is a URL with a password in a text; `$` begins the name of one.
fn password_in(written: &str) -> bool {
    written.split("://").skip(1).any(|rest| {
        let place = rest.split(['/', '"', ' ', '\\']).next().unwrap_or_default();
        let who = place.rsplit_once('@').map(|(who, _)| who);
        let password = who.and_then(|who| who.split_once(':')).map_or("", |(_, password)| password);
        !password.is_empty() && !password.starts_with('$')
    })
}

#[test]
fn pods_are_told_where_it_belongs() {
    kept(&RULES);
}

#[test]
fn pods_that_are_told_elsewhere_are_found() {
    missed_when_broken(&RULES);
}

#[test]
fn a_word_out_of_a_secret_is_found_anywhere() {
    let all = preset("as it comes");
    let words: Vec<_> = all.of("Secret").flat_map(secret_words).collect();
    assert!(words.len() > 2, "keys and passwords are made: {words:?}");
    for word in words {
        let mut faulty = all.clone();
        faulty.0.push(json!({"kind": "ConfigMap", "data": {"a": format!("see {word}")}}));
        assert_eq!(told(&faulty).len(), 1, "{word}");
    }
}

#[test]
fn pods_roll_when_what_they_are_told_changes_and_only_then() {
    let before = preset("as it comes");
    for (set, rolls) in [
        ("config.logLevel=debug", true),
        ("nats.demo.authorization.enabled=false", true),
        ("config.corsOrigins={https://market.example}", false),
        ("defaults.resources.requests.cpu=60m", false),
        ("image.tag=other", false),
        ("services.post.podAnnotations.a=b", false),
    ] {
        let after = render(&["--set", set]).unwrap();
        let found = out_of_step(before, &after);
        assert!(found.is_empty(), "{set}: {}", found.join("\n"));
        let differs = |called: &str| {
            let config = |objects: &Objects| objects.named("ConfigMap", called).map(contents);
            config(before) != config(&after)
        };
        let any = before.of("ConfigMap").any(|map| differs(name(map)));
        assert_eq!(any, rolls, "{set}");
    }
}

#[test]
fn pods_that_are_out_of_step_are_found() {
    let before = preset("as it comes");
    assert!(out_of_step(before, before).is_empty());
    for fault in [
        Fault("Deployment/post", "/spec/template/metadata/annotations/checksum~1config", "\"0\""),
        Fault("ConfigMap", "/data/RUST_LOG", "\"trace\""),
    ] {
        let after = fault.planted(before).unwrap();
        assert!(!out_of_step(before, &after).is_empty(), "{}", fault.1);
    }
}
