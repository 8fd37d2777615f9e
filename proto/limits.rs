//! What each field of a request may hold: the field rules of the contracts, compiled once.

use std::collections::HashMap;

use prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, Value,
};

/// The limits of every message that an RPC takes, and of every message inside one.
#[derive(Default)]
pub(crate) struct Table {
    messages: Vec<Vec<Limit>>,
    known: HashMap<String, usize>,
    requests: HashMap<String, Request>,
}

/// A message that an RPC takes.
pub(crate) struct Request {
    /// Its type.
    pub(crate) descriptor: MessageDescriptor,
    /// Where its limits are.
    pub(crate) limits: usize,
}

/// What one field may hold.
pub(crate) struct Limit {
    pub(crate) field: FieldDescriptor,
    pub(crate) required: bool,
    pub(crate) ignore_zero: bool,
    pub(crate) max_items: usize,
    pub(crate) each: Each,
}

/// What a value may be; of a repeated field, each of them.
pub(crate) enum Each {
    /// Anything that its type can hold.
    Any,
    /// Printable text, counted in code points.
    Text { min_len: usize, max_len: usize, uuid: bool },
    /// Bytes, counted.
    Bytes { max_len: usize },
    /// A whole number, ends included.
    Number { least: i64, most: i64 },
    /// A value of an enum.
    Enum { of: EnumDescriptor, defined_only: bool, not_in: Vec<i32> },
    /// A point in time.
    Timestamp,
    /// A length of time.
    Duration,
    /// Names of fields of the request.
    FieldMask,
    /// A message with limits of its own.
    Message(usize),
}

impl Table {
    /// Reads the rules of a pool; fails with those that nothing here enforces.
    pub(crate) fn compile(pool: &DescriptorPool) -> Result<Self, Vec<String>> {
        let mut table = Self::default();
        let mut unenforced = Vec::new();
        for method in crate::access::methods(pool) {
            let descriptor = method.input();
            let limits = table.message(&descriptor, &mut unenforced);
            let name = descriptor.full_name().to_owned();
            table.requests.insert(name, Request { descriptor, limits });
        }
        if unenforced.is_empty() { Ok(table) } else { Err(unenforced) }
    }

    /// The request of this full name, if an RPC takes it.
    pub(crate) fn request(&self, name: &str) -> Option<&Request> {
        self.requests.get(name)
    }

    /// The limits of a message.
    pub(crate) fn limits(&self, message: usize) -> &[Limit] {
        &self.messages[message]
    }

    fn message(&mut self, message: &MessageDescriptor, unenforced: &mut Vec<String>) -> usize {
        if let Some(known) = self.known.get(message.full_name()) {
            return *known;
        }
        let index = self.messages.len();
        // Known before its fields are read: a message may contain itself.
        self.known.insert(message.full_name().to_owned(), index);
        self.messages.push(Vec::new());
        self.messages[index] =
            message.fields().map(|field| self.limit(field, unenforced)).collect();
        index
    }

    fn limit(&mut self, field: FieldDescriptor, unenforced: &mut Vec<String>) -> Limit {
        let each = self.each(&field, unenforced);
        let mut limit =
            Limit { field, required: false, ignore_zero: false, max_items: usize::MAX, each };
        let rules = declared(&limit.field);
        for (rule, value) in rules.iter().flat_map(DynamicMessage::fields) {
            if let Err(rule) = limit.set(rule.name(), value) {
                unenforced.push(format!("{}: {rule}", limit.field.full_name()));
            }
        }
        limit
    }

    fn each(&mut self, field: &FieldDescriptor, unenforced: &mut Vec<String>) -> Each {
        match field.kind() {
            Kind::String => Each::Text { min_len: 0, max_len: usize::MAX, uuid: false },
            Kind::Bytes => Each::Bytes { max_len: usize::MAX },
            Kind::Int32 | Kind::Int64 => Each::Number { least: i64::MIN, most: i64::MAX },
            Kind::Enum(of) => Each::Enum { of, defined_only: false, not_in: Vec::new() },
            Kind::Message(_) if field.is_map() => {
                unenforced.push(format!("{}: a map has no rules", field.full_name()));
                Each::Any
            }
            Kind::Message(message) => match message.full_name() {
                "google.protobuf.Timestamp" => Each::Timestamp,
                "google.protobuf.Duration" => Each::Duration,
                "google.protobuf.FieldMask" => Each::FieldMask,
                _ => Each::Message(self.message(&message, unenforced)),
            },
            _ => Each::Any,
        }
    }
}

/// The field rules as they stand in the contract, if there are any.
pub(crate) fn declared(field: &FieldDescriptor) -> Option<DynamicMessage> {
    let extension = field.parent_pool().get_extension_by_name("buf.validate.field")?;
    let options = field.options();
    let rules = options.has_extension(&extension).then(|| options.get_extension(&extension))?;
    rules.as_message().cloned()
}

impl Limit {
    /// Takes one rule over; fails with its name if it is none that is enforced here.
    fn set(&mut self, rule: &str, value: &Value) -> Result<(), String> {
        match (rule, value) {
            ("required", Value::Bool(on)) => self.required = *on,
            // IGNORE_UNSPECIFIED and IGNORE_IF_ZERO_VALUE.
            ("ignore", Value::EnumNumber(ignore @ (0 | 1))) => self.ignore_zero = *ignore == 1,
            ("repeated", Value::Message(rules)) if self.field.is_list() => {
                return all(rules, "repeated", |rule, value| self.set_repeated(rule, value));
            }
            (group, Value::Message(rules)) if !self.field.is_list() => {
                return self.each.set_all(group, rules, &self.field.kind());
            }
            _ => return Err(rule.to_owned()),
        }
        Ok(())
    }

    fn set_repeated(&mut self, rule: &str, value: &Value) -> Result<(), String> {
        match (rule, value) {
            ("max_items", Value::U64(most)) => self.max_items = saturated(*most),
            ("items", Value::Message(rules)) => {
                return all(rules, "items", |group, value| match value {
                    Value::Message(rules) => self.each.set_all(group, rules, &self.field.kind()),
                    _ => Err(group.to_owned()),
                });
            }
            _ => return Err(rule.to_owned()),
        }
        Ok(())
    }
}

impl Each {
    /// Takes the rules of a group over, such as `int64`, if that is the kind of the field.
    fn set_all(&mut self, group: &str, rules: &DynamicMessage, kind: &Kind) -> Result<(), String> {
        let fits = match kind {
            Kind::String => group == "string",
            Kind::Bytes => group == "bytes",
            Kind::Int32 => group == "int32",
            Kind::Int64 => group == "int64",
            Kind::Enum(_) => group == "enum",
            _ => false,
        };
        if !fits {
            return Err(group.to_owned());
        }
        all(rules, group, |rule, value| self.set(rule, value))
    }

    fn set(&mut self, rule: &str, value: &Value) -> Result<(), String> {
        match (self, rule, value) {
            (Self::Text { min_len, .. }, "min_len", Value::U64(n)) => *min_len = saturated(*n),
            (Self::Text { max_len, .. } | Self::Bytes { max_len }, "max_len", Value::U64(n)) => {
                *max_len = saturated(*n);
            }
            (Self::Text { uuid, .. }, "uuid", Value::Bool(on)) => *uuid = *on,
            (Self::Number { least, .. }, "gte", number) => *least = whole(number)?,
            (Self::Number { most, .. }, "lte", number) => *most = whole(number)?,
            (Self::Enum { defined_only, .. }, "defined_only", Value::Bool(on)) => {
                *defined_only = *on;
            }
            (Self::Enum { not_in, .. }, "not_in", Value::List(numbers)) => {
                *not_in = numbers.iter().filter_map(Value::as_i32).collect();
            }
            _ => return Err(rule.to_owned()),
        }
        Ok(())
    }
}

/// Hands every rule that is set to `set`; a failure is named with its group.
fn all(
    rules: &DynamicMessage,
    group: &str,
    mut set: impl FnMut(&str, &Value) -> Result<(), String>,
) -> Result<(), String> {
    rules.fields().try_for_each(|(rule, value)| {
        set(rule.name(), value).map_err(|rule| format!("{group}.{rule}"))
    })
}

fn whole(number: &Value) -> Result<i64, String> {
    number
        .as_i64()
        .or_else(|| number.as_i32().map(i64::from))
        .ok_or_else(|| format!("{number:?} is no whole number"))
}

/// A length from the contract; one that memory can't hold is no limit.
fn saturated(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}
