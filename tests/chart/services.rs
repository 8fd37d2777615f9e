//! Services: each says what is spoken at its ports and reaches its own pods, and whoever is told of an
//! address finds somebody there.

use serde_json::Value;

use super::{
    objects::{Objects, component, is, labels, list, name, name_of, number, text},
    render::NAMESPACE,
    rules::{Fault, Rule, kept, missed_when_broken},
    table::{GATEWAY, Table},
};

/// What a mesh takes a port's name for, up to the first dash.
const PROTOCOLS: [&str; 8] = ["grpc", "http", "http2", "https", "mysql", "tcp", "tls", "udp"];
/// What is set of a broker's or a database's server that speaks first.
const SERVER_FIRST: [i64; 3] = [3306, 4222, 5432];

const RULES: [Rule; 4] = [
    Rule {
        says: "a port says what is spoken there",
        check: spoken,
        faults: &[
            Fault("Service/post", "/spec/ports/0/appProtocol", ""),
            Fault("Service/post", "/spec/ports/0/name", "\"tcp-grpc\""),
            Fault("Service/post", "/spec/ports/0/name", "\"GRPC\""),
            Fault("Service/gateway", "/spec/ports/1/name", "\"grpc\""),
            Fault("Service/nats", "/spec/ports/0/appProtocol", "\"http\""),
        ],
    },
    Rule {
        says: "a Service reaches the pods of one workload, where they listen",
        check: reached,
        faults: &[
            Fault("Service/post", "/spec/selector/app.kubernetes.io~1component", "\"deal\""),
            Fault("Service/post", "/spec/ports/0/targetPort", "\"http\""),
            Fault("Service/post", "/spec/ports/0/targetPort", "8088"),
            Fault("Service/post", "/spec/clusterIP", "\"None\""),
            Fault("Service/post", "", ""),
        ],
    },
    Rule {
        says: "a process knows where the others are",
        check: known,
        faults: &[
            Fault("Deployment/post", "/spec/template/spec/containers/0/env", "[]"),
            Fault("Service/deal", "/metadata/name", "\"deal\""),
            Fault("Service/deal", "/spec/ports/0/port", "50052"),
            Fault("Service/deal", "/spec/selector/app.kubernetes.io~1component", "\"post\""),
            Fault("Deployment/gateway", "/spec/template/spec/containers/0/env/2", ""),
        ],
    },
    Rule {
        says: "a context knows its broker and its database, and nobody else does",
        check: served,
        faults: &[
            Fault("Service/nats", "/metadata/name", "\"nats\""),
            Fault("Service/nats", "/spec/ports/0/port", "4223"),
            Fault("Service/nats", "/spec/ports/1/port", "8223"),
            Fault("Deployment/post", "/spec/template/spec/containers/0/env", "[]"),
            Fault(
                "Deployment/gateway",
                "/spec/template/spec/containers/0/env/-",
                "{\"name\": \"JANGTEO_DATABASE_URL\", \"value\": \"sqlite:///data/post.db\"}",
            ),
        ],
    },
];

fn spoken(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for service in objects.of("Service") {
        let mut names: Vec<&str> = list(service, "/spec/ports").iter().map(name_of).collect();
        for port in list(service, "/spec/ports") {
            let (called, spoken) = (name_of(port), text(port, "/appProtocol"));
            if !is_good(called, spoken) || SERVER_FIRST.contains(&at(port)) != (spoken == "tcp") {
                found.push(format!("{} speaks `{spoken}` at `{called}`", name(service)));
            }
        }
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            found.push(format!("{} has ports of one name", name(service)));
        }
    }
    found
}

fn at(port: &Value) -> i64 {
    number(port, "/port").unwrap_or_default()
}

/// Whether a port may be called so where this is spoken.
fn is_good(called: &str, spoken: &str) -> bool {
    let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    let prefix = called.split('-').next().unwrap_or_default();
    let misleads = PROTOCOLS.contains(&prefix) && prefix != spoken;
    let known = ["grpc", "http", "tcp"].contains(&spoken);
    known && !misleads && (1..=15).contains(&called.len()) && called.chars().all(plain)
}

fn reached(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for service in objects.of("Service") {
        let selected = objects.selected(&labels(service, "/spec/selector"));
        let [workload] = selected[..] else {
            found.push(format!("{} selects {} workloads", name(service), selected.len()));
            continue;
        };
        if component(workload) != component(service) {
            found.push(format!("{} selects {}", name(service), name(workload)));
        }
        let nowhere = |port: &&Value| !listens(workload, port);
        for port in list(service, "/spec/ports").iter().filter(nowhere) {
            found.push(format!("nobody listens where {} leads `{}`", name(service), name_of(port)));
        }
    }
    for deployment in objects.of("Deployment") {
        let all = objects.of("Service").filter(|it| component(it) == component(deployment));
        let balanced = all.filter(|service| !is(service, "/spec/clusterIP", "None"));
        if balanced.count() != 1 {
            found.push(format!("{} has no one Service", name(deployment)));
        }
    }
    found
}

/// Whether a workload listens where a Service's port leads; a context speaks gRPC at one port alone.
fn listens(workload: &Value, port: &Value) -> bool {
    let target = port.get("targetPort").unwrap_or(&port["port"]);
    let there = list(workload, "/spec/template/spec/containers/0/ports");
    let leads = |it: &&Value| it["name"] == *target || it["containerPort"] == *target;
    there.iter().find(leads).is_some_and(|it| {
        component(workload) == GATEWAY || at(port) == number(it, "/containerPort").unwrap_or(-1)
    })
}

/// What a URL inside the cluster leads to: the Service, and its port.
fn led<'a>(objects: &'a Objects, url: &str) -> Option<(&'a Value, &'a Value)> {
    let (_, rest) = url.split_once("://")?;
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    let (host, port) = place.trim_end_matches('/').split_once(':')?;
    let mut parts = host.splitn(3, '.');
    let service = objects.named("Service", parts.next()?)?;
    let here = parts.next().is_none_or(|namespace| namespace == NAMESPACE);
    let cluster = parts.next().is_none_or(|rest| ["svc", "svc.cluster.local"].contains(&rest));
    let port = list(service, "/spec/ports").iter().find(|it| at(it).to_string() == port)?;
    (here && cluster).then_some((service, port))
}

fn known(objects: &Objects) -> Vec<String> {
    let table = Table::read();
    let mut found = vec![];
    for deployment in objects.of("Deployment") {
        let told = objects.environment(&deployment["spec"]["template"]["spec"]["containers"][0]);
        for context in table.names().filter(|it| *it != component(deployment)) {
            let url = told.get(&format!("JANGTEO_PEER_{}", context.to_uppercase()));
            let there = url.and_then(|url| led(objects, url));
            let right = there.is_some_and(|(service, port)| {
                let pods = objects.selected(&labels(service, "/spec/selector"));
                pods.iter().all(|it| component(it) == context) && is(port, "/appProtocol", "grpc")
            });
            if !right {
                found.push(format!("{} finds {context} at {url:?}", name(deployment)));
            }
        }
    }
    found
}

fn served(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    let demo = objects.part("StatefulSet", "nats").is_some();
    for deployment in objects.of("Deployment") {
        let told = objects.environment(&deployment["spec"]["template"]["spec"]["containers"][0]);
        let url = |name: &str| told.get(name).map(String::as_str).unwrap_or_default();
        let database = !url("JANGTEO_DATABASE_URL").is_empty();
        if database == (component(deployment) == GATEWAY) {
            found.push(format!("{} has a database: {database}", name(deployment)));
        }
        if component(deployment) == GATEWAY {
            continue;
        }
        for (variable, wanted) in
            [("JANGTEO_NATS_URL", "tcp"), ("JANGTEO_NATS_MONITOR_URL", "http")]
        {
            let there = led(objects, url(variable)).map(|(_, port)| text(port, "/appProtocol"));
            if url(variable).is_empty() || (demo && there != Some(wanted)) {
                found.push(format!("{} has {} in {variable}", name(deployment), url(variable)));
            }
        }
    }
    found
}

#[test]
fn services_say_what_is_spoken_and_lead_there() {
    kept(&RULES);
}

#[test]
fn services_that_do_not_are_found() {
    missed_when_broken(&RULES);
}
