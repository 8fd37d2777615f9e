//! Whom each `NetworkPolicy` lets connect, as a network decides it.

use serde_json::{Value, json};

use super::objects::{LABELS, Labels, Objects, is, labels, list, selects, texts};

/// One end of a connection.
#[derive(Clone, Debug)]
pub(super) struct End<'a> {
    pub(super) namespace: &'a str,
    pub(super) labels: Labels<'a>,
}

impl<'a> End<'a> {
    /// Pods of a template.
    pub(super) fn of(pod: &'a Value, namespace: &'a str) -> Self {
        Self { namespace, labels: labels(pod, LABELS) }
    }
}

/// Where a connection arrives: its number, and what the pod calls it.
pub(super) type Port<'a> = (i64, &'a str);

/// The two ways of a connection through the policies of the ends' own namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}

impl Way {
    fn names(self) -> [&'static str; 3] {
        match self {
            Self::In => ["Ingress", "ingress", "from"],
            Self::Out => ["Egress", "egress", "to"],
        }
    }
}

/// Whether pods may take up a connection that arrives at a port: from others, or to others.
pub(super) fn connects(
    objects: &Objects,
    pods: &End<'_>,
    way: Way,
    other: &End<'_>,
    port: Port<'_>,
) -> bool {
    let [kind, rules, peers] = way.names();
    let about = |policy: &&Value| {
        let spec = &policy["spec"];
        let ways = texts(spec, "/policyTypes");
        let implied = ways.is_empty() && (way == Way::In || spec.get(rules).is_some());
        selects(&spec["podSelector"], &pods.labels) && (implied || ways.contains(&kind))
    };
    let policies: Vec<&Value> = objects.of("NetworkPolicy").filter(about).collect();
    let fits = |rule: &Value| {
        let [ports, peers] = ["/ports".to_owned(), format!("/{peers}")].map(|it| list(rule, &it));
        (ports.is_empty() || ports.iter().any(|it| arrives(it, port)))
            && (peers.is_empty() || peers.iter().any(|it| meant(it, pods.namespace, other)))
    };
    policies.is_empty()
        || policies.iter().any(|it| list(it, &format!("/spec/{rules}")).iter().any(fits))
}

fn arrives(allowed: &Value, (number, called): Port<'_>) -> bool {
    allowed.get("port").is_none_or(|port| *port == number || *port == called)
}

/// Whether a peer of a rule is this end; what is elsewhere is meant by its namespace alone, or by an
/// address that may be anybody's.
fn meant(peer: &Value, here: &str, end: &End<'_>) -> bool {
    if peer.get("ipBlock").is_some() {
        return is(peer, "/ipBlock/cidr", "0.0.0.0/0");
    }
    let namespace = Labels::from([("kubernetes.io/metadata.name", end.namespace)]);
    let there = match peer.get("namespaceSelector") {
        Some(selector) => selects(selector, &namespace),
        None => end.namespace == here,
    };
    there && selects(&peer["podSelector"], &end.labels)
}

#[test]
fn policies_are_understood_as_a_network_does() {
    let only = json!({"matchLabels": {"a": "post"}});
    let policy = |spec: Value| Objects(vec![json!({"kind": "NetworkPolicy", "spec": spec})]);
    let end = |namespace, called| End { namespace, labels: Labels::from([("a", called)]) };
    let (post, deal, away) = (end("here", "post"), end("here", "deal"), end("there", "deal"));
    let from_deal = json!([{"podSelector": {"matchLabels": {"a": "deal"}}}]);
    let named = json!([{"from": from_deal, "ports": [{"port": "grpc"}]}]);
    let there = json!([{"namespaceSelector": {"matchLabels": {
        "kubernetes.io/metadata.name": "there"}}}]);
    for (spec, way, other, connected) in [
        (json!({"podSelector": {"matchLabels": {"a": "view"}}}), Way::In, &deal, true),
        (json!({"podSelector": {}}), Way::In, &deal, false),
        (json!({"podSelector": {}}), Way::Out, &deal, true),
        (json!({"podSelector": {}, "policyTypes": ["Egress"]}), Way::Out, &deal, false),
        (json!({"podSelector": only, "ingress": [{"from": from_deal}]}), Way::In, &deal, true),
        (json!({"podSelector": only, "ingress": [{"from": from_deal}]}), Way::In, &away, false),
        (json!({"podSelector": only, "ingress": [{"from": there}]}), Way::In, &away, true),
        (json!({"podSelector": only, "ingress": named}), Way::In, &deal, true),
        (
            json!({"podSelector": only, "ingress": [{"ports": [{"port": 1}]}]}),
            Way::In,
            &deal,
            false,
        ),
        (json!({"podSelector": only, "egress": [{}]}), Way::Out, &away, true),
    ] {
        let objects = policy(spec);
        let found = connects(&objects, &post, way, other, (50051, "grpc"));
        assert_eq!(found, connected, "{objects:?}");
    }
}
