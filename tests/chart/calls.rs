//! Who gets through to whom: by policies of the mesh, by those of the network, and by what a sidecar is
//! told. All of it comes from one table, and is worked out from it here a second time.

use serde_json::{Value, json};

use super::{
    authorization::{Guard, Request},
    network::{End, Port, Way, connects},
    objects::{LABELS, Labels, Objects, component, labels, list, name, selects, text, texts},
    render::NAMESPACE,
    rules::{Fault, Rule, kept, missed_when_broken},
    table::{Door, GATEWAY, Table},
};

/// What plays the stories after an installation.
const TEST: &str = "test";
/// Whoever else runs in the namespace.
const STRANGER: &str = "stranger";
/// The broker.
const NATS: &str = "nats";
/// Where contexts speak gRPC.
const GRPC: Port<'_> = (50051, "grpc");
/// What no contract knows.
const UNKNOWN: &str = "/jangteo.none.v1.NoneService/None";
const HEALTH: &str = "/grpc.health.v1.Health/Check";

const RULES: [Rule; 3] = [
    Rule {
        says: "the mesh lets through the calls that contracts name",
        check: authorized,
        faults: &[
            Fault("AuthorizationPolicy/post", "", ""),
            Fault("AuthorizationPolicy/post", "/spec/rules/0/from", ""),
            Fault("AuthorizationPolicy/post", "/spec/rules/0/to", ""),
            Fault("AuthorizationPolicy/post", "/spec/rules/0/to/0/operation/paths/0", ""),
            Fault("AuthorizationPolicy/post", "/spec/rules/0/to/0/operation/paths/-", "\"*\""),
            Fault(
                "AuthorizationPolicy/post",
                "/spec/rules/0/from/0/source/serviceAccounts/-",
                "\"market-jangteo-review\"",
            ),
            Fault("AuthorizationPolicy/post", "/spec/rules/-", "{}"),
            Fault("AuthorizationPolicy/gateway", "/spec/rules/0/to", ""),
            Fault("Deployment/deal", "/spec/template/spec/serviceAccountName", "\"default\""),
        ],
    },
    Rule {
        says: "the network lets through whom contracts name",
        check: connected,
        faults: &[
            Fault("NetworkPolicy/post", "", ""),
            Fault("NetworkPolicy/post", "/spec/ingress/0/from", ""),
            Fault("NetworkPolicy/post", "/spec/ingress/0/from/0", ""),
            Fault("NetworkPolicy/post", "/spec/ingress/0/ports/0/port", "50052"),
            Fault("NetworkPolicy/post", "/spec/ingress/-", "{}"),
            Fault("NetworkPolicy/post", "/spec/egress", "[]"),
            Fault("NetworkPolicy/post", "/spec/egress/-", "{}"),
            Fault("NetworkPolicy/view", "/spec/policyTypes", "[\"Ingress\"]"),
            Fault("NetworkPolicy/nats", "/spec/ingress/0/from/0", ""),
            Fault("NetworkPolicy/test", "/spec/egress", "[]"),
            Fault("NetworkPolicy/gateway", "/spec/ingress", "[]"),
        ],
    },
    Rule {
        says: "a sidecar knows whom its service calls, and nobody else",
        check: informed,
        faults: &[
            Fault("Sidecar/view", "", ""),
            Fault("Sidecar/view", "/spec/egress/0/hosts/1", ""),
            Fault("Sidecar/post", "/spec/egress/0/hosts/-", "\"./*\""),
            Fault("Sidecar/post", "/spec/workloadSelector/labels/a", "\"b\""),
        ],
    },
];

/// The pods of a service, from whatever runs them.
fn pod<'a>(objects: &'a Objects, service: &str) -> Option<&'a Value> {
    objects.workloads().map(|(_, pod)| pod).find(|pod| component(pod) == service)
}

fn authorized(objects: &Objects) -> Vec<String> {
    if objects.of("AuthorizationPolicy").next().is_none() {
        return vec![];
    }
    let table = Table::read();
    let mut found = at_gateway(objects);
    for caller in table.services().chain([TEST, STRANGER]) {
        let account = pod(objects, caller).map(|pod| text(pod, "/spec/serviceAccountName"));
        let account = format!("{NAMESPACE}/{}", account.unwrap_or(caller));
        for target in table.names().filter(|target| *target != caller) {
            found.extend(through(objects, caller, &account, target));
        }
    }
    found
}

/// What one service may ask another, or may not, against the table.
fn through(objects: &Objects, caller: &str, account: &str, target: &str) -> Vec<String> {
    let table = Table::read();
    let Some(pod) = pod(objects, target) else { return vec![format!("there is no {target}")] };
    let guard = Guard::of(objects, pod);
    let asks = |path: &str, account: &str| guard.lets_in(&Request::grpc(account, path));
    let named = table.services().any(|it| it == caller);
    let may = |door: &Door<'_>| named && table.may(caller, target, door);
    let mut found: Vec<_> = table
        .doors(target)
        .map(|door| (door.path(), may(&door)))
        .chain([(UNKNOWN.to_owned(), false)])
        .filter(|(path, may)| asks(path, account) != *may)
        .map(|(path, may)| format!("{caller} may call {path} of {target}: {}", !may))
        .collect();
    // The same name in another namespace is somebody else.
    let elsewhere = account.replace(&format!("{NAMESPACE}/"), "elsewhere/");
    if table.doors(target).any(|door| asks(&door.path(), &elsewhere)) {
        found.push(format!("{elsewhere} may call {target}"));
    }
    if caller == GATEWAY && !asks(HEALTH, account) {
        found.push(format!("{caller} cannot ask how {target} is"));
    }
    found
}

/// Whom the gateway lets in by its door for people, and that there is no other one.
fn at_gateway(objects: &Objects) -> Vec<String> {
    let Some(pod) = pod(objects, GATEWAY) else { return vec!["there is no gateway".to_owned()] };
    let (guard, test) = (Guard::of(objects, pod), pod_account(objects, TEST));
    let asks = |port: &'static str, account: &str| {
        let path = if port == "8088" { "/v1/posts" } else { UNKNOWN };
        guard.lets_in(&Request { port, ..Request::grpc(account, path) })
    };
    let mut found = vec![];
    if test.is_some_and(|test| !asks("8088", &test)) {
        found.push("the test does not get in".to_owned());
    }
    for account in ["market/market-jangteo-post", "elsewhere/any"] {
        if asks("50051", account) {
            found.push(format!("{account} comes in by the back door"));
        }
    }
    found
}

fn pod_account(objects: &Objects, service: &str) -> Option<String> {
    let account = text(pod(objects, service)?, "/spec/serviceAccountName");
    Some(format!("{NAMESPACE}/{account}"))
}

fn connected(objects: &Objects) -> Vec<String> {
    if objects.of("NetworkPolicy").next().is_none() {
        return vec![];
    }
    let services = Table::read().services().chain([TEST, NATS]);
    let services: Vec<_> = services.filter(|it| pod(objects, it).is_some()).collect();
    let mut found = everybody(objects);
    for target in &services {
        for caller in services.iter().chain([&STRANGER]).filter(|it| *it != target) {
            found.extend(astray(objects, caller, target));
        }
    }
    found
}

/// Connections of one to another that are made and should not be, or the other way round.
fn astray(objects: &Objects, caller: &str, target: &str) -> Vec<String> {
    let (from, to) = (end(objects, caller), end(objects, target));
    let wrong = ports(caller, target).into_iter().filter_map(|(port, meant)| {
        let comes = connects(objects, &to, Way::In, &from, port);
        // Who is not of the market has no policy of his own: he is stopped where he arrives.
        let goes = match caller {
            STRANGER => meant,
            _ => connects(objects, &from, Way::Out, &to, port),
        };
        let said = format!("{caller} -> {target}:{}, goes: {goes}, comes: {comes}", port.0);
        ((goes, comes) != (meant, meant)).then_some(said)
    });
    wrong.collect()
}

fn end<'a>(objects: &'a Objects, service: &str) -> End<'a> {
    match pod(objects, service) {
        Some(pod) => End::of(pod, NAMESPACE),
        None => End { namespace: NAMESPACE, labels: Labels::new() },
    }
}

/// The ports at which one may want to speak to another, and whether he has to.
fn ports(caller: &str, target: &str) -> Vec<(Port<'static>, bool)> {
    let table = Table::read();
    let context = table.names().any(|it| it == caller);
    match target {
        NATS => vec![((4222, "tcp-nats"), context), ((8222, "monitor"), context)],
        // Who else may come to its door for people is a matter of values.
        GATEWAY if caller == TEST => vec![((8088, "http"), true), (GRPC, false)],
        TEST | GATEWAY => vec![(GRPC, false)],
        _ => vec![(GRPC, (context || caller == GATEWAY) && table.calls(caller, target))],
    }
}

/// What all pods of the market have to reach, whoever they are: names, and behind a sidecar its master.
fn everybody(objects: &Objects) -> Vec<String> {
    let names = End { namespace: "kube-system", labels: Labels::from([("k8s-app", "kube-dns")]) };
    let mesh = objects.of("Sidecar").next().is_some();
    let master = End { namespace: "istio-system", labels: Labels::from([("app", "istiod")]) };
    let mut found = vec![];
    for deployment in objects.of("Deployment") {
        let own = End::of(&deployment["spec"]["template"], NAMESPACE);
        let reaches = |end, port| connects(objects, &own, Way::Out, end, port);
        if !reaches(&names, (53, "dns")) {
            found.push(format!("{} finds no names", component(deployment)));
        }
        if mesh && !reaches(&master, (15012, "grpc-istiod")) {
            found.push(format!("the sidecar of {} has no master", component(deployment)));
        }
        let ingress = End { namespace: "ingress", labels: Labels::new() };
        let people = connects(objects, &own, Way::In, &ingress, (8088, "http"));
        if people != (component(deployment) == GATEWAY) {
            found.push(format!("people come to {}: {people}", component(deployment)));
        }
    }
    found
}

fn informed(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    let sidecars: Vec<_> = objects.of("Sidecar").collect();
    for deployment in objects.of("Deployment").filter(|_| !sidecars.is_empty()) {
        let labelled = labels(&deployment["spec"]["template"], LABELS);
        let own = |it: &&&Value| {
            let by = json!({"matchLabels": it["spec"]["workloadSelector"]["labels"]});
            selects(&by, &labelled)
        };
        let Some(sidecar) = sidecars.iter().find(own) else {
            found.push(format!("{} has no sidecar of its own", component(deployment)));
            continue;
        };
        let hosts = list(sidecar, "/spec/egress").iter().flat_map(|it| texts(it, "/hosts"));
        found.extend(misled(objects, deployment, &hosts.collect::<Vec<_>>()));
    }
    found
}

/// What a service's sidecar knows and need not, or the other way round.
fn misled(objects: &Objects, deployment: &Value, hosts: &[&str]) -> Vec<String> {
    let (table, caller) = (Table::read(), component(deployment));
    let told = objects.environment(&deployment["spec"]["template"]["spec"]["containers"][0]);
    let others = table.services().filter(|it| *it != caller).map(|target| {
        let service = objects.part("Service", target).map(name).unwrap_or_default();
        (service.to_owned(), table.calls(caller, target))
    });
    let monitor = told.get("JANGTEO_NATS_MONITOR_URL").and_then(|url| url.split("://").nth(1));
    let broker = monitor.and_then(|place| place.split([':', '/']).next()).unwrap_or_default();
    let all = others.chain([(broker.to_owned(), caller != GATEWAY)]);
    let wrong = all.filter(|(host, meant)| sees(hosts, host) != *meant);
    wrong.map(|(host, meant)| format!("the sidecar of {caller} knows {host}: {}", !meant)).collect()
}

/// Whether a host is among those of a sidecar. One without a dot is a Service beside it.
fn sees(hosts: &[&str], host: &str) -> bool {
    let beside = format!("{host}.{NAMESPACE}.svc.cluster.local");
    let full = if host.contains('.') { host } else { beside.as_str() };
    hosts.iter().filter_map(|known| known.split_once('/')).any(|(namespace, known)| {
        [".", "*", NAMESPACE].contains(&namespace) && [full, "*"].contains(&known)
    })
}

#[test]
fn nobody_gets_through_but_those_whom_contracts_name() {
    kept(&RULES);
}

#[test]
fn ways_through_that_no_contract_names_are_found() {
    missed_when_broken(&RULES);
}
