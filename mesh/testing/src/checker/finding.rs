//! What can be wrong.

use std::fmt;

use uuid::Uuid;

/// Something that must never be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// An acknowledged write has no effect.
    Lost {
        /// What it was about.
        aggregate: Uuid,
        /// The event it should have caused.
        event: String,
        /// Writes acknowledged.
        acknowledged: usize,
        /// Events found.
        found: usize,
    },
    /// A write had its effect more than once, or nobody asked for it.
    Doubled {
        /// What it was about.
        aggregate: Uuid,
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
    /// A post, a deal on it and the offer of that deal do not say the same.
    Torn {
        /// The deal.
        deal: Uuid,
        /// What the deal says of itself and wants the others to say.
        state: String,
        /// What posts and offers say of it.
        others: String,
    },
    /// More than one deal has the same post.
    Oversold {
        /// The post.
        post: Uuid,
        /// How many are reserved or ended.
        deals: usize,
    },
    /// The seller has said yes to more than one offer for the same post.
    Overaccepted {
        /// The post.
        post: Uuid,
        /// How many are accepted or in a deal.
        offers: usize,
    },
    /// An offer could still be accepted, though its post is gone.
    Open {
        /// The post.
        post: Uuid,
        /// The offer.
        offer: Uuid,
        /// Where it stands.
        state: String,
    },
    /// A call's answer does not fit what has become of the deal that asked.
    Key {
        /// Who answered.
        context: &'static str,
        /// The key of the call.
        key: String,
        /// The answer.
        verdict: String,
        /// The state of the deal; empty: there is none.
        deal: String,
    },
    /// Something was begun and is not at its end.
    Unfinished {
        /// Which table.
        table: &'static str,
        /// The aggregate.
        aggregate: Uuid,
        /// Where it stands.
        state: String,
    },
    /// A question is not answered.
    Unanswered {
        /// The aggregate that waits.
        aggregate: Uuid,
        /// The key of the call.
        key: String,
    },
    /// A timer should have fired.
    Overdue {
        /// The aggregate.
        aggregate: Uuid,
    },
    /// Nothing will ever wake what must wake.
    Asleep {
        /// The aggregate.
        aggregate: Uuid,
    },
    /// A request that nobody has decided on.
    Running {
        /// The request.
        request: Uuid,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { aggregate, event, acknowledged, found } => {
                write!(
                    f,
                    "lost: {acknowledged} × {event} acknowledged on {aggregate}, {found} found"
                )
            }
            Self::Doubled { aggregate, event, acknowledged, found } => {
                write!(
                    f,
                    "doubled: {acknowledged} × {event} asked for on {aggregate}, {found} found"
                )
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
            _ => self.of_the_sale(f),
        }
    }
}

impl Finding {
    fn of_the_sale(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torn { deal, state, others } => {
                write!(f, "torn: deal {deal} is {state}, but others say {others}")
            }
            Self::Oversold { post, deals } => write!(f, "oversold: {deals} deals have post {post}"),
            Self::Overaccepted { post, offers } => {
                write!(f, "overaccepted: {offers} offers for post {post}")
            }
            Self::Open { post, offer, state } => {
                write!(f, "open: offer {offer} for post {post}, which is gone, is {state}")
            }
            Self::Key { context, key, verdict, deal } => {
                write!(f, "key: {context} answered {verdict} to {key}, which is {deal:?}")
            }
            Self::Unfinished { table, aggregate, state } => {
                write!(f, "unfinished: {aggregate} in {table} is {state}")
            }
            Self::Unanswered { aggregate, key } => {
                write!(f, "unanswered: {aggregate} waits for {key}")
            }
            Self::Overdue { aggregate } => write!(f, "overdue: the timer of {aggregate}"),
            Self::Asleep { aggregate } => write!(f, "asleep: {aggregate} has no timer"),
            Self::Running { request } => write!(f, "running: request {request}"),
            _ => Ok(()),
        }
    }
}
