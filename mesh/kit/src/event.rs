//! An event between contexts: who emitted it, which one it is, what it says.

use prost::{DecodeError, Message, Name};
use prost_types::Timestamp;
use uuid::Uuid;

use jangteo::journal::v1::JournalEvent;

/// Every event id is a UUIDv5 in this namespace: the UUIDv5 of `jangteo.dev` among DNS names.
const NAMESPACE: Uuid = Uuid::from_u128(0xeaa9_fbe8_5f15_54ea_869c_57b2_f02b_a759);
/// Streams can be split by these without a new contract.
pub(crate) const PARTITIONS: u64 = 32;

/// An event as the domain emits it: its contract message, encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The full name of the message.
    pub type_name: String,
    /// The message.
    pub payload: Vec<u8>,
}

impl Recorded {
    /// Records a contract message.
    pub fn of<M: Message + Name>(message: &M) -> Self {
        Self { type_name: M::full_name(), payload: message.encode_to_vec() }
    }
}

/// An event of an aggregate's own enum, one contract message per variant.
pub trait Emitted {
    /// The message of the variant.
    fn record(&self) -> Recorded;
}

/// Declares an aggregate's event enum from its contract messages:
/// `events! { /// What happens to posts. pub enum Event { PostWritten, PostEdited } }`.
#[macro_export]
macro_rules! events {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident { $($event:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[allow(clippy::enum_variant_names, reason = "contracts name events after their aggregate")]
        $visibility enum $name {
            $(#[doc = concat!("The contract's `", stringify!($event), "`.")] $event($event)),+
        }
        impl $crate::event::Emitted for $name {
            fn record(&self) -> $crate::event::Recorded {
                match self { $(Self::$event(event) => $crate::event::Recorded::of(event)),+ }
            }
        }
        $(impl From<$event> for $name {
            fn from(event: $event) -> Self { Self::$event(event) }
        })+
    };
}

/// An event with all that the kit knows about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The context that emitted it.
    pub context: String,
    /// The kind of the aggregate.
    pub kind: String,
    /// The aggregate.
    pub aggregate_id: Uuid,
    /// Counts the aggregate's events from 1.
    pub sequence: i64,
    /// The full name of the message.
    pub type_name: String,
    /// The message, encoded.
    pub payload: Vec<u8>,
    /// One id for everything that one cause set in motion.
    pub correlation_id: Uuid,
    /// What caused it.
    pub causation_id: Uuid,
    /// The W3C trace context that it was written in; may be empty.
    pub traceparent: String,
    /// When it was written, in ms since 1970.
    pub time: i64,
}

impl Event {
    /// The event's id: the same for ever, whoever publishes it again.
    pub fn id(&self) -> Uuid {
        let name =
            format!("{}/{}/{}/{}", self.context, self.kind, self.aggregate_id, self.sequence);
        Uuid::new_v5(&NAMESPACE, name.as_bytes())
    }

    /// Whether both are the same event, and not only two of the same number. Each publishing has a
    /// trace of its own.
    pub fn is(&self, other: &Self) -> bool {
        let Self { payload, type_name, causation_id, time, .. } = self;
        self.id() == other.id()
            && (payload, type_name) == (&other.payload, &other.type_name)
            && (causation_id, time) == (&other.causation_id, &other.time)
    }

    /// Its name without the package, such as `PostWritten`.
    pub fn name(&self) -> &str {
        self.type_name.rsplit('.').next().unwrap_or(&self.type_name)
    }

    /// Where it is published: `jangteo.<context>.<partition>.<EventName>`.
    pub fn subject(&self) -> String {
        let name = self.name();
        let partition = fnv1a(self.aggregate_id.to_string().as_bytes()) % PARTITIONS;
        format!("jangteo.{}.p{partition:02}.{name}", self.context)
    }

    /// The message, if the event is an `M`; none if it is another one.
    ///
    /// # Errors
    /// It says that it is an `M` and can't be decoded.
    pub fn message<M: Message + Name + Default>(&self) -> Result<Option<M>, DecodeError> {
        if self.type_name == M::full_name() {
            M::decode(self.payload.as_slice()).map(Some)
        } else {
            Ok(None)
        }
    }
}

/// The subjects of one partition of a context's stream.
pub(crate) fn partition(context: &str, number: u64) -> String {
    format!("jangteo.{context}.p{number:02}.>")
}

/// Why an event can't be applied, ever, by this program: its aggregate is parked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(pub String);

impl From<DecodeError> for Unfit {
    fn from(error: DecodeError) -> Self {
        Self(error.to_string())
    }
}

impl From<uuid::Error> for Unfit {
    fn from(error: uuid::Error) -> Self {
        Self(error.to_string())
    }
}

/// FNV-1a with 64 bits.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A time in ms since 1970 as the contracts carry it.
pub fn timestamp(ms: i64) -> Timestamp {
    let nanos = i32::try_from(ms.rem_euclid(1000)).expect("below 1000") * 1_000_000;
    Timestamp { seconds: ms.div_euclid(1000), nanos }
}

/// A time of a contract in ms since 1970.
pub fn millis(time: &Timestamp) -> i64 {
    time.seconds.saturating_mul(1000).saturating_add(i64::from(time.nanos) / 1_000_000)
}

impl From<&Event> for JournalEvent {
    fn from(event: &Event) -> Self {
        Self {
            context: event.context.clone(),
            kind: event.kind.clone(),
            aggregate_id: event.aggregate_id.to_string(),
            sequence: event.sequence,
            r#type: event.type_name.clone(),
            payload: event.payload.clone(),
            correlation_id: event.correlation_id.to_string(),
            causation_id: event.causation_id.to_string(),
            traceparent: event.traceparent.clone(),
            time: Some(timestamp(event.time)),
        }
    }
}

impl TryFrom<JournalEvent> for Event {
    type Error = uuid::Error;

    fn try_from(event: JournalEvent) -> Result<Self, Self::Error> {
        Ok(Self {
            aggregate_id: event.aggregate_id.parse()?,
            correlation_id: event.correlation_id.parse()?,
            causation_id: event.causation_id.parse()?,
            context: event.context,
            kind: event.kind,
            sequence: event.sequence,
            type_name: event.r#type,
            payload: event.payload,
            traceparent: event.traceparent,
            time: event.time.as_ref().map_or(0, millis),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_namespace_is_the_one_of_jangteo_dev() {
        assert_eq!(NAMESPACE, Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"jangteo.dev"));
    }

    #[test]
    fn partitions_follow_the_published_hash() {
        // Reference values of FNV-1a 64.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn times_before_1970_survive_the_contract() {
        for ms in [-1, 0, 1, 1_727_136_000_123] {
            assert_eq!(millis(&timestamp(ms)), ms);
        }
    }
}
