//! The bindings as an `OpenAPI` 3.1 document: what a client in any language can be made from.

mod comments;
mod operation;
mod rules;
mod schema;

use serde_json::{Map, Value, json};

use crate::{binding::Binding, table::Table};

/// What stands in front of it.
const ABOUT: &str = "The backend of a neighbourhood market, over HTTP with JSON. The same calls are gRPC at the same \
address. Errors are a `google.rpc.Status`: its details name the broken rule, the field, and when to try again.";

/// The document of all bindings.
pub(crate) fn document(table: &Table) -> Value {
    let (mut paths, mut schemas) = (Map::new(), schema::Schemas::default());
    for binding in table.bindings() {
        let path = paths.entry(path(binding)).or_insert_with(|| json!({}));
        let method = binding.method.as_str().to_lowercase();
        path[method] = operation::of(binding, &mut schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "jangteo",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags(table),
        "paths": paths,
        "components": {
            "schemas": schemas.all(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    })
}

/// A template in the words of `OpenAPI`, which knows the names of variables and not what they match.
fn path(binding: &Binding) -> String {
    binding.template.text().split_inclusive('}').map(plain).collect()
}

fn plain(part: &str) -> String {
    match part.split_once('=') {
        Some((before, _)) if before.contains('{') => format!("{before}}}"),
        _ => part.to_owned(),
    }
}

/// The services, by name.
fn tags(table: &Table) -> Vec<Value> {
    let services = table.bindings().map(|binding| binding.rpc.method.parent_service().clone());
    let mut tags: Vec<(String, String)> = services
        .map(|it| (it.name().to_owned(), comments::of(&it.parent_file(), it.path())))
        .collect();
    tags.sort();
    tags.dedup();
    tags.into_iter().map(|(name, said)| json!({"name": name, "description": said})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::Contracts;

    fn ours() -> Value {
        document(&Table::of(&Contracts::compiled()).unwrap())
    }

    #[test]
    fn an_operation_says_what_its_contract_says() {
        let document = ours();
        let create = &document["paths"]["/v1/posts"]["post"];
        assert_eq!(create["operationId"], "PostService_CreatePost");
        assert_eq!(create["tags"], json!(["PostService"]));
        assert!(create["summary"].as_str().unwrap().contains("post"), "{create}");
        assert_eq!(create["security"], json!([{"bearer": []}]));
        let body = &create["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(body["$ref"], "#/components/schemas/CreatePostRequest");
        let reply = &create["responses"]["200"]["content"]["application/json"]["schema"];
        assert_eq!(reply["$ref"], "#/components/schemas/Post");
        let header = json!("Idempotency-Key");
        assert!(create["parameters"].as_array().unwrap().iter().any(|it| it["name"] == header));
    }

    #[test]
    fn what_the_path_names_is_not_in_the_body() {
        let document = ours();
        let edit = &document["paths"]["/v1/posts/{id}"]["patch"];
        let body = &edit["requestBody"]["content"]["application/json"]["schema"]["properties"];
        assert!(body["priceKrw"].is_object() && body["id"].is_null(), "{body}");
        let id = &edit["parameters"][0];
        assert_eq!((&id["name"], &id["in"]), (&json!("id"), &json!("path")));
        assert_eq!(id["schema"]["format"], "uuid");
    }

    #[test]
    fn rules_are_part_of_the_schema() {
        let document = ours();
        let goods = &document["components"]["schemas"]["CreatePostRequest"]["properties"]["goods"];
        assert!(goods["maxLength"].is_u64() && goods["description"].is_string(), "{goods}");
        let list = &document["paths"]["/v1/posts"]["get"]["parameters"];
        let list = list.as_array().unwrap();
        let size = list.iter().find(|it| it["name"] == "pageSize").unwrap();
        assert_eq!(
            (&size["schema"]["minimum"], &size["schema"]["maximum"]),
            (&json!(0), &json!(100))
        );
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = ours();
        let text = document.to_string();
        let names = text.split("#/components/schemas/").skip(1);
        for name in names.map(|rest| rest.split('"').next().unwrap()) {
            assert!(document["components"]["schemas"][name].is_object(), "{name}");
        }
    }
}
