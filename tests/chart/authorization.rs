//! Whom each `AuthorizationPolicy` lets through, as a sidecar decides it.

use serde_json::{Value, json};

use super::{
    objects::{LABELS, Objects, labels, list, selects, text, texts},
    render::NAMESPACE,
};

/// A call as the sidecar of its target sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    /// The caller's service account, as `namespace/name`.
    pub(super) account: &'a str,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) port: &'a str,
    /// Whose good token it carries, as `issuer/subject`; nobody's if empty.
    pub(super) person: &'a str,
    /// The roles in that token.
    pub(super) roles: &'a [&'a str],
}

impl<'a> Request<'a> {
    /// A gRPC call from one service account to a context.
    pub(super) fn grpc(account: &'a str, path: &'a str) -> Self {
        Self { account, method: "POST", path, port: "50051", person: "", roles: &[] }
    }
}

/// The policies before pods of one template.
pub(super) struct Guard<'a>(Vec<&'a Value>);

impl<'a> Guard<'a> {
    /// Those that select the pods.
    pub(super) fn of(objects: &'a Objects, pod: &Value) -> Self {
        let labelled = labels(pod, LABELS);
        let about = |policy: &&Value| selects(&policy["spec"]["selector"], &labelled);
        Self(objects.of("AuthorizationPolicy").filter(about).collect())
    }

    /// Whether a request comes through: nothing denies it, and something allows it if anything does.
    pub(super) fn lets_in(&self, request: &Request<'_>) -> bool {
        let (denying, allowing): (Vec<&Value>, Vec<&Value>) =
            self.0.iter().copied().partition(|it| text(it, "/spec/action") == "DENY");
        let fits = |policy: &&Value| list(policy, "/spec/rules").iter().any(|it| rule(it, request));
        !denying.iter().any(fits) && (allowing.is_empty() || allowing.iter().any(fits))
    }
}

fn rule(rule: &Value, request: &Request<'_>) -> bool {
    let from = list(rule, "/from");
    let to = list(rule, "/to");
    (from.is_empty() || from.iter().any(|it| source(&it["source"], request)))
        && (to.is_empty() || to.iter().any(|it| operation(&it["operation"], request)))
        && list(rule, "/when").iter().all(|it| condition(it, request))
}

fn source(source: &Value, request: &Request<'_>) -> bool {
    let (namespace, account) = request.account.split_once('/').expect("namespace/name");
    let principal = format!("cluster.local/ns/{namespace}/sa/{account}");
    let here = if namespace == NAMESPACE { account } else { request.account };
    every(source, |what| match what {
        "serviceAccounts" => vec![here, request.account],
        "principals" => vec![principal.as_str()],
        "namespaces" => vec![namespace],
        "requestPrincipals" => vec![request.person],
        _ => panic!("no source has {what}"),
    })
}

fn operation(operation: &Value, request: &Request<'_>) -> bool {
    every(operation, |what| match what {
        "paths" => vec![request.path],
        "methods" => vec![request.method],
        "ports" => vec![request.port],
        _ => panic!("no operation has {what}"),
    })
}

/// Roles in a token are all that is asked for.
fn condition(condition: &Value, request: &Request<'_>) -> bool {
    let key = text(condition, "/key");
    assert_eq!(key, "request.auth.claims[roles]", "no condition knows it");
    let among = |place: &str| texts(condition, place).iter().any(|it| request.roles.contains(it));
    let wanted = condition.get("values").is_none() || among("/values");
    wanted && !among("/notValues")
}

/// Whether all fields fit; one that begins with `not` fits where none of its values does.
fn every<'a>(fields: &Value, of: impl Fn(&str) -> Vec<&'a str>) -> bool {
    fields.as_object().into_iter().flatten().all(|(key, _)| {
        let what = key.strip_prefix("not").map(|rest| rest[..1].to_lowercase() + &rest[1..]);
        let values = of(what.as_deref().unwrap_or(key));
        let patterns = texts(fields, &format!("/{key}"));
        let fits = patterns.iter().any(|it| values.iter().any(|value| pattern(it, value)));
        fits != what.is_some()
    })
}

/// Exactly, or before or behind an asterisk.
fn pattern(pattern: &str, value: &str) -> bool {
    match (pattern.strip_suffix('*'), pattern.strip_prefix('*')) {
        (Some(""), _) => !value.is_empty(),
        (Some(before), _) => value.starts_with(before),
        (_, Some(behind)) => value.ends_with(behind),
        _ => pattern == value,
    }
}

#[test]
fn policies_are_understood_as_a_sidecar_does() {
    let policy = |spec: Value| json!({"kind": "AuthorizationPolicy", "spec": spec});
    let pod = json!({"metadata": {"labels": {"a": "b"}}});
    let from_deal = json!({"source": {"serviceAccounts": ["deal"]}});
    let to_get = json!({"operation": {"paths": ["/post/Get*"], "notPorts": ["9464"]}});
    let unsigned = json!({"source": {"notRequestPrincipals": ["issuer/*"]}});
    let others = json!({"key": "request.auth.claims[roles]", "notValues": ["courier"]});
    let allow = policy(json!({"rules": [{"from": [from_deal], "to": [to_get]}]}));
    let signed = policy(json!({"action": "DENY", "rules": [{"from": [unsigned]}]}));
    let couriers = policy(json!({"action": "DENY", "rules": [{"when": [others]}]}));
    let nothing = policy(json!({}));
    let of_others = policy(json!({"selector": {"matchLabels": {"a": "c"}}}));
    let get = Request::grpc("market/deal", "/post/Get");
    let person = Request { person: "issuer/kim", ..get };
    for (policies, request, through) in [
        (vec![], get, true),
        (vec![of_others], get, true),
        (vec![nothing.clone()], get, false),
        (vec![nothing, allow.clone()], get, true),
        (vec![allow.clone()], Request { port: "9464", ..get }, false),
        (vec![allow.clone()], Request { path: "/post/Put", ..get }, false),
        (vec![allow], Request { account: "other/deal", ..get }, false),
        (vec![signed.clone()], person, true),
        (vec![signed], get, false),
        (vec![couriers.clone()], Request { roles: &["courier"], ..person }, true),
        (vec![couriers], person, false),
    ] {
        let objects = Objects(policies);
        let guard = Guard::of(&objects, &pod);
        assert_eq!(guard.lets_in(&request), through, "{objects:?} {request:?}");
    }
}
