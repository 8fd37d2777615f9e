//! The rules of a field, as far as JSON Schema can say them.

use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value as Field};
use serde_json::{Map, Value};

const OPTION: &str = "buf.validate.field";

/// What `buf.validate` says about a single value of the field, as members of its schema.
pub(super) fn of(field: &FieldDescriptor) -> Map<String, Value> {
    let mut said = Map::new();
    let Some(rules) = option(field) else { return said };
    let optional = ignores_zero(&rules);
    if let Some(rules) = inner(&rules, "string") {
        copy(&rules, &mut said, &[("max_len", "maxLength")]);
        // What may be absent may be empty.
        if !optional {
            copy(&rules, &mut said, &[("min_len", "minLength")]);
        }
        if !optional && flag(&rules, "uuid") {
            said.insert("format".to_owned(), "uuid".into());
        }
    }
    if let Some(rules) = inner(&rules, "int32") {
        copy(&rules, &mut said, &[("gte", "minimum"), ("lte", "maximum")]);
    }
    said
}

/// Whether a request without it is refused.
pub(super) fn required(field: &FieldDescriptor) -> bool {
    let Some(rules) = option(field) else { return false };
    let string = inner(&rules, "string");
    let is_text = string.is_some_and(|it| flag(&it, "uuid") || number(&it, "min_len").is_some());
    flag(&rules, "required") || is_text && !ignores_zero(&rules)
}

fn option(field: &FieldDescriptor) -> Option<DynamicMessage> {
    let extension = field.parent_pool().get_extension_by_name(OPTION)?;
    let options = field.options();
    let rules = options.has_extension(&extension).then(|| options.get_extension(&extension))?;
    rules.as_message().cloned()
}

fn inner(rules: &DynamicMessage, name: &str) -> Option<DynamicMessage> {
    let field = rules.descriptor().get_field_by_name(name)?;
    rules.has_field(&field).then(|| rules.get_field(&field))?.as_message().cloned()
}

fn ignores_zero(rules: &DynamicMessage) -> bool {
    rules.get_field_by_name("ignore").as_deref().and_then(Field::as_enum_number).unwrap_or(0) != 0
}

fn flag(rules: &DynamicMessage, name: &str) -> bool {
    rules.get_field_by_name(name).as_deref().and_then(Field::as_bool).unwrap_or_default()
}

fn number(rules: &DynamicMessage, name: &str) -> Option<i64> {
    let field = rules.descriptor().get_field_by_name(name)?;
    match rules.has_field(&field).then(|| rules.get_field(&field))?.as_ref() {
        Field::I32(number) => Some((*number).into()),
        Field::U64(number) => (*number).try_into().ok(),
        _ => None,
    }
}

fn copy(rules: &DynamicMessage, to: &mut Map<String, Value>, names: &[(&str, &str)]) {
    for (from, name) in names {
        if let Some(number) = number(rules, from) {
            to.insert((*name).to_owned(), number.into());
        }
    }
}
