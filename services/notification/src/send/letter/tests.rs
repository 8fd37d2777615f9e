//! What is sent through a channel, and what is not.

use jangteo::notification::v1::Language;

use super::*;
use crate::domain::{Kind, Note, State as Read};

fn channel(state: State) -> Channel {
    let (id, owner) = (Uuid::from_u128(7), "seller01".to_owned());
    Channel { id, owner, language: Language::En, state }
}

fn webhook() -> State {
    let url = "https://shop.example/hook".to_owned();
    State::Webhook { url, secret: "whsec_c2VjcmV0".to_owned() }
}

fn unconfirmed() -> State {
    State::Unconfirmed { address: "seller01@market.example".to_owned(), code: "c0de".to_owned() }
}

fn refunded() -> Notification {
    let note = Note {
        recipient: "seller01".to_owned(),
        kind: Kind::PaymentRefunded,
        subject: "payments/P".to_owned(),
        arguments: [("amount_krw".to_owned(), "15000".to_owned())].into(),
        event_time: 1_727_136_000_250,
    };
    Notification { id: Uuid::from_u128(9), note, state: Read::Unread }
}

#[test]
fn a_notification_says_the_same_as_in_the_app_in_the_language_of_its_channel() {
    let letter = Letter::of(&channel(webhook()), &refunded()).unwrap();
    let time = "2024-09-24T00:00:00.250Z";
    let expected = json!({
        "type": "notification.payment_refunded",
        "timestamp": time,
        "data": {
            "id": Uuid::from_u128(9).to_string(),
            "kind": "payment_refunded",
            "subject": "payments/P",
            "text": "You were refunded 15,000 KRW.",
            "eventTime": time,
        },
    });
    assert_eq!(letter.json(), expected);
    assert!(letter.footer.contains(&format!("channels/{}", Uuid::from_u128(7))));
}

/// A channel that was deleted and created again leads to whoever reads mail at its address, who may be
/// somebody else by now.
#[test]
fn nothing_goes_through_a_channel_that_is_not_open() {
    for state in [unconfirmed(), State::Deleted { at: 1 }] {
        assert_eq!(Letter::of(&channel(state), &refunded()), None);
    }
}

#[test]
fn only_a_channel_that_has_to_be_confirmed_asks_for_it() {
    let asking = |state, language| {
        Letter::asking(Uuid::from_u128(3), &Channel { language, ..channel(state) }, 5)
    };
    for language in [Language::En, Language::Ko] {
        assert!(asking(unconfirmed(), language).unwrap().text.contains("c0de"));
    }
    for state in [webhook(), State::Deleted { at: 1 }] {
        assert_eq!(asking(state, Language::En), None);
    }
}
