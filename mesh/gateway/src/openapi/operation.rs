//! One binding as an operation.

use jangteo::access::{Access, declared};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor};
use serde_json::{Value, json};

use super::{comments, schema::Schemas};
use crate::binding::{Binding, Body};

/// An operation, and in `schemas` whatever it refers to.
pub(super) fn of(binding: &Binding, schemas: &mut Schemas) -> Value {
    let method = &binding.rpc.method;
    let said = comments::of(&method.parent_service().parent_file(), method.path());
    let summary = said.split_inclusive('.').next().unwrap_or_default().replace('\n', " ");
    let mut operation = json!({
        "operationId": format!("{}_{}", method.parent_service().name(), method.name()),
        "tags": [method.parent_service().name()],
        "summary": summary.trim_end_matches('.'),
        "description": said,
        "security": security(method),
        "parameters": parameters(binding, schemas),
        "responses": responses(binding, schemas),
    });
    if let Some(schema) = body(binding, schemas) {
        let content = json!({"application/json": {"schema": schema}});
        operation["requestBody"] = json!({"required": true, "content": content});
    }
    operation
}

/// Who needs a token; a public one is read by everybody.
fn security(method: &MethodDescriptor) -> Value {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    match declared(method.parent_pool()).get(&path) {
        Some(Access::Public) => json!([{}, {"bearer": []}]),
        _ => json!([{"bearer": []}]),
    }
}

fn parameters(binding: &Binding, schemas: &mut Schemas) -> Vec<Value> {
    let request = binding.rpc.method.input();
    let mut parameters: Vec<Value> = binding
        .template
        .fields()
        .filter_map(|name| Some((name, field(&request, name)?)))
        .map(|(name, field)| parameter("path", name, schemas.field(&field)))
        .collect();
    if binding.body != Body::Everything {
        parameters.extend(query(binding, schemas));
    }
    parameters.extend(headers(binding));
    parameters
}

/// The field that a dotted name ends at.
fn field(of: &MessageDescriptor, name: &str) -> Option<FieldDescriptor> {
    match name.split_once('.') {
        None => of.get_field_by_name(name),
        Some((first, rest)) => field(of.get_field_by_name(first)?.kind().as_message()?, rest),
    }
}

/// Whatever neither path nor body fills. A message inside the request has no place in a query.
fn query(binding: &Binding, schemas: &mut Schemas) -> Vec<Value> {
    let fits = |field: &FieldDescriptor| {
        let in_path = binding.template.fields().any(|name| name == field.name());
        let in_body = binding.body == Body::Field(field.clone());
        !in_path && !in_body && !field.is_map() && is_plain(field)
    };
    let request = binding.rpc.method.input();
    let fields: Vec<_> = request.fields().filter(fits).collect();
    fields.iter().map(|it| parameter("query", it.json_name(), schemas.field(it))).collect()
}

fn is_plain(field: &FieldDescriptor) -> bool {
    match field.kind() {
        Kind::Message(of) => of.full_name().starts_with("google.protobuf."),
        _ => true,
    }
}

fn parameter(place: &str, name: &str, mut schema: Value) -> Value {
    let said = schema.as_object_mut().and_then(|schema| schema.remove("description"));
    json!({
        "name": name,
        "in": place,
        "required": place == "path",
        "description": said.unwrap_or_default(),
        "schema": schema,
    })
}

/// The headers that say something in this operation.
fn headers(binding: &Binding) -> Vec<Value> {
    let (method, request) = (&binding.rpc.method, binding.rpc.method.input());
    let has = |name: &str| request.get_field_by_name(name).is_some();
    let reads = binding.method == http::Method::GET;
    [
        (
            "Idempotency-Key",
            has("request_id"),
            "A UUID: the same request sent again with it gets the first answer. Stands for requestId.",
        ),
        ("If-Match", has("etag"), "The version that is meant. Stands for etag."),
        (
            "Last-Event-ID",
            has("resume_token"),
            "The last event that was heard of. Stands for resumeToken.",
        ),
        (
            "jangteo-token",
            reads && !method.is_server_streaming(),
            "What a write answered with: the read waits until it has heard of it.",
        ),
    ]
    .into_iter()
    .filter(|(_, says_something, _)| *says_something)
    .map(|(name, _, said)| {
        parameter("header", name, json!({"type": "string", "description": said}))
    })
    .collect()
}

fn body(binding: &Binding, schemas: &mut Schemas) -> Option<Value> {
    let request = binding.rpc.method.input();
    match &binding.body {
        Body::Nothing => None,
        Body::Field(field) => Some(schemas.field(field)),
        Body::Everything => {
            let named: Vec<&str> = binding.template.fields().collect();
            Some(if named.is_empty() {
                schemas.message(&request)
            } else {
                schemas.object(&request, &|field| !named.contains(&field.name()))
            })
        }
    }
}

fn responses(binding: &Binding, schemas: &mut Schemas) -> Value {
    let reply = binding.rpc.method.output();
    let schema = match &binding.response {
        Some(field) => schemas.field(field),
        None => schemas.message(&reply),
    };
    let error = json!({"$ref": "#/components/schemas/Status"});
    let content = if binding.rpc.method.is_server_streaming() {
        let line = json!({"type": "object", "properties": {"result": schema, "error": error}});
        json!({
            "application/x-ndjson": {"schema": line},
            "text/event-stream": {"schema": {"type": "string"}},
        })
    } else {
        json!({"application/json": {"schema": schema}})
    };
    let failed = json!({"application/json": {"schema": error}});
    let mut responses = json!({
        "200": {"description": comments::of(&reply.parent_file(), reply.path()), "content": content},
        "default": {"description": "What is wrong.", "content": failed},
    });
    let has_etag = reply.get_field_by_name("etag").is_some();
    if has_etag && binding.method == http::Method::GET {
        responses["304"] = json!({"description": "It is as If-None-Match has it."});
    }
    responses
}
