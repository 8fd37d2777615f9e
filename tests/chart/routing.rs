//! Which route of a `VirtualService` a call takes, as a proxy decides it.

use serde_json::{Value, json};

use super::objects::{list, text};

/// The first route that fits a path at a port.
pub(super) fn route<'a>(service: &'a Value, path: &str, port: i64) -> Option<&'a Value> {
    list(service, "/spec/http").iter().find(|route| {
        let matches = list(route, "/match");
        matches.is_empty() || matches.iter().any(|it| fits(it, path, port))
    })
}

fn fits(condition: &Value, path: &str, port: i64) -> bool {
    condition.as_object().into_iter().flatten().all(|(what, wanted)| match what.as_str() {
        "name" => true,
        "port" => *wanted == port,
        "uri" => uri(wanted, path),
        _ => panic!("no route knows {what}"),
    })
}

fn uri(wanted: &Value, path: &str) -> bool {
    let [exact, prefix] = ["/exact", "/prefix"].map(|kind| text(wanted, kind));
    match (exact, prefix) {
        ("", "") => panic!("no path fits {wanted}"),
        ("", prefix) => path.starts_with(prefix),
        (exact, _) => path == exact,
    }
}

/// A duration in milliseconds, as Istio writes it; none is endless, and so is 0.
pub(super) fn millis(route: &Value, pointer: &str) -> Option<u64> {
    let written = text(route, pointer);
    let unit = written.find(|it: char| it.is_alphabetic()).unwrap_or(written.len());
    let (number, unit) = written.split_at(unit);
    let one = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        _ => 0,
    };
    number.parse::<u64>().ok().map(|number| number * one).filter(|millis| *millis > 0)
}

#[test]
fn the_first_route_that_fits_is_taken() {
    let service = json!({"spec": {"http": [
        {"name": "one", "match": [{"uri": {"exact": "/a/Get"}}, {"uri": {"prefix": "/b/"}}]},
        {"name": "two", "match": [{"uri": {"prefix": "/a/"}}]},
        {"name": "other", "match": [{"port": 2}]},
        {"name": "all"},
    ]}});
    for (path, port, taken) in [
        ("/a/Get", 1, "one"),
        ("/b/Get", 1, "one"),
        ("/a/Put", 1, "two"),
        ("/c", 1, "all"),
        ("/c", 2, "other"),
    ] {
        assert_eq!(text(route(&service, path, port).unwrap(), "/name"), taken, "{path}");
    }
    assert!(route(&json!({"spec": {"tcp": [{}]}}), "/a/Get", 1).is_none());
    let times = json!({"ms": "250ms", "s": "30s", "m": "3m", "zero": "0s"});
    let read = ["/ms", "/s", "/m", "/zero", "/none"].map(|pointer| millis(&times, pointer));
    assert_eq!(read, [Some(250), Some(30_000), Some(180_000), None, None]);
}
