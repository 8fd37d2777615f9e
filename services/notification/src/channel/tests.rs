//! A channel in every state, told everything.

use jangteo_kit::{
    event::{Emitted as _, Event as Happened, timestamp},
    execute::{Aggregate, Follows, Target as To},
};
use proptest::prelude::*;

use super::{policy::Open, *};
use crate::domain::DAY;

const NOTIFICATION: Uuid = Uuid::from_u128(9);

fn mail() -> Target {
    Target::Mail { address: "seller01@market.example".to_owned(), code: "c0de".to_owned() }
}

fn webhook() -> Target {
    let url = "https://shop.example/hook".to_owned();
    Target::Webhook { url, secret: "whsec_c2VjcmV0".to_owned() }
}

fn create(target: Target, at: i64) -> Command {
    Command::Create { owner: "seller01".to_owned(), target, language: Language::Ko, at }
}

fn confirm(code: &str) -> Command {
    Command::Confirm { by: Actor("seller01".to_owned()), code: code.to_owned(), at: 2 }
}

fn delete(at: i64) -> Command {
    Command::Delete { by: Actor("seller01".to_owned()), at }
}

fn tell() -> Command {
    Command::Tell { notification: NOTIFICATION, at: 3 }
}

/// What becomes of a channel that is told all of this, one after the other.
fn after(commands: impl IntoIterator<Item = Command>) -> Result<(Channel, Vec<Event>), Rejection> {
    let mut channel = None;
    let mut told = vec![];
    for command in commands {
        let (next, events) = Channel::decide(channel, command)?;
        told.extend(events);
        channel = Some(next);
    }
    Ok((channel.expect("it was told something"), told))
}

#[test]
fn the_namespace_is_the_one_of_channels() {
    assert_eq!(NAMESPACE, Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"channel.jangteo.dev"));
}

#[test]
fn a_webhook_is_open_at_once_and_a_mail_address_once_it_is_confirmed() {
    let (open, told) = after([create(webhook(), 1), tell()]).unwrap();
    assert!(matches!(open.state, State::Webhook { .. }));
    assert!(
        matches!(&told[..], [Event::ChannelCreated(it), Event::ChannelTold(_)] if !it.unconfirmed)
    );
    let (_, told) = after([create(mail(), 1), tell()]).unwrap();
    assert!(matches!(&told[..], [Event::ChannelCreated(it)] if it.unconfirmed));
    let (open, told) = after([create(mail(), 1), confirm("c0de"), confirm("?"), tell()]).unwrap();
    assert!(matches!(open.state, State::Mail { .. }));
    let [_, Event::ChannelConfirmed(_), Event::ChannelTold(told)] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(told.notification_id, NOTIFICATION.to_string());
}

#[test]
fn whoever_does_not_know_the_code_confirms_nothing() {
    assert_eq!(after([create(mail(), 1), confirm("C0DE")]), Err(Rejection::WrongCode));
    assert_eq!(after([confirm("c0de")]), Err(Rejection::NotFound));
}

#[test]
fn others_find_no_channel() {
    let by = || Actor("stranger01".to_owned());
    for command in [
        Command::Confirm { by: by(), code: "c0de".to_owned(), at: 2 },
        Command::Delete { by: by(), at: 2 },
    ] {
        assert_eq!(after([create(mail(), 1), command]), Err(Rejection::NotFound));
    }
    let (channel, _) = after([create(mail(), 1)]).unwrap();
    assert!(channel.is_seen_by("seller01") && !channel.is_seen_by("stranger01"));
}

#[test]
fn a_deleted_channel_carries_nothing_and_forgets_its_address() {
    let (deleted, told) = after([create(webhook(), 1), delete(5), tell(), delete(6)]).unwrap();
    assert_eq!(deleted.state, State::Deleted { at: 5 });
    assert!(!deleted.is_seen_by("seller01"));
    assert!(matches!(&told[..], [_, Event::ChannelDeleted(_)]));
    assert_eq!(after([create(mail(), 1), delete(5), confirm("c0de")]), Err(Rejection::NotFound));
}

/// Nobody's mailbox can be filled with codes by creating a channel over and over.
#[test]
fn there_is_one_channel_to_an_address_and_a_mail_a_day_to_a_new_one() {
    assert_eq!(after([create(mail(), 1), create(mail(), 2)]), Err(Rejection::Exists));
    let again = |target: fn() -> Target, later| {
        after([create(target(), 1), delete(5), create(target(), 5 + later)]).map(|(it, _)| it.state)
    };
    assert_eq!(again(mail, DAY - 1), Err(Rejection::DeletedLately));
    assert!(matches!(again(mail, DAY), Ok(State::Unconfirmed { .. })));
    assert!(matches!(again(webhook, 0), Ok(State::Webhook { .. })));
    let id = |owner: &str, target: &Target| Channel::id_of(owner, target);
    assert_eq!(id("seller01", &mail()), id("seller01", &mail()));
    assert_ne!(id("seller01", &mail()), id("seller02", &mail()));
    assert_ne!(id("seller01", &mail()), id("seller01", &webhook()));
}

/// No event tells an address, a code or a secret: events are kept for ever, and read by others.
#[test]
fn events_tell_nothing_that_leads_anywhere() {
    for (target, secret) in [(mail(), "c0de"), (webhook(), "whsec_")] {
        let (_, told) =
            after([create(target.clone(), 1), confirm("c0de"), tell(), delete(5)]).unwrap();
        assert!(told.len() >= 3);
        for event in told {
            let said = String::from_utf8_lossy(&event.record().payload).into_owned();
            assert!(!said.contains(target.address()) && !said.contains(secret), "{event:?}");
        }
    }
}

fn sent(read: bool) -> Happened {
    let message = jangteo::notification::v1::NotificationSent {
        recipient: "seller01".to_owned(),
        read,
        time: Some(timestamp(7)),
        ..Default::default()
    };
    jangteo_testing::event(NOTIFICATION, 1, &message, 7)
}

#[test]
fn what_is_new_goes_to_every_channel_of_its_reader() {
    let to = To::Each(Open { owner: "seller01".to_owned() });
    let tell = Command::Tell { notification: NOTIFICATION, at: 7 };
    assert_eq!(Channel::policy(&sent(false)).unwrap(), [(to, tell)]);
    assert_eq!(Channel::policy(&sent(true)).unwrap(), []);
}

fn any_command() -> impl Strategy<Value = Command> {
    let by = prop_oneof![Just("seller01"), Just("stranger01")].prop_map(|by| Actor(by.to_owned()));
    let time = 0..3 * DAY;
    prop_oneof![
        (prop_oneof![Just(mail()), Just(webhook())], time.clone())
            .prop_map(|(target, at)| create(target, at)),
        (by.clone(), prop_oneof![Just("c0de"), Just("?")], time.clone())
            .prop_map(|(by, code, at)| Command::Confirm { by, code: code.to_owned(), at }),
        (by, time).prop_map(|(by, at)| Command::Delete { by, at }),
        Just(tell()),
    ]
}

proptest! {
    /// Nothing is told to an address that nobody has confirmed, or to one that was deleted since.
    #[test]
    fn only_open_channels_carry_anything(commands in proptest::collection::vec(any_command(), 0..40)) {
        let mut channel: Option<Channel> = None;
        for command in commands {
            let tells = matches!(command, Command::Tell { .. });
            let open = channel.as_ref().is_some_and(Channel::is_open);
            let Ok((next, events)) = Channel::decide(channel.clone(), command) else { continue };
            let carries = events.iter().any(|event| matches!(event, Event::ChannelTold(_)));
            prop_assert_eq!(carries, tells && open);
            channel = Some(next);
        }
    }
}
