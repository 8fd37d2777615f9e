//! What a dispatch answers to each command in each state, what it asks, and when it wakes.

use std::time::Duration;

use jangteo::notification::v1::{
    DispatchDied, DispatchSent, SendDispatchRequest, SendDispatchResponse,
    send_dispatch_response::Outcome as Told,
};
use jangteo_kit::{
    decide::{Heard, Pending, Question, Unanswered},
    event::timestamp,
    execute::{Aggregate, Decision},
};

use uuid::Uuid;

use super::{Command, Dispatch, Event, Outcome, Rejection, State, What};

/// How long one try may take, all in all.
const LIMIT: Duration = Duration::from_secs(15);

/// The pauses between tries, as Standard Webhooks recommends them: three days and a few hours.
pub(super) const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// An event that names the dispatch, its channel and what it carries.
macro_rules! told {
    ($event:ident, $dispatch:expr, $at:expr) => {
        Event::from($event {
            dispatch_id: $dispatch.id.to_string(),
            channel_id: $dispatch.channel.to_string(),
            owner: $dispatch.owner.clone(),
            notification_id: $dispatch.notification.map(|id| id.to_string()).unwrap_or_default(),
            attempts: $dispatch.attempts,
            time: Some(timestamp($at)),
        })
    };
}

impl Aggregate for Dispatch {
    const KIND: &'static str = "dispatch";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        match (state, command) {
            (None, Command::Start { channel, owner, what }) => {
                Ok((Self::begun(channel, owner, what), vec![]))
            }
            (None, _) => Err(Rejection::NotFound),
            (Some(dispatch), Command::Start { .. }) => Ok((dispatch, vec![])),
            (Some(dispatch), Command::Heard { heard, at }) => Ok(dispatch.heard(heard, at)),
            (Some(dispatch), Command::Wake) => Ok((dispatch.woken(), vec![])),
            (Some(dispatch), Command::Retry { by }) => {
                if dispatch.owner == by.0 {
                    dispatch.retried()
                } else {
                    Err(Rejection::NotFound)
                }
            }
        }
    }

    fn pending(&self) -> Option<Pending<Command>> {
        (self.state == State::Sending).then(|| self.sending())
    }

    fn due(&self) -> Option<(i64, Command)> {
        match self.state {
            State::Waiting { until, .. } => Some((until, Command::Wake)),
            State::Sending | State::Sent | State::Dead { .. } => None,
        }
    }
}

impl Dispatch {
    fn begun(channel: Uuid, owner: String, what: What) -> Self {
        let id = Self::id_of(channel, what);
        let notification = match what {
            What::Notification(id) => Some(id),
            What::Confirmation(_) => None,
        };
        Self { id, channel, owner, notification, attempts: 1, state: State::Sending }
    }

    /// Whatever became of a try that nobody answers: it is asked for again, and whoever gets the same
    /// twice knows it by its id.
    fn sending(&self) -> Pending<Command> {
        let key = self.key();
        let request =
            SendDispatchRequest { dispatch_id: self.id.to_string(), call_key: key.clone() };
        let question = Question::of("SenderService/SendDispatch", &request);
        let hear = |heard: Heard<SendDispatchResponse>, at| Command::Heard {
            heard: heard.and_then(outcome),
            at,
        };
        Pending::new(key, question, LIMIT, Unanswered::Finish, hear)
    }

    fn heard(self, heard: Heard<Outcome>, at: i64) -> (Self, Vec<Event>) {
        match (&self.state, heard) {
            (State::Sending, Heard::Yes(Outcome::Sent)) => {
                let event = told!(DispatchSent, self, at);
                (Self { state: State::Sent, ..self }, vec![event])
            }
            (State::Sending, Heard::Yes(Outcome::Failed(failure))) => self.failed(failure, at),
            (State::Sending, Heard::Yes(Outcome::Refused(failure))) => self.died(failure, at),
            (State::Sending, Heard::No(no)) => self.died(no.message, at),
            (State::Sending, Heard::NotSent | Heard::Nothing)
            | (State::Waiting { .. } | State::Sent | State::Dead { .. }, _) => (self, vec![]),
        }
    }

    fn failed(self, failure: String, at: i64) -> (Self, Vec<Event>) {
        let tries = usize::try_from(self.attempts).unwrap_or(usize::MAX);
        let Some(pause) = tries.checked_sub(1).and_then(|tries| PAUSES.get(tries)) else {
            return self.died(failure, at);
        };
        let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        let state = State::Waiting { until: at.saturating_add(pause), failure };
        (Self { state, ..self }, vec![])
    }

    fn died(self, failure: String, at: i64) -> (Self, Vec<Event>) {
        let event = told!(DispatchDied, self, at);
        (Self { state: State::Dead { failure }, ..self }, vec![event])
    }

    fn woken(self) -> Self {
        if matches!(self.state, State::Waiting { .. }) { self.again() } else { self }
    }

    fn retried(self) -> Decision<Self> {
        match self.state {
            State::Dead { .. } => Ok((self.again(), vec![])),
            State::Sending | State::Waiting { .. } | State::Sent => Err(Rejection::NotDead),
        }
    }

    fn again(self) -> Self {
        Self { attempts: self.attempts.saturating_add(1), state: State::Sending, ..self }
    }
}

/// What came of sending, as the contract has it; what only another version knows is no answer.
fn outcome(response: SendDispatchResponse) -> Option<Outcome> {
    match response.outcome() {
        Told::Unspecified => None,
        Told::Sent => Some(Outcome::Sent),
        Told::Failed => Some(Outcome::Failed(response.failure)),
        Told::Refused => Some(Outcome::Refused(response.failure)),
    }
}
