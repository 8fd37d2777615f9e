//! Kubernetes objects as JSON, and how to find something in them.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// What a service is called in the labels of its objects.
const COMPONENT: &str = "app.kubernetes.io/component";

/// Where an object's labels are.
pub(super) const LABELS: &str = "/metadata/labels";

/// What a chart was rendered to.
#[derive(Clone, Debug)]
pub(super) struct Objects(pub(super) Vec<Value>);

impl Objects {
    /// All of a kind.
    pub(super) fn of(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.0.iter().filter(move |object| text(object, "/kind") == kind)
    }

    /// The one of this kind and name.
    pub(super) fn named(&self, kind: &str, called: &str) -> Option<&Value> {
        self.of(kind).find(|object| name(object) == called)
    }

    /// The one of this kind that belongs to a service.
    pub(super) fn part(&self, kind: &str, service: &str) -> Option<&Value> {
        self.of(kind).find(|object| component(object) == service)
    }

    /// Whatever runs pods, with what its pods are made from. A pod is its own template.
    pub(super) fn workloads(&self) -> impl Iterator<Item = (&Value, &Value)> {
        let kinds = ["Deployment", "StatefulSet", "Job", "Pod"];
        let all = kinds.into_iter().flat_map(move |kind| self.of(kind));
        all.map(|it| (it, it.pointer("/spec/template").unwrap_or(it)))
    }

    /// What runs pods that have all of these labels.
    pub(super) fn selected<'a>(&'a self, by: &Labels<'_>) -> Vec<&'a Value> {
        let matching = self.workloads().filter(|(_, pod)| contains(&labels(pod, LABELS), by));
        matching.map(|(workload, _)| workload).collect()
    }

    /// What a container is told, with what it takes from each `ConfigMap` and Secret that is rendered
    /// beside it; of others the place, such as `secret:<name>/<key>`.
    pub(super) fn environment(&self, container: &Value) -> BTreeMap<String, String> {
        let mut told = BTreeMap::new();
        for from in list(container, "/envFrom") {
            told.extend(self.whole(from));
        }
        for variable in list(container, "/env") {
            let plain = || expanded(text(variable, "/value"), &told);
            let value = variable.get("valueFrom").map_or_else(plain, |from| self.key(from));
            told.insert(name_of(variable).to_owned(), value);
        }
        told
    }

    fn whole(&self, from: &Value) -> BTreeMap<String, String> {
        let map = self.named("ConfigMap", text(from, "/configMapRef/name"));
        let secret = self.named("Secret", text(from, "/secretRef/name"));
        map.or(secret).map(contents).unwrap_or_default()
    }

    fn key(&self, from: &Value) -> String {
        let places = [("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")];
        for (kind, place) in places {
            let Some(place) = from.get(place) else { continue };
            let (called, key) = (name_of(place), text(place, "/key"));
            let there = self.named(kind, called).map(contents);
            let value = there.and_then(|mut contents| contents.remove(key));
            return value.unwrap_or_else(|| format!("{}:{called}/{key}", kind.to_lowercase()));
        }
        String::new()
    }
}

/// Labels, of an object or those that a selector asks for.
pub(super) type Labels<'a> = BTreeMap<&'a str, &'a str>;

/// Those at a pointer.
pub(super) fn labels<'a>(object: &'a Value, pointer: &str) -> Labels<'a> {
    let map = object.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
    map.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))).collect()
}

/// Whether all of `some` are among `all`.
pub(super) fn contains(all: &Labels<'_>, some: &Labels<'_>) -> bool {
    some.iter().all(|(key, value)| all.get(key) == Some(value))
}

/// Whether a selector is about what has these labels; an empty one is about everything.
pub(super) fn selects(selector: &Value, labelled: &Labels<'_>) -> bool {
    let meets = |wanted: &Value| {
        let value = labelled.get(text(wanted, "/key")).copied();
        let listed = value.is_some_and(|value| texts(wanted, "/values").contains(&value));
        match text(wanted, "/operator") {
            "In" => listed,
            "NotIn" => !listed,
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            other => panic!("no selector knows `{other}`"),
        }
    };
    contains(labelled, &labels(selector, "/matchLabels"))
        && list(selector, "/matchExpressions").iter().all(meets)
}

/// The text at a pointer; empty where there is none.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The list at a pointer; empty where there is none.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The texts of the list at a pointer.
pub(super) fn texts<'a>(value: &'a Value, pointer: &str) -> Vec<&'a str> {
    list(value, pointer).iter().filter_map(Value::as_str).collect()
}

/// The whole number at a pointer.
pub(super) fn number(value: &Value, pointer: &str) -> Option<i64> {
    value.pointer(pointer).and_then(Value::as_i64)
}

/// Whether this is at a pointer.
pub(super) fn is(value: &Value, pointer: &str, wanted: impl Into<Value>) -> bool {
    value.pointer(pointer) == Some(&wanted.into())
}

/// What an object is called.
pub(super) fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// What a thing in a list is called.
pub(super) fn name_of(thing: &Value) -> &str {
    text(thing, "/name")
}

/// The thing of this name in a list.
pub(super) fn find<'a>(value: &'a Value, pointer: &str, called: &str) -> Option<&'a Value> {
    list(value, pointer).iter().find(|thing| name_of(thing) == called)
}

/// The service that an object belongs to.
pub(super) fn component(object: &Value) -> &str {
    labels(object, LABELS).get(COMPONENT).copied().unwrap_or_default()
}

/// What a `ConfigMap` or a Secret holds, in clear.
pub(super) fn contents(object: &Value) -> BTreeMap<String, String> {
    let secret = text(object, "/kind") == "Secret";
    let clear = |value: &str| {
        let bytes = STANDARD.decode(value).expect("a Secret holds base64");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let data = labels(object, "/data")
        .into_iter()
        .map(|(key, value)| (key.to_owned(), if secret { clear(value) } else { value.to_owned() }));
    let plain = labels(object, "/stringData").into_iter();
    data.chain(plain.map(|(key, value)| (key.to_owned(), value.to_owned()))).collect()
}

/// A variable's value, in which `$(NAME)` stands for one that was told before.
fn expanded(value: &str, told: &BTreeMap<String, String>) -> String {
    told.iter()
        .fold(value.to_owned(), |value, (name, known)| value.replace(&format!("$({name})"), known))
}

#[test]
fn a_container_is_told_what_is_written_where_it_looks() {
    let objects = Objects(vec![
        json!({"kind": "ConfigMap", "metadata": {"name": "all"}, "data": {"LEVEL": "info"}}),
        json!({"kind": "Secret", "metadata": {"name": "own"}, "data": {"word": "czNjcmV0"}}),
    ]);
    let container = json!({
        "envFrom": [{"configMapRef": {"name": "all"}}],
        "env": [
            {"name": "WORD", "valueFrom": {"secretKeyRef": {"name": "own", "key": "word"}}},
            {"name": "URL", "value": "nats://post:$(WORD)@broker"},
            {"name": "GIVEN", "valueFrom": {"secretKeyRef": {"name": "given", "key": "url"}}},
        ],
    });
    let told = objects.environment(&container);
    let told: Vec<_> = told.iter().map(|(name, value)| (&**name, &**value)).collect();
    let expected = [
        ("GIVEN", "secret:given/url"),
        ("LEVEL", "info"),
        ("URL", "nats://post:s3cret@broker"),
        ("WORD", "s3cret"),
    ];
    assert_eq!(told, expected);
}
