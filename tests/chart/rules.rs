//! What holds in everything that is rendered, and what would break it.

use serde_json::{Value, json};

use super::{
    objects::{Objects, component, text},
    render::presets,
};

/// Something that holds whatever the values are.
pub(super) struct Rule {
    /// What holds.
    pub(super) says: &'static str,
    /// What does not hold.
    pub(super) check: fn(&Objects) -> Vec<String>,
    /// What breaks it.
    pub(super) faults: &'static [Fault],
}

/// An object made wrong: one of this kind, or of this `kind/service`; what is at this pointer there
/// becomes this JSON. Nothing at all in its place: it is taken away.
pub(super) struct Fault(pub(super) &'static str, pub(super) &'static str, pub(super) &'static str);

impl Fault {
    /// The objects with the fault in one of them; none where it does not fit.
    pub(super) fn planted(&self, objects: &Objects) -> Option<Objects> {
        let Self(which, pointer, json) = *self;
        let (kind, service) = which.split_once('/').unwrap_or((which, ""));
        let fits = |object: &Value| {
            text(object, "/kind") == kind && (service.is_empty() || component(object) == service)
        };
        let mut objects = objects.clone();
        if pointer.is_empty() {
            let place = objects.0.iter().position(fits)?;
            objects.0.remove(place);
            return Some(objects);
        }
        let mut planted = objects.0.iter_mut().filter(|object| fits(object));
        planted.any(|object| change(object, pointer, json)).then_some(objects)
    }
}

/// Changes one place of an object; false where there is none.
fn change(object: &mut Value, pointer: &str, json: &str) -> bool {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return false };
    let key = key.replace("~1", "/");
    match object.pointer_mut(parent) {
        Some(Value::Object(map)) if json.is_empty() => map.remove(&key).is_some(),
        Some(Value::Object(map)) => {
            map.insert(key, read(json));
            true
        }
        Some(Value::Array(list)) => change_item(list, &key, json),
        _ => false,
    }
}

fn change_item(list: &mut Vec<Value>, key: &str, json: &str) -> bool {
    let place = key.parse().unwrap_or(list.len());
    match list.get_mut(place) {
        Some(_) if json.is_empty() => drop(list.remove(place)),
        Some(item) => *item = read(json),
        None if json.is_empty() => return false,
        None => list.push(read(json)),
    }
    true
}

fn read(json: &str) -> Value {
    serde_json::from_str(json).expect("a fault is JSON")
}

/// Holds every preset against the rules.
#[track_caller]
pub(super) fn kept(rules: &[Rule]) {
    let found = presets().flat_map(|(preset, objects)| {
        rules.iter().flat_map(move |rule| {
            let found = (rule.check)(objects).into_iter();
            found.map(move |it| format!("{preset}: {}, but {it}", rule.says))
        })
    });
    let found: Vec<_> = found.collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Whether each fault is found in some preset.
#[track_caller]
pub(super) fn missed_when_broken(rules: &[Rule]) {
    let seen = |rule: &Rule, fault: &Fault| {
        presets().any(|(_, objects)| {
            let faulty = fault.planted(objects);
            faulty.is_some_and(|faulty| !(rule.check)(&faulty).is_empty())
        })
    };
    for rule in rules {
        assert!(!rule.faults.is_empty(), "nothing is known to break: {}", rule.says);
        for fault in rule.faults {
            let Fault(which, pointer, json) = *fault;
            assert!(seen(rule, fault), "{}: unseen: {which} {pointer} = {json}", rule.says);
        }
    }
}

#[test]
fn a_fault_is_planted_where_it_fits() {
    let objects = Objects(vec![json!({"kind": "Service", "spec": {"ports": [{"port": 1}]}})]);
    let planted = |pointer: &'static str, json: &'static str| {
        Fault("Service", pointer, json).planted(&objects).map(|objects| objects.0)
    };
    let ports = |ports: Value| Some(vec![json!({"kind": "Service", "spec": {"ports": ports}})]);
    assert_eq!(planted("/spec/ports/0/port", "2"), ports(json!([{"port": 2}])));
    assert_eq!(planted("/spec/ports/0/port", ""), ports(json!([{}])));
    assert_eq!(planted("/spec/ports/0", ""), ports(json!([])));
    assert_eq!(planted("/spec/ports/-", "3"), ports(json!([{"port": 1}, 3])));
    assert_eq!(planted("", ""), Some(vec![]));
    assert_eq!(planted("/spec/nothing/here", "4"), None);
    assert!(Fault("Service/post", "", "").planted(&objects).is_none());
}
