//! How RPCs are bound to HTTP: `google.api.http`, as their contracts say it.

use anyhow::{Context as _, bail, ensure};
use http::Method;
use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor, Value};

use crate::{
    contracts::{Contracts, Rpc},
    template::Template,
};

/// The option's name.
const OPTION: &str = "google.api.http";

/// One way to call an RPC over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub(crate) rpc: Rpc,
    pub(crate) method: Method,
    pub(crate) template: Template,
    pub(crate) body: Body,
    /// The field of the reply that is the body of the answer; none: the whole reply.
    pub(crate) response: Option<FieldDescriptor>,
}

/// What the body of an HTTP request fills.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    /// Nothing: there is none.
    Nothing,
    /// Whatever the path does not.
    Everything,
    /// One field.
    Field(FieldDescriptor),
}

/// All bindings of these contracts. What a client would have to stream has none.
pub(crate) fn all(contracts: &Contracts) -> anyhow::Result<Vec<Binding>> {
    let Some(option) = contracts.pool().get_extension_by_name(OPTION) else { return Ok(vec![]) };
    let mut bindings = vec![];
    for rpc in contracts.rpcs().filter(|rpc| !rpc.method.is_client_streaming()) {
        let options = rpc.method.options();
        let rule = options.has_extension(&option).then(|| options.get_extension(&option));
        for rule in rule.iter().filter_map(|rule| rule.as_message()).flat_map(rules) {
            let bound = bind(rpc, &rule);
            bindings
                .push(bound.with_context(|| format!("{OPTION} of {}", rpc.method.full_name()))?);
        }
    }
    Ok(bindings)
}

/// A rule and the additional ones in it, which have none of their own.
fn rules(rule: &DynamicMessage) -> Vec<DynamicMessage> {
    let additional = field(rule, "additional_bindings");
    let additional = additional.as_ref().and_then(Value::as_list).unwrap_or_default();
    let additional = additional.iter().filter_map(Value::as_message).cloned();
    std::iter::once(rule.clone()).chain(additional).collect()
}

fn bind(rpc: &Rpc, rule: &DynamicMessage) -> anyhow::Result<Binding> {
    let (method, path) = pattern(rule)?;
    let request = rpc.method.input();
    let template = Template::parse(&path)?;
    for name in template.fields() {
        ensure!(is_text_like(&request, name), "{path} names {name}, which is no single value");
    }
    let body = match text(rule, "body").as_str() {
        "" => Body::Nothing,
        "*" => Body::Everything,
        name => Body::Field(named(&request, name)?),
    };
    let response = match text(rule, "response_body").as_str() {
        "" => None,
        name => Some(named(&rpc.method.output(), name)?),
    };
    Ok(Binding { rpc: rpc.clone(), method, template, body, response })
}

fn pattern(rule: &DynamicMessage) -> anyhow::Result<(Method, String)> {
    for (name, method) in [
        ("get", Method::GET),
        ("put", Method::PUT),
        ("post", Method::POST),
        ("delete", Method::DELETE),
        ("patch", Method::PATCH),
    ] {
        let path = text(rule, name);
        if !path.is_empty() {
            return Ok((method, path));
        }
    }
    match field(rule, "custom").as_ref().and_then(Value::as_message) {
        Some(custom) => Ok((text(custom, "kind").parse()?, text(custom, "path"))),
        None => bail!("the rule has no path"),
    }
}

fn field(message: &DynamicMessage, name: &str) -> Option<Value> {
    message.get_field_by_name(name).map(std::borrow::Cow::into_owned)
}

fn text(message: &DynamicMessage, name: &str) -> String {
    field(message, name).as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn named(message: &MessageDescriptor, name: &str) -> anyhow::Result<FieldDescriptor> {
    message.get_field_by_name(name).with_context(|| format!("there is no field {name}"))
}

/// Whether a part of a path can fill the field: a single value, not a message or a list.
fn is_text_like(message: &MessageDescriptor, path: &str) -> bool {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let Some(field) =
        message.get_field_by_name(name).filter(|field| !field.is_list() && !field.is_map())
    else {
        return false;
    };
    match (field.kind().as_message(), rest) {
        (Some(message), Some(rest)) => is_text_like(message, rest),
        (message, rest) => message.is_none() && rest.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_open_rpc_but_an_operators_has_a_binding() {
        let contracts = Contracts::compiled();
        let bindings = all(&contracts).unwrap();
        let bound = |path: &str| {
            let found = bindings.iter().find(|it| it.rpc.method.full_name().ends_with(path));
            found.map(|it| (it.method.as_str(), it.body.clone()))
        };
        assert_eq!(bound("PostService.CreatePost"), Some(("POST", Body::Everything)));
        assert_eq!(bound("PostService.DeletePost"), Some(("DELETE", Body::Nothing)));
        assert_eq!(bound("MySalesService.WatchMySales"), Some(("GET", Body::Nothing)));
        assert!(bindings.len() > 20, "{}", bindings.len());
    }
}
