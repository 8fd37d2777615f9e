//! Whom an event concerns, as its contract says: the fields that are marked `person`.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use prost::DecodeError;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value,
};

/// A message and its fields that name people.
struct Naming {
    message: MessageDescriptor,
    fields: Vec<FieldDescriptor>,
}

/// The people whom an event of this type names; nobody where no contract knows the type.
///
/// # Errors
/// The payload is no such message.
pub fn named(type_name: &str, payload: &[u8]) -> Result<BTreeSet<String>, DecodeError> {
    let Some(naming) = table().get(type_name) else { return Ok(BTreeSet::new()) };
    let event = DynamicMessage::decode(naming.message.clone(), payload)?;
    let mut people = BTreeSet::new();
    for field in &naming.fields {
        people.extend(texts(&event.get_field(field)));
    }
    people.remove("");
    Ok(people)
}

fn table() -> &'static HashMap<String, Naming> {
    static TABLE: LazyLock<HashMap<String, Naming>> = LazyLock::new(|| {
        let messages = events(crate::descriptors());
        messages.map(|it| (it.full_name().to_owned(), Naming::of(it))).collect()
    });
    &TABLE
}

impl Naming {
    fn of(message: MessageDescriptor) -> Self {
        let fields = message.fields().filter(names_a_person).collect();
        Self { message, fields }
    }
}

/// Every event message of a pool: those of the `events.proto` of each context.
pub(crate) fn events(pool: &DescriptorPool) -> impl Iterator<Item = MessageDescriptor> {
    let is_event = |message: &MessageDescriptor| {
        message.parent_message().is_none()
            && message.parent_file().name().ends_with("/events.proto")
    };
    pool.all_messages().filter(is_event)
}

/// Whether a field is marked, and is a text that can name somebody.
pub(crate) fn names_a_person(field: &FieldDescriptor) -> bool {
    let option = || {
        let extension = field.parent_pool().get_extension_by_name("jangteo.options.v1.person")?;
        field.options().get_extension(&extension).as_bool()
    };
    field.kind() == Kind::String && option() == Some(true)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::List(values) => values.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use prost::{Message, Name};

    use super::*;
    use crate::{deal::v1::DealReserved, post::v1::PostWritten};

    fn found<M: Message + Name>(event: &M) -> Vec<String> {
        let people = named(&M::full_name(), &event.encode_to_vec()).unwrap();
        people.into_iter().collect()
    }

    #[test]
    fn an_event_names_everybody_whom_it_concerns() {
        let (seller, buyer) = ("seller01".to_owned(), "buyer01".to_owned());
        let reserved = DealReserved { seller: seller.clone(), buyer, ..Default::default() };
        assert_eq!(found(&reserved), ["buyer01", "seller01"]);
        let written = PostWritten { seller, goods: "buyer01".to_owned(), ..Default::default() };
        assert_eq!(found(&written), ["seller01"]);
        assert_eq!(found(&PostWritten::default()), [""; 0], "an empty name is nobody");
    }

    #[test]
    fn an_event_of_a_later_contract_names_nobody_that_is_known() {
        let people = named("jangteo.post.v1.PostStolen", &[1, 2, 3]).unwrap();
        assert!(people.is_empty());
    }

    #[test]
    fn bytes_that_are_no_such_event_are_an_error() {
        named("jangteo.post.v1.PostWritten", &[0xff]).unwrap_err();
    }
}
