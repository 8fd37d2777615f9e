//! What can be wrong.

use std::fmt;

use uuid::Uuid;

/// Something that must never be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// An acknowledged write has no effect.
    Lost {
        /// The post it was about.
        post: Uuid,
        /// The event it should have caused.
        event: String,
        /// Writes acknowledged.
        acknowledged: usize,
        /// Events found.
        found: usize,
    },
    /// A write had its effect more than once, or nobody asked for it.
    Doubled {
        /// The post it was about.
        post: Uuid,
        /// The event it caused.
        event: String,
        /// Writes acknowledged.
        acknowledged: usize,
        /// Events found.
        found: usize,
    },
    /// One request was answered in two ways.
    Contradicted {
        /// The request.
        request: Uuid,
        /// The answers.
        answers: [String; 2],
    },
    /// The answer to a request is not on record, though it may come again.
    Forgotten {
        /// The request.
        request: Uuid,
    },
    /// The numbers of an aggregate's events do not run from 1 without a gap.
    Gap {
        /// The aggregate.
        aggregate: Uuid,
        /// The number that should have come.
        expected: i64,
        /// The number that came.
        found: i64,
    },
    /// A row and its history end at different events.
    Head {
        /// The aggregate.
        aggregate: Uuid,
        /// The sequence of the row; none: there is no row.
        row: Option<i64>,
        /// The last event of the history; 0: there is none.
        journal: i64,
    },
    /// A row says something else than its history.
    Row {
        /// Which table.
        table: &'static str,
        /// The aggregate.
        aggregate: Uuid,
        /// Which column.
        column: &'static str,
        /// What it says.
        row: String,
        /// What it should say.
        history: String,
    },
    /// A row is missing that the history tells of.
    Missing {
        /// Which table.
        table: &'static str,
        /// The aggregate.
        aggregate: Uuid,
    },
    /// A row of which the history tells nothing.
    Stray {
        /// Which table.
        table: &'static str,
        /// The aggregate.
        aggregate: Uuid,
    },
    /// An event that the broker has not acknowledged.
    Unacked {
        /// The aggregate.
        aggregate: Uuid,
        /// The event's number.
        sequence: i64,
    },
    /// An event that the broker does not hold, though it acknowledged it.
    Unpublished {
        /// The aggregate.
        aggregate: Uuid,
        /// The event's number.
        sequence: i64,
    },
    /// A message that the journal does not know.
    Foreign {
        /// Its `ce-id`.
        id: String,
    },
    /// A message that is not what the journal says.
    Altered {
        /// The aggregate.
        aggregate: Uuid,
        /// The event's number.
        sequence: i64,
        /// What differs.
        what: &'static str,
    },
    /// A consumer's gate is not at the end of the history.
    Gate {
        /// The consumer.
        consumer: String,
        /// The aggregate.
        aggregate: Uuid,
        /// The gate; 0: there is none.
        gate: i64,
        /// The end of the history.
        journal: i64,
    },
    /// An event that waits behind a gap or a parked one.
    Held {
        /// The consumer.
        consumer: String,
        /// The aggregate.
        aggregate: Uuid,
        /// The event's number.
        sequence: i64,
        /// Why it could not be applied.
        cause: String,
    },
    /// A read model of which no generation, or more than one, is shown.
    Generations {
        /// The read model.
        read_model: &'static str,
        /// How many serve.
        serving: usize,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { post, event, acknowledged, found } => {
                write!(f, "lost: {acknowledged} × {event} acknowledged on {post}, {found} found")
            }
            Self::Doubled { post, event, acknowledged, found } => {
                write!(f, "doubled: {acknowledged} × {event} asked for on {post}, {found} found")
            }
            Self::Contradicted { request, answers: [one, other] } => {
                write!(f, "contradicted: request {request} was answered {one} and {other}")
            }
            Self::Forgotten { request } => write!(f, "forgotten: the answer to request {request}"),
            Self::Gap { aggregate, expected, found } => {
                write!(f, "gap: event {found} of {aggregate} where {expected} should be")
            }
            Self::Head { aggregate, row, journal } => {
                write!(f, "head: the row of {aggregate} is at {row:?}, its journal at {journal}")
            }
            Self::Row { table, aggregate, column, row, history } => write!(
                f,
                "row: {column} of {aggregate} in {table} is {row:?}, by its history {history:?}"
            ),
            Self::Missing { table, aggregate } => write!(f, "missing: {aggregate} in {table}"),
            Self::Stray { table, aggregate } => {
                write!(f, "stray: {aggregate} in {table} has no history")
            }
            Self::Unacked { aggregate, sequence } => {
                write!(f, "unacked: event {sequence} of {aggregate}")
            }
            Self::Unpublished { aggregate, sequence } => {
                write!(f, "unpublished: event {sequence} of {aggregate} is not in the stream")
            }
            Self::Foreign { id } => write!(f, "foreign: no journal knows message {id}"),
            Self::Altered { aggregate, sequence, what } => {
                write!(f, "altered: {what} of event {sequence} of {aggregate} in the stream")
            }
            Self::Gate { consumer, aggregate, gate, journal } => {
                write!(f, "gate: {consumer} is at {gate} of {aggregate}, its journal at {journal}")
            }
            Self::Held { consumer, aggregate, sequence, cause } => {
                write!(f, "held: {consumer} holds event {sequence} of {aggregate}: {cause:?}")
            }
            Self::Generations { read_model, serving } => {
                write!(f, "generations: {serving} of {read_model} serve")
            }
        }
    }
}
