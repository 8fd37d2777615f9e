//! Notifications as their recipients read them, on every database that jangteo runs on.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jangteo::notification::v1::{NotificationRead, NotificationSent, WatchNotificationsResponse};
use jangteo_kit::{
    event::Event,
    project::{ReadModel, Slot, Told, Unfit, Watched},
    store::{Failure, Store},
};
use jangteo_testing::{mariadb, postgres, rows, scratch};
use prost::Name;
use tonic::Code;

use super::*;
use crate::{project::Mine, watch::Of};

const GENERATION: i64 = 3;

/// An event of a notification, a second after the one before it.
fn event(id: u128, sequence: i64, message: &impl Name) -> Event {
    jangteo_testing::event(Uuid::from_u128(id), sequence, message, 1_000 * sequence)
}

fn sent(id: u128, recipient: &str, event_time: i64, read: bool) -> Event {
    let message = NotificationSent {
        notification_id: Uuid::from_u128(id).to_string(),
        recipient: recipient.to_owned(),
        kind: Kind::PaymentRefunded.name().to_owned(),
        subject: "payments/P".to_owned(),
        arguments: [("amount_krw".to_owned(), "15000".to_owned())].into(),
        read,
        event_time: Some(timestamp(event_time)),
        time: Some(timestamp(1_000)),
    };
    event(id, 1, &message)
}

fn read(id: u128) -> Event {
    event(id, 2, &NotificationRead::default())
}

/// `renter01` is told of four events, two of which happened at once, and has read the oldest one.
fn story() -> Vec<Event> {
    vec![
        sent(11, "renter01", 50, false),
        sent(14, "renter01", 70, true),
        sent(12, "renter01", 60, false),
        sent(13, "renter01", 60, false),
        sent(15, "owner01", 65, false),
        read(11),
    ]
}

/// The read model on a database of its own.
struct Sample {
    store: Store,
    changes: Arc<AtomicI64>,
}

impl Sample {
    /// Projects events; answers why they don't fit, and then nothing of them is kept.
    async fn project(&self, events: Vec<Event>) -> Result<(), String> {
        let changes = self.changes.clone();
        let projected = self.store.unit(move |tx| {
            let (changes, events) = (changes.clone(), events.clone());
            Box::pin(async move {
                for event in &events {
                    let slot = Slot { tx, generation: GENERATION, changes: &changes };
                    Mine.project(slot, event).await?;
                }
                Ok(())
            })
        });
        projected.await.map_err(|failure| match failure {
            Failure::Rejected(Unfit(why)) => why,
            failure => panic!("{failure}"),
        })
    }

    /// Removes what was projected.
    async fn clear(&self) {
        let cleared = self.store.unit(|tx| {
            Box::pin(async move { Ok::<_, Failure<Unfit>>(Mine.clear(tx, GENERATION).await?) })
        });
        cleared.await.unwrap();
    }

    /// A page of a list.
    async fn page(&self, wanted: &Wanted, after: Option<Last>, limit: u64) -> Vec<Model> {
        let db = self.store.reader().unwrap();
        some(db, GENERATION, wanted, after, limit).await.unwrap()
    }

    /// The ids of all pages of a list, from the token of each to the next one.
    async fn ids(&self, wanted: &Wanted, limit: u64) -> Vec<u128> {
        let (mut ids, mut after) = (vec![], None);
        loop {
            let rows = self.page(wanted, after, limit).await;
            let Some(last) = rows.last() else { return ids };
            after = wanted.after(&wanted.token(last).text()).unwrap();
            ids.extend(rows.iter().map(|row| row.notification_id.as_u128()));
        }
    }

    /// What whoever watches is told of after a change, each with the number of its own.
    async fn changed(&self, recipient: &str, change: i64) -> Vec<(u128, i64)> {
        let of = Of { recipient: recipient.to_owned(), language: Language::En };
        let place = Place { generation: GENERATION, change };
        let rows = of.changed(self.store.reader().unwrap(), place).await.unwrap();
        rows.iter().map(|row| (row.0.notification_id.as_u128(), Of::change(row))).collect()
    }
}

/// Runs a test on a database of each kind.
async fn on_each_database(test: impl AsyncFn(&Sample)) {
    let dir = scratch::directory("notification").unwrap();
    for url in [
        format!("sqlite://{}/notification.db", dir.path().display()),
        postgres::database().await.unwrap(),
        mariadb::database().await.unwrap(),
    ] {
        let store = rows::store("notification", crate::migration::all, &url).await;
        let sample = Sample { store, changes: Arc::default() };
        test(&sample).await;
        sample.store.close().await;
    }
}

fn wanted(recipient: &str, state: State) -> Wanted {
    Wanted { recipient: recipient.to_owned(), state }
}

#[tokio::test]
async fn people_list_what_they_are_told_newest_first() {
    on_each_database(async |sample| {
        sample.project(story()).await.unwrap();
        for (recipient, state, expected) in [
            ("renter01", State::Unspecified, &[14, 13, 12, 11][..]),
            ("renter01", State::Unread, &[13, 12]),
            ("renter01", State::Read, &[14, 11]),
            ("owner01", State::Unspecified, &[15]),
            ("owner01", State::Read, &[]),
            ("Renter01", State::Unspecified, &[]),
        ] {
            for limit in [1, 3, 100] {
                let ids = sample.ids(&wanted(recipient, state), limit).await;
                assert_eq!(ids, expected, "{recipient} {state:?} {limit}");
            }
        }
        sample.clear().await;
        assert!(sample.page(&wanted("renter01", State::Unspecified), None, 9).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn whoever_watches_is_told_of_what_is_new_or_was_read() {
    on_each_database(async |sample| {
        sample.project(story()).await.unwrap();
        let all = sample.changed("renter01", 0).await;
        let ids: Vec<_> = all.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [14, 12, 13, 11], "in the order of their changes");
        assert_eq!(sample.changed("renter01", all[1].1).await, all[2..]);
        let seen = sample.changes.load(Ordering::Relaxed);
        sample.project(vec![read(12), read(15)]).await.unwrap();
        let read = sample.changed("renter01", seen).await;
        assert!(matches!(read[..], [(12, change)] if change > seen), "{read:?}");
    })
    .await;
}

/// A restored database makes what was published already again, under the next number.
#[tokio::test]
async fn what_is_sent_again_stays_as_it_is() {
    on_each_database(async |sample| {
        sample.project(story()).await.unwrap();
        let seen = sample.changes.load(Ordering::Relaxed);
        let again = [sent(11, "renter01", 50, false), sent(12, "renter01", 60, true)];
        let again = again.map(|event| Event { sequence: 3, time: 3_000, ..event });
        sample.project(again.into()).await.unwrap();
        assert_eq!(sample.changed("renter01", seen).await, []);
        assert_eq!(sample.ids(&wanted("renter01", State::Unread), 9).await, [13, 12]);
    })
    .await;
}

#[tokio::test]
async fn what_was_never_sent_does_not_fit() {
    on_each_database(async |sample| {
        assert!(sample.project(vec![read(11)]).await.unwrap_err().contains("never sent"));
        let mut broken = sent(11, "renter01", 50, false);
        broken.payload.truncate(5);
        sample.project(vec![broken]).await.unwrap_err();
        let other = event(11, 1, &jangteo::post::v1::PostHidden::default());
        sample.project(vec![other]).await.unwrap();
        assert_eq!(sample.changed("renter01", 0).await, []);
    })
    .await;
}

fn row() -> Model {
    Model {
        generation: GENERATION,
        notification_id: Uuid::from_u128(11),
        recipient: "renter01".to_owned(),
        kind: Kind::PaymentRefunded.name().to_owned(),
        subject: "payments/P".to_owned(),
        arguments: r#"{"amount_krw":"15000"}"#.to_owned(),
        event_time: 50,
        state: i64::from(i32::from(State::Read)),
        create_time: 1_000,
        update_time: 2_000,
        change: 4,
    }
}

#[test]
fn a_notification_is_shown_in_the_language_of_its_reader() {
    let expected = Notification {
        id: Uuid::from_u128(11).to_string(),
        recipient: "renter01".to_owned(),
        kind: "payment_refunded".to_owned(),
        subject: "payments/P".to_owned(),
        text: "15,000원이 환불되었습니다.".to_owned(),
        state: State::Read.into(),
        event_time: Some(timestamp(50)),
        create_time: Some(timestamp(1_000)),
        update_time: Some(timestamp(2_000)),
    };
    assert_eq!(shown(row(), Language::Ko), expected);
    let text = "You were refunded 15,000 KRW.".to_owned();
    assert_eq!(shown(row(), Language::En), Notification { text, ..expected });
    let later = Model { kind: "somebody_sang".to_owned(), ..row() };
    assert_eq!(shown(later, Language::En).text, "");
}

#[test]
fn whoever_watches_learns_where_to_go_on() {
    use jangteo::notification::v1::watch_notifications_response::{Change, Reset};
    let told = |told| Of::answer(told, "3.4".to_owned());
    let answer = |change| WatchNotificationsResponse {
        change: Some(change),
        resume_token: "3.4".to_owned(),
    };
    assert_eq!(told(Told::Reset), answer(Change::Reset(Reset {})));
    let shown = Change::Notification(shown(row(), Language::En));
    assert_eq!(told(Told::Row((row(), Language::En))), answer(shown));
}

#[test]
fn the_token_of_another_list_is_refused() {
    let token = wanted("renter01", State::Unread).token(&row()).text();
    for other in [wanted("owner01", State::Unread), wanted("renter01", State::Read)] {
        assert_eq!(other.after(&token).unwrap_err().code(), Code::InvalidArgument);
    }
    let same = wanted("renter01", State::Unread).after(&token);
    assert_eq!(same.unwrap(), Some((50, Uuid::from_u128(11))));
    assert_eq!(wanted("renter01", State::Unread).after("").unwrap(), None);
}
