//! Rules of a mesh: nobody comes in unknown or in clear, and no service is taken away as a whole.

use serde_json::Value;

use super::{
    authorization::{Guard, Request},
    objects::{LABELS, Objects, component, is, labels, list, name, number, selects, text, texts},
    render::{preset, render},
    rules::{Fault, Rule, kept, missed_when_broken},
    table::{Access, Door, GATEWAY, Table},
};

const RULES: [Rule; 5] = [
    Rule {
        says: "a rule never takes all pods of a service away, nor for what they answer",
        check: ejected,
        faults: &[
            Fault("DestinationRule/post", "/spec/host", "\"post\""),
            Fault(
                "DestinationRule",
                "/spec/trafficPolicy/outlierDetection/maxEjectionPercent",
                "100",
            ),
            Fault(
                "DestinationRule",
                "/spec/trafficPolicy/outlierDetection/consecutive5xxErrors",
                "",
            ),
            Fault("DestinationRule/post", "/spec/trafficPolicy/tls", "{\"mode\": \"DISABLE\"}"),
            Fault(
                "DestinationRule/post",
                "/spec/trafficPolicy/connectionPool/http/maxRequestsPerConnection",
                "1",
            ),
        ],
    },
    Rule {
        says: "contexts are spoken to by mutual TLS alone",
        check: encrypted,
        faults: &[
            Fault("PeerAuthentication/post", "", ""),
            Fault("PeerAuthentication/post", "/spec/mtls/mode", "\"PERMISSIVE\""),
            Fault("PeerAuthentication/post", "/spec/selector/matchLabels/a", "\"b\""),
            Fault(
                "PeerAuthentication/post",
                "/spec/portLevelMtls",
                "{\"50051\": {\"mode\": \"PERMISSIVE\"}}",
            ),
        ],
    },
    Rule {
        says: "what no rule allows is denied",
        check: closed,
        faults: &[
            Fault("AuthorizationPolicy", "", ""),
            Fault("AuthorizationPolicy", "/spec/selector/matchLabels/a", "\"b\""),
        ],
    },
    Rule {
        says: "tokens are asked for where they are checked",
        check: signed,
        faults: &[
            Fault(
                "AuthorizationPolicy/gateway",
                "/spec/rules/0/to/0/operation/paths/0",
                "\"/other\"",
            ),
            Fault(
                "AuthorizationPolicy/gateway",
                "/spec/rules/1/from/0/source/notRequestPrincipals/0",
                "\"other/*\"",
            ),
            Fault("AuthorizationPolicy/gateway", "/spec/rules/2/when/0/notValues/0", "\"any\""),
            Fault("AuthorizationPolicy/gateway", "/spec/rules/3/when/0/notValues/0", "\"any\""),
        ],
    },
    Rule {
        says: "what is outside is spoken to as it speaks",
        check: outside,
        faults: &[
            Fault("ServiceEntry", "/spec/ports/0/protocol", "\"HTTP\""),
            Fault("ServiceEntry", "/spec/ports/0/name", "\"http-4222\""),
        ],
    },
];

/// Whether a mesh has anything to say here.
pub(super) fn meshed(objects: &Objects) -> bool {
    objects.0.iter().any(|it| text(it, "/apiVersion").contains("istio.io/"))
}

fn ejected(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for rule in objects.of("DestinationRule") {
        let policy = &rule["spec"]["trafficPolicy"];
        let ejects = policy.get("outlierDetection").is_some();
        let share = number(policy, "/outlierDetection/maxEjectionPercent").unwrap_or(100);
        let calls = number(policy, "/connectionPool/http/maxRequestsPerConnection").unwrap_or(0);
        for (wrong, what) in [
            (objects.named("Service", text(rule, "/spec/host")).is_none(), "is about nobody"),
            (ejects && share > 50, "may eject all"),
            (ejects && !is(policy, "/outlierDetection/consecutive5xxErrors", 0), "counts answers"),
            (policy.get("tls").is_some(), "says itself what is encrypted"),
            (calls != 0 && calls < 1000, "opens a connection for each call"),
        ] {
            if wrong {
                found.push(format!("{} {what}", name(rule)));
            }
        }
    }
    found
}

fn encrypted(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for deployment in objects.of("Deployment").filter(|_| meshed(objects)) {
        let labelled = labels(&deployment["spec"]["template"], LABELS);
        let about = |it: &&Value| selects(&it["spec"]["selector"], &labelled);
        let all: Vec<_> = objects.of("PeerAuthentication").filter(about).collect();
        let [one] = all[..] else {
            found.push(format!("{} has {} authentications", name(deployment), all.len()));
            continue;
        };
        let open = ports_apart(one).filter(|port| !may_be_open(component(deployment), port));
        found.extend(open.map(|port| format!("{} is open at {port}", name(deployment))));
        if !is(one, "/spec/mtls/mode", "STRICT") {
            found.push(format!("{} may be spoken to in clear", name(deployment)));
        }
    }
    found
}

/// The ports at which something else holds.
fn ports_apart(authentication: &Value) -> impl Iterator<Item = &str> {
    let ports = authentication.pointer("/spec/portLevelMtls").and_then(Value::as_object);
    ports.into_iter().flat_map(serde_json::Map::keys).map(String::as_str)
}

/// People come to the gateway through anything, and a Prometheus may be outside.
fn may_be_open(service: &str, port: &str) -> bool {
    port == "9464" || (service == GATEWAY && port == "8088")
}

fn closed(objects: &Objects) -> Vec<String> {
    let open = objects.of("Deployment").filter(|deployment| {
        let labelled = labels(&deployment["spec"]["template"], LABELS);
        let mut policies = objects.of("AuthorizationPolicy");
        let denies = policies.any(|it| {
            let empty = list(it, "/spec/rules").is_empty() && text(it, "/spec/action") != "DENY";
            empty && selects(&it["spec"]["selector"], &labelled)
        });
        meshed(objects) && !denies
    });
    open.map(|it| format!("{} is open", name(it))).collect()
}

fn signed(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for checks in objects.of("RequestAuthentication") {
        let pods = objects.selected(&labels(checks, "/spec/selector/matchLabels"));
        let [gateway] = pods[..] else {
            found.push(format!("{} checks tokens of {} workloads", name(checks), pods.len()));
            continue;
        };
        let guard = Guard::of(objects, &gateway["spec"]["template"]);
        let person = format!("{}/seller01", text(checks, "/spec/jwtRules/0/issuer"));
        let table = Table::read();
        for door in table.names().flat_map(|context| table.doors(context)) {
            found.extend(let_in(&guard, ingress(objects), &person, &door));
        }
    }
    found
}

/// People whom the gateway's sidecar lets through to an RPC, or keeps from it, against its contract.
fn let_in(guard: &Guard<'_>, account: &str, person: &str, door: &Door<'_>) -> Vec<String> {
    let path = door.path();
    let people: [(&str, &[&str]); 4] =
        [("", &[]), (person, &[]), (person, &["operator"]), (person, &["courier"])];
    let wrong = people.into_iter().filter(|(person, roles)| {
        let request = Request::grpc(account, &path);
        let request = Request { port: "8088", person, roles, ..request };
        guard.lets_in(&request) != may(door, person, roles)
    });
    wrong.map(|(person, roles)| format!("`{person}` {roles:?} at {path}")).collect()
}

/// Who may come in by the gateway: the first ingress that is named, or anybody.
fn ingress(objects: &Objects) -> &str {
    let policy = objects.part("AuthorizationPolicy", GATEWAY);
    let named = policy.map(|it| texts(it, "/spec/rules/0/from/0/source/serviceAccounts"));
    named.and_then(|named| named.first().copied()).unwrap_or("istio-ingress/any")
}

/// Whether a person may call an RPC; only its context knows the rest.
fn may(door: &Door<'_>, person: &str, roles: &[&str]) -> bool {
    let signed = !person.is_empty();
    let operator = signed && roles.contains(&"operator");
    let listed =
        door.rpc.roles.is_empty() || door.rpc.roles.iter().any(|it| roles.contains(&it.as_str()));
    match door.rpc.access {
        Access::Public => true,
        Access::User => signed && listed,
        Access::Service => operator && door.rpc.operators,
        Access::Operator => operator,
    }
}

fn outside(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for entry in objects.of("ServiceEntry") {
        for port in list(entry, "/spec/ports") {
            let (called, spoken) = (text(port, "/name"), text(port, "/protocol"));
            let named = called.starts_with(&spoken.to_lowercase());
            if !["TCP", "TLS"].contains(&spoken) || !named {
                found.push(format!("{} has {port}", name(entry)));
            }
        }
    }
    found
}

#[test]
fn the_rules_of_the_mesh_are_safe() {
    kept(&RULES);
}

#[test]
fn rules_of_the_mesh_that_are_not_are_found() {
    missed_when_broken(&RULES);
}

#[test]
fn there_is_nothing_of_a_mesh_where_there_is_none() {
    for (name, mesh) in [
        ("as it comes", false),
        ("production", false),
        ("reference", false),
        ("locked up", false),
        ("in a mesh", true),
        ("at a mesh's edge", true),
        ("production in a mesh", true),
        ("everything on", true),
    ] {
        assert_eq!(meshed(preset(name)), mesh, "{name}");
    }
}

#[test]
fn what_is_reached_past_the_sidecars_is_named() {
    let past = "nats.excludeFromSidecar=true,databases.excludeFromSidecar=true";
    let values = ["-f", "values-production.yaml", "-f", "values-istio.yaml", "--set", past];
    let annotation = "traffic.sidecar.istio.io/excludeOutboundPorts";
    let usual = preset("production in a mesh");
    for (objects, ports) in [(&render(&values).unwrap(), "4222,5432"), (usual, "")] {
        for deployment in objects.of("Deployment") {
            let annotations = labels(deployment, "/spec/template/metadata/annotations");
            let named = annotations.get(annotation).copied().unwrap_or_default();
            assert_eq!(named, ports, "{}", name(deployment));
        }
    }
}
