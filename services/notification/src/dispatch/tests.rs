//! A dispatch in every state, told everything.

use jangteo::notification::v1::{ChannelCreated, ChannelTold};
use jangteo_kit::{
    decide::No,
    execute::{Aggregate, Follows, Target},
};
use proptest::prelude::*;

use super::{decide::PAUSES, *};

const CHANNEL: Uuid = Uuid::from_u128(7);
const NOTIFICATION: Uuid = Uuid::from_u128(9);

fn dispatch(attempts: i32, state: State) -> Dispatch {
    Dispatch {
        id: Dispatch::id_of(CHANNEL, What::Notification(NOTIFICATION)),
        channel: CHANNEL,
        owner: "seller01".to_owned(),
        notification: Some(NOTIFICATION),
        attempts,
        state,
    }
}

fn start() -> Command {
    let what = What::Notification(NOTIFICATION);
    Command::Start { channel: CHANNEL, owner: "seller01".to_owned(), what }
}

fn heard(heard: Heard<Outcome>) -> Command {
    Command::Heard { heard, at: 100 }
}

fn failed() -> Command {
    heard(Heard::Yes(Outcome::Failed("busy".to_owned())))
}

fn refused() -> Command {
    heard(Heard::Yes(Outcome::Refused("gone".to_owned())))
}

fn retry(by: &str) -> Command {
    Command::Retry { by: Actor(by.to_owned()) }
}

fn dead(failure: &str) -> State {
    State::Dead { failure: failure.to_owned() }
}

/// What a command makes of a state: attempts, state, and how many events it tells.
fn after(attempts: i32, state: State, command: Command) -> Result<(i32, State, usize), Rejection> {
    let (next, events) = Dispatch::decide(Some(dispatch(attempts, state)), command)?;
    Ok((next.attempts, next.state, events.len()))
}

#[test]
fn the_namespace_is_the_one_of_dispatches() {
    assert_eq!(NAMESPACE, Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"dispatch.jangteo.dev"));
}

#[test]
fn it_is_sent_at_once_and_once() {
    let (begun, events) = Dispatch::decide(None, start()).unwrap();
    assert_eq!((&begun, events.len()), (&dispatch(1, State::Sending), 0));
    assert_eq!(Dispatch::decide(Some(begun.clone()), start()), Ok((begun, vec![])));
    let sent = after(1, State::Sending, heard(Heard::Yes(Outcome::Sent))).unwrap();
    assert_eq!(sent, (1, State::Sent, 1));
}

#[test]
fn what_fails_is_sent_again_after_longer_and_longer_pauses() {
    let mut attempts = 1;
    for pause in PAUSES {
        let (_, waits, told) = after(attempts, State::Sending, failed()).unwrap();
        let until = 100 + i64::try_from(pause.as_millis()).unwrap();
        assert_eq!(waits, State::Waiting { until, failure: "busy".to_owned() });
        assert_eq!(told, 0);
        assert_eq!(dispatch(attempts, waits.clone()).due(), Some((until, Command::Wake)));
        attempts += 1;
        assert_eq!(after(attempts - 1, waits, Command::Wake), Ok((attempts, State::Sending, 0)));
    }
    assert_eq!(after(attempts, State::Sending, failed()), Ok((attempts, dead("busy"), 1)));
}

#[test]
fn what_is_refused_is_not_sent_again() {
    assert_eq!(after(1, State::Sending, refused()), Ok((1, dead("gone"), 1)));
    let no = No::unavailable("X", "no");
    assert_eq!(after(1, State::Sending, heard(Heard::No(no))), Ok((1, dead("no"), 1)));
}

#[test]
fn silence_is_no_answer() {
    for silence in [Heard::Nothing, Heard::NotSent] {
        assert_eq!(after(2, State::Sending, heard(silence)), Ok((2, State::Sending, 0)));
    }
}

#[test]
fn its_owner_sends_a_dead_one_once_more() {
    assert_eq!(after(10, dead("gone"), retry("seller01")), Ok((11, State::Sending, 0)));
    assert_eq!(after(10, dead("gone"), retry("stranger01")), Err(Rejection::NotFound));
    // What has been tried for days is tried once.
    assert_eq!(after(11, State::Sending, failed()), Ok((11, dead("busy"), 1)));
    let waiting = State::Waiting { until: 5, failure: "busy".to_owned() };
    for state in [State::Sending, waiting, State::Sent] {
        assert_eq!(after(1, state, retry("seller01")), Err(Rejection::NotDead));
    }
}

#[test]
fn each_try_is_a_question_of_its_own() {
    let key = |attempts| dispatch(attempts, State::Sending).pending().unwrap().key;
    assert!(key(1).ends_with("/attempts/1") && key(2).ends_with("/attempts/2"));
    for state in [State::Sent, dead(""), State::Waiting { until: 1, failure: String::new() }] {
        assert!(dispatch(1, state).pending().is_none());
    }
}

#[test]
fn what_a_channel_is_told_is_dispatched() {
    let (owner, id) = ("seller01".to_owned(), NOTIFICATION.to_string());
    let told = ChannelTold { owner: owner.clone(), notification_id: id, ..Default::default() };
    let told = jangteo_testing::event(CHANNEL, 3, &told, 5);
    let id = Dispatch::id_of(CHANNEL, What::Notification(NOTIFICATION));
    assert_eq!(Dispatch::policy(&told).unwrap(), [(Target::Born(id), start())]);
    for (unconfirmed, expected) in [(true, 1), (false, 0)] {
        let created = ChannelCreated { owner: owner.clone(), unconfirmed, ..Default::default() };
        let created = jangteo_testing::event(CHANNEL, 1, &created, 5);
        assert_eq!(Dispatch::policy(&created).unwrap().len(), expected);
    }
}

fn any_command() -> impl Strategy<Value = Command> {
    let silence = prop_oneof![Just(Heard::Nothing), Just(Heard::NotSent)];
    prop_oneof![
        Just(start()),
        Just(heard(Heard::Yes(Outcome::Sent))),
        Just(failed()),
        Just(refused()),
        silence.prop_map(heard),
        Just(Command::Wake),
        Just(retry("seller01")),
    ]
}

proptest! {
    /// It always is somewhere that it gets out of by itself, or at its end.
    #[test]
    fn it_never_hangs_and_is_told_sent_once(commands in proptest::collection::vec(any_command(), 0..60)) {
        let (mut now, mut sent) = (None, 0);
        for command in commands {
            let Ok((next, events)) = Dispatch::decide(now.clone(), command) else { continue };
            sent += events.iter().filter(|event| matches!(event, Event::DispatchSent(_))).count();
            let ends = matches!(next.state, State::Sent | State::Dead { .. });
            prop_assert_eq!(ends, next.pending().is_none() && next.due().is_none());
            prop_assert_eq!(sent == 1, next.state == State::Sent);
            now = Some(next);
        }
    }
}
