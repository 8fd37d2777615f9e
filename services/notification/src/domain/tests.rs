//! Each arrow, each refusal, and what holds whatever comes.

use jangteo_kit::{
    event::timestamp,
    execute::Aggregate,
    status::{Kind as Refused, Reject},
};
use proptest::{collection::vec, prelude::*};

use super::*;

const NOW: i64 = 1_727_136_000_000;
const DAY: i64 = 24 * 3_600_000;

fn renter() -> Actor {
    Actor("renter01".to_owned())
}

fn stranger() -> Actor {
    Actor("stranger01".to_owned())
}

fn note(event_time: i64) -> Note {
    let arguments = [("item_name".to_owned(), "텐트".to_owned())].into();
    Note {
        recipient: renter().0,
        kind: Kind::RentalLent,
        subject: "rentals/R".to_owned(),
        arguments,
        event_time,
    }
}

fn id() -> Uuid {
    Uuid::from_u128(7)
}

fn notification(state: State) -> Notification {
    Notification { id: id(), note: note(NOW), state }
}

fn send(event_time: i64, at: i64) -> Command {
    Command::Send { id: id(), note: note(event_time), at }
}

fn read(by: Actor) -> Command {
    Command::Read { by, at: NOW }
}

#[test]
fn the_namespace_is_the_one_of_notification_jangteo_dev() {
    let named = Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"notification.jangteo.dev");
    assert_eq!(NAMESPACE, named);
}

#[test]
fn an_event_tells_a_person_of_one_kind_once() {
    let event = Uuid::from_u128(1);
    let known = note(NOW).id(event);
    let name = format!("{event}/renter01/rental_lent");
    assert_eq!(known, Uuid::new_v5(&NAMESPACE, name.as_bytes()));
    let reworded = Note { subject: "rentals/S".to_owned(), arguments: Arguments::new(), ..note(1) };
    assert_eq!(reworded.id(event), known);
    for other in [
        Note { recipient: stranger().0, ..note(NOW) },
        Note { kind: Kind::RentalReturned, ..note(NOW) },
    ] {
        assert_ne!(other.id(event), known);
    }
    assert_ne!(note(NOW).id(Uuid::from_u128(2)), known);
}

#[test]
fn somebody_is_told_of_what_happened() {
    let (sent, events) = Notification::decide(None, send(NOW - 5, NOW)).unwrap();
    let expected = Notification { id: id(), note: note(NOW - 5), state: State::Unread };
    assert_eq!(sent, expected);
    let told = NotificationSent {
        notification_id: id().to_string(),
        recipient: "renter01".to_owned(),
        kind: "rental_lent".to_owned(),
        subject: "rentals/R".to_owned(),
        arguments: [("item_name".to_owned(), "텐트".to_owned())].into(),
        read: false,
        event_time: Some(timestamp(NOW - 5)),
        time: Some(timestamp(NOW)),
    };
    assert_eq!(events, [told.into()]);
}

#[test]
fn what_is_older_than_a_day_when_it_arrives_counts_as_read() {
    for (event_time, state) in [
        (NOW - DAY - 1, State::Read),
        (NOW - DAY, State::Unread),
        (NOW + DAY, State::Unread),
        (i64::MIN, State::Read),
    ] {
        let (sent, events) = Notification::decide(None, send(event_time, NOW)).unwrap();
        assert_eq!(sent.state, state, "{event_time}");
        let [Event::NotificationSent(told)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(told.read, state == State::Read, "{event_time}");
    }
}

#[test]
fn an_event_that_comes_again_tells_nothing() {
    for state in [State::Unread, State::Read] {
        let sent = notification(state);
        let again = Notification::decide(Some(sent.clone()), send(1, NOW + DAY)).unwrap();
        assert_eq!(again, (sent, vec![]));
    }
}

#[test]
fn whoever_is_told_reads_it_once() {
    let (now, events) =
        Notification::decide(Some(notification(State::Unread)), read(renter())).unwrap();
    assert_eq!(now, notification(State::Read));
    let told = NotificationRead {
        notification_id: id().to_string(),
        recipient: "renter01".to_owned(),
        time: Some(timestamp(NOW)),
    };
    assert_eq!(events, [told.into()]);
    let again = Notification::decide(Some(now.clone()), read(renter())).unwrap();
    assert_eq!(again, (now, vec![]));
}

#[test]
fn what_others_are_told_looks_like_nothing_at_all() {
    for state in [None, Some(notification(State::Unread)), Some(notification(State::Read))] {
        let refused = Notification::decide(state, read(stranger())).unwrap_err();
        assert_eq!(refused, Rejection::NotFound);
    }
    assert_eq!(Notification::decide(None, read(renter())), Err(Rejection::NotFound));
    let no = Rejection::NotFound;
    assert_eq!((no.kind(), no.reason()), (Refused::NotFound, "NOTIFICATION_NOT_FOUND"));
}

#[test]
fn a_kind_is_known_by_the_snake_case_of_its_name() {
    for kind in Kind::ALL {
        let mut snake = String::new();
        for letter in format!("{kind:?}").chars() {
            if letter.is_uppercase() && !snake.is_empty() {
                snake.push('_');
            }
            snake.extend(letter.to_lowercase());
        }
        assert_eq!(kind.name(), snake);
        assert_eq!(Kind::parse(kind.name()), Some(*kind));
    }
    assert_eq!(Kind::parse("somebody_sang"), None);
}

fn any_command() -> impl Strategy<Value = Command> {
    let late = (-2i64..3).prop_map(|days| send(NOW - days * DAY, NOW));
    let by = prop_oneof![Just(renter()), Just(stranger())];
    prop_oneof![late, by.prop_map(read)]
}

proptest! {
    #[test]
    fn a_notification_changes_exactly_when_an_event_tells_of_it(commands in vec(any_command(), 0..20)) {
        let mut now = None;
        let mut sent = 0;
        for command in commands {
            let Ok((next, events)) = Notification::decide(now.clone(), command.clone()) else { continue };
            prop_assert_eq!(events.is_empty(), now.as_ref() == Some(&next));
            sent += events.iter().filter(|event| matches!(event, Event::NotificationSent(_))).count();
            let (same, again) = Notification::decide(Some(next.clone()), command).unwrap();
            prop_assert_eq!((&same, again.len()), (&next, 0));
            now = Some(next);
        }
        prop_assert_eq!(sent, usize::from(now.is_some()));
    }
}
