//! What a mesh sends again and cuts off: nothing that changes something, and no stream.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    istio::meshed,
    objects::{Objects, component, is, list, name, number, text, texts},
    routing::{millis, route},
    rules::{Fault, Rule, kept, missed_when_broken},
    table::{Door, GATEWAY, Table},
};

/// After what a read may be sent again: it did not arrive, or nobody was there to take it.
const SAFE: [&str; 4] =
    ["connect-failure", "refused-stream", "reset-before-request", "unavailable"];
/// What every process serves besides, for as long as somebody listens.
const ENDLESS: [&str; 2] =
    ["/grpc.health.v1.Health/Watch", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"];
/// A call that has not been answered by then never will be, in ms.
const LONGEST: u64 = 60_000;
/// The doors of the gateway, by gRPC and by HTTP.
const DOORS: [i64; 2] = [50051, 8088];

const RULES: [Rule; 2] = [
    Rule {
        says: "what changes something is sent once, and a read again only if that is safe",
        check: repeated,
        faults: &[
            Fault("VirtualService/post", "", ""),
            Fault("VirtualService/post", "/spec/hosts/0", "\"post\""),
            Fault("VirtualService/post", "/spec/http/0/retries", ""),
            Fault("VirtualService/post", "/spec/http/0/retries/attempts", "1"),
            Fault("VirtualService/post", "/spec/http/0/timeout", ""),
            Fault("VirtualService/post", "/spec/http/1/retries/retryOn", "\"5xx\""),
            Fault("VirtualService/post", "/spec/http/1/retries/perTryTimeout", "\"1m\""),
            Fault("VirtualService/post", "/spec/http/1/match/-", "{\"uri\": {\"prefix\": \"/\"}}"),
            Fault("VirtualService/post", "/spec/http/2/timeout", "\"30s\""),
            Fault("VirtualService/post", "/spec/http/3/timeout", "\"30s\""),
            Fault("VirtualService/post", "/spec/http/0/route/0/destination/host", "\"deal\""),
            Fault("VirtualService/gateway", "/spec/http/0/retries/attempts", "2"),
            Fault("VirtualService/gateway", "/spec/http/1/timeout", "\"30s\""),
        ],
    },
    Rule {
        says: "one kind of route leads to a host",
        check: contested,
        faults: &[
            Fault("HTTPRoute", "/spec/hostnames/0", "\"market-jangteo-post\""),
            Fault("VirtualService/post", "/spec/hosts/-", "\"market.example\""),
        ],
    },
];

fn repeated(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for deployment in objects.of("Deployment").filter(|_| meshed(objects)) {
        let all =
            objects.of("VirtualService").filter(|it| is(it, "/spec/hosts/0", name(deployment)));
        let [service] = all.collect::<Vec<_>>()[..] else {
            found.push(format!("{} has no one VirtualService", name(deployment)));
            continue;
        };
        found.extend(match component(deployment) {
            GATEWAY => {
                DOORS.into_iter().filter_map(|port| untouched(service, "/any", port)).collect()
            }
            context => of_context(service, context),
        });
    }
    let at_edge = |it: &&Value| !list(it, "/spec/gateways").is_empty();
    for edge in objects.of("VirtualService").filter(at_edge) {
        if !list(edge, "/spec/http").iter().all(lasts) {
            found.push(format!("{} sends again or cuts off", name(edge)));
        }
    }
    found
}

fn of_context(service: &Value, context: &str) -> Vec<String> {
    let doors = Table::read().doors(context).filter_map(|door| of_door(service, &door));
    doors.chain(ENDLESS.iter().filter_map(|path| untouched(service, path, DOORS[0]))).collect()
}

/// What is wrong with the route of an RPC.
fn of_door(service: &Value, door: &Door<'_>) -> Option<String> {
    let path = door.path();
    if door.rpc.streams {
        return untouched(service, &path, DOORS[0]);
    }
    let Some(route) = routed(service, &path, DOORS[0]) else {
        return Some(format!("{path} leads nowhere"));
    };
    let (limit, one) = (millis(route, "/timeout"), millis(route, "/retries/perTryTimeout"));
    let wrong = match number(route, "/retries/attempts") {
        None => "is sent again as often as the mesh likes",
        Some(0) => "",
        Some(_) if door.rpc.mutates => "is sent again",
        Some(3..) => "is sent again too often",
        Some(_) if one.is_none_or(|one| limit.is_none_or(|limit| one >= limit)) => {
            "has no time left"
        }
        Some(_) => reasons(route),
    };
    let wrong = if limit.is_none_or(|limit| limit > LONGEST) { "never ends" } else { wrong };
    (!wrong.is_empty()).then(|| format!("{path} {wrong}"))
}

fn reasons(route: &Value) -> &'static str {
    let mut reasons = text(route, "/retries/retryOn").split(',');
    if reasons.all(|reason| SAFE.contains(&reason)) {
        ""
    } else {
        "is sent again though it arrived"
    }
}

/// What is wrong with a route on which nothing is sent again or cut off.
fn untouched(service: &Value, path: &str, port: i64) -> Option<String> {
    let fine = routed(service, path, port).is_some_and(lasts);
    (!fine).then(|| format!("{path} is sent again or cut off at {port} of {}", name(service)))
}

fn lasts(route: &Value) -> bool {
    is(route, "/retries/attempts", 0) && millis(route, "/timeout").is_none()
}

/// The route of a path, which leads to the same Service and port.
fn routed<'a>(service: &'a Value, path: &str, port: i64) -> Option<&'a Value> {
    let route = route(service, path, port);
    route.filter(|it| {
        let destination = &it["route"][0]["destination"];
        destination["host"] == *text(service, "/spec/hosts/0")
            && is(destination, "/port/number", port)
    })
}

/// Hosts that routes of several kinds claim: a proxy takes one of them, and a Gateway refuses one.
fn contested(objects: &Objects) -> Vec<String> {
    let kinds = [
        ("VirtualService", "/spec/hosts"),
        ("HTTPRoute", "/spec/hostnames"),
        ("GRPCRoute", "/spec/hostnames"),
    ];
    let mut claims: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (kind, hosts) in kinds {
        for host in objects.of(kind).flat_map(|it| texts(it, hosts)) {
            claims.entry(host).or_default().insert(kind);
        }
    }
    claims.retain(|_, kinds| kinds.len() > 1);
    claims.into_iter().map(|(host, kinds)| format!("{host} is claimed by {kinds:?}")).collect()
}

#[test]
fn nothing_is_repeated_that_should_not_be() {
    kept(&RULES);
}

#[test]
fn what_would_be_repeated_is_found() {
    missed_when_broken(&RULES);
}
