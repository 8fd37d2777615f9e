//! What requests may hold: the field rules of the contracts, enforced.
//!
//! Besides the rules that a contract spells out, no text holds control characters, every
//! timestamp is one that RFC 3339 can write, no duration is negative, and a field mask names fields of
//! its request.

use std::{fmt, sync::LazyLock};

use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, ReflectMessage, Value};

use crate::{
    limits::{Each, Limit, Request, Table},
    values,
};

/// Why a field of a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field in the request, such as `items[2].goods`.
    pub field: String,
    /// The broken rule in `UPPER_SNAKE`, for programs.
    pub reason: &'static str,
    /// What is allowed, for people.
    pub description: String,
}

/// All that is wrong with a request, up to 20 fields; nothing for a message that no RPC takes.
pub fn check(message: &DynamicMessage) -> Vec<Violation> {
    let request = request(message.descriptor().full_name());
    request.map(|request| check_request(request, message)).unwrap_or_default()
}

/// All that is wrong with a request whose limits are found already.
pub(crate) fn check_request(request: &Request, message: &DynamicMessage) -> Vec<Violation> {
    violations(table(), request, message)
}

/// The request of this full name, if an RPC takes it.
pub(crate) fn request(name: &str) -> Option<&'static Request> {
    table().request(name)
}

fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| {
        Table::compile(crate::descriptors()).unwrap_or_else(|unenforced| {
            // A rule that is written down and not enforced is worse than no server at all.
            panic!("field rules that nothing enforces: {}", unenforced.join(", "))
        })
    });
    &TABLE
}

/// All that is wrong with a request by the limits of a table.
pub(crate) fn violations(
    table: &Table,
    request: &Request,
    message: &DynamicMessage,
) -> Vec<Violation> {
    let mut check = Check { table, request: &request.descriptor, found: Vec::new() };
    check.message(request.limits, message, &Path::Request);
    check.found
}

/// An answer must fit into the headers of a response.
const MOST_VIOLATIONS: usize = 20;

/// More than any request has fields.
const MOST_MASK_PATHS: usize = 32;

struct Check<'a> {
    table: &'a Table,
    request: &'a MessageDescriptor,
    found: Vec<Violation>,
}

impl Check<'_> {
    fn message(&mut self, limits: usize, message: &DynamicMessage, at: &Path<'_>) {
        for limit in self.table.limits(limits) {
            if self.found.len() < MOST_VIOLATIONS {
                self.field(limit, message, &Path::Field(at, limit.field.name()));
            }
        }
    }

    fn field(&mut self, limit: &Limit, message: &DynamicMessage, at: &Path<'_>) {
        let present = message.has_field(&limit.field);
        if !present && limit.required {
            return self.refuse(at, "REQUIRED", "must be set");
        }
        if !present && limit.field.supports_presence() {
            return;
        }
        match &*message.get_field(&limit.field) {
            Value::List(items) => self.items(limit, items, at),
            value if limit.ignore_zero && value.is_default(&limit.field.kind()) => {}
            value => self.value(limit, value, at),
        }
    }

    fn items(&mut self, limit: &Limit, items: &[Value], at: &Path<'_>) {
        if items.len() > limit.max_items {
            let most = limit.max_items;
            return self.refuse(at, "TOO_MANY", format!("must be at most {most} entries"));
        }
        for (index, item) in items.iter().enumerate() {
            if self.found.len() < MOST_VIOLATIONS {
                self.value(limit, item, &Path::Item(at, index));
            }
        }
    }

    fn value(&mut self, limit: &Limit, value: &Value, at: &Path<'_>) {
        match (&limit.each, value) {
            (Each::Message(limits), Value::Message(message)) => self.message(*limits, message, at),
            (Each::FieldMask, Value::Message(mask)) => self.mask(mask, at),
            (each, value) => {
                if let Err((reason, description)) = values::check(each, value) {
                    self.refuse(at, reason, description);
                }
            }
        }
    }

    fn mask(&mut self, mask: &DynamicMessage, at: &Path<'_>) {
        let paths = mask.get_field_by_name("paths");
        let paths = paths.as_deref().and_then(Value::as_list).unwrap_or_default();
        let at = &Path::Field(at, "paths");
        if paths.len() > MOST_MASK_PATHS {
            return self.refuse(at, "TOO_MANY", format!("must be at most {MOST_MASK_PATHS} paths"));
        }
        let everything = paths.len() == 1 && paths[0].as_str() == Some("*");
        for (index, path) in paths.iter().enumerate() {
            let known = path.as_str().is_some_and(|path| names_a_field(self.request, path));
            if !known && !everything && self.found.len() < MOST_VIOLATIONS {
                let allowed = "must name a field of the request, or be `*` alone";
                self.refuse(&Path::Item(at, index), "UNKNOWN_FIELD", allowed);
            }
        }
    }

    fn refuse(&mut self, at: &Path<'_>, reason: &'static str, allowed: impl Into<String>) {
        let description = allowed.into();
        self.found.push(Violation { field: at.to_string(), reason, description });
    }
}

/// Whether a path such as `address.street` leads through fields of a message.
fn names_a_field(message: &MessageDescriptor, path: &str) -> bool {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    match (message.get_field_by_name(name), rest) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(field), Some(rest)) => match field.kind() {
            Kind::Message(inner) if !field.is_list() => names_a_field(&inner, rest),
            _ => false,
        },
    }
}

/// The way to a field, written out only where something is wrong.
enum Path<'a> {
    Request,
    Field(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request => Ok(()),
            Self::Field(Self::Request, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(list, index) => write!(f, "{list}[{index}]"),
        }
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
