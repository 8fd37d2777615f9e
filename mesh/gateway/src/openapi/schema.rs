//! Messages as JSON Schema: canonical proto3 JSON, with the comments and rules of the contract.

use std::collections::BTreeMap;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::{comments, rules};

/// The schemas that operations refer to, each with all that it refers to itself.
#[derive(Debug, Default)]
pub(super) struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// All of them, by name.
    pub(super) fn all(mut self) -> BTreeMap<String, Value> {
        self.0.insert("Status".to_owned(), status());
        self.0
    }

    /// A reference to a message, or what stands for one that has a JSON of its own.
    pub(super) fn message(&mut self, of: &MessageDescriptor) -> Value {
        if let Some(known) = well_known(of.full_name()) {
            return known;
        }
        let name = name(of);
        if !self.0.contains_key(&name) {
            // Before what it holds: it may hold itself.
            self.0.insert(name.clone(), Value::Null);
            let schema = self.object(of, &|_| true);
            self.0.insert(name.clone(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// A message with some of its fields, said in full.
    pub(super) fn object(
        &mut self,
        of: &MessageDescriptor,
        has: &dyn Fn(&FieldDescriptor) -> bool,
    ) -> Value {
        let fields: Vec<_> = of.fields().filter(|field| has(field)).collect();
        let properties: Map<String, Value> =
            fields.iter().map(|it| (it.json_name().to_owned(), self.field(it))).collect();
        let required = fields.iter().filter(|field| rules::required(field));
        let required: Vec<_> = required.map(FieldDescriptor::json_name).collect();
        let mut schema = json!({
            "type": "object",
            "description": comments::of(&of.parent_file(), of.path()),
            "properties": properties,
            "additionalProperties": false,
        });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema
    }

    /// A field: a value, a list, or a map.
    pub(super) fn field(&mut self, field: &FieldDescriptor) -> Value {
        let said = comments::of(&field.parent_file(), field.path());
        let mut schema = match field.kind() {
            Kind::Message(entry) if field.is_map() => {
                let value = self.value(&entry.map_entry_value_field());
                json!({"type": "object", "additionalProperties": value})
            }
            _ if field.is_list() => json!({"type": "array", "items": self.value(field)}),
            _ => self.value(field),
        };
        schema["description"] = said.into();
        schema
    }

    fn value(&mut self, field: &FieldDescriptor) -> Value {
        let mut schema = match field.kind() {
            Kind::Bool => json!({"type": "boolean"}),
            Kind::Double | Kind::Float => json!({"type": "number"}),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
                json!({"type": "integer", "format": "int32"})
            }
            Kind::Uint32 | Kind::Fixed32 => json!({"type": "integer", "format": "uint32"}),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => whole("int64", "^-?[0-9]+$"),
            Kind::Uint64 | Kind::Fixed64 => whole("uint64", "^[0-9]+$"),
            Kind::String => json!({"type": "string"}),
            Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            Kind::Enum(of) => choice(&of),
            Kind::Message(of) => return self.message(&of),
        };
        if let Some(schema) = schema.as_object_mut().filter(|_| !field.is_list()) {
            schema.extend(rules::of(field));
        }
        schema
    }
}

/// 64 bits are more than a number of JSON can be trusted with.
fn whole(format: &str, pattern: &str) -> Value {
    json!({"type": "string", "format": format, "pattern": pattern})
}

fn choice(of: &EnumDescriptor) -> Value {
    let names: Vec<_> = of.values().map(|value| value.name().to_owned()).collect();
    json!({"type": "string", "enum": names})
}

/// The last word of a message's name, or all of them inside another.
fn name(of: &MessageDescriptor) -> String {
    let package = format!("{}.", of.package_name());
    of.full_name().trim_start_matches(&package).to_owned()
}

fn well_known(name: &str) -> Option<Value> {
    Some(match name.strip_prefix("google.protobuf.")? {
        "Timestamp" => json!({"type": "string", "format": "date-time"}),
        "Duration" => json!({"type": "string", "format": "duration", "pattern": "^-?[0-9.]+s$"}),
        "Empty" | "Struct" => json!({"type": "object"}),
        "Any" => any(),
        "ListValue" => json!({"type": "array"}),
        "BoolValue" => json!({"type": "boolean"}),
        "FieldMask" | "StringValue" | "BytesValue" | "Int64Value" | "UInt64Value" => {
            json!({"type": "string"})
        }
        "Int32Value" | "UInt32Value" => json!({"type": "integer"}),
        "FloatValue" | "DoubleValue" => json!({"type": "number"}),
        _ => json!({}),
    })
}

fn any() -> Value {
    json!({
        "type": "object",
        "properties": {"@type": {"type": "string", "description": "Which message this is."}},
        "required": ["@type"],
    })
}

/// How every error looks.
fn status() -> Value {
    json!({
        "type": "object",
        "description": "An error: google.rpc.Status.",
        "properties": {
            "code": {"type": "integer", "format": "int32", "description": "A google.rpc.Code."},
            "message": {"type": "string", "description": "What is wrong, for people."},
            "details": {
                "type": "array",
                "items": any(),
                "description": "For programs: google.rpc.ErrorInfo with the reason, BadRequest with the \
                    fields, PreconditionFailure, RetryInfo.",
            },
        },
        "required": ["code", "message", "details"],
        "additionalProperties": false,
    })
}
