//! What events of another context set going: each once and in order, for one aggregate or for many.

use std::sync::Arc;

use futures::future::join;
use jangteo_kit::{
    context::Context,
    decide::{BEHIND, PAGE},
    event::Event,
    inbox::{Aside, Follower, Letter, Policies, Remedied, Remedy, remedy, take},
    store::{Failure, Never, Store},
};
use sea_orm::{ConnectionTrait as _, EntityTrait as _};
use uuid::Uuid;

use crate::{
    place::{Place, ask, count, on_all},
    sample::{
        counter::{Command, Counter, OPEN, STUBBORN, context, entity, stored, tell},
        follow::{SOURCE, Says},
    },
};

on_all!(
    one_aggregate_is_told_once,
    an_event_for_an_absent_aggregate_is_done_with,
    an_aggregate_is_born_of_an_event_once,
    an_aggregate_that_is_born_again_goes_on_behind_its_history,
    an_event_for_many_is_done_in_pages_and_what_follows_it_waits,
    orders_for_one_and_for_many_are_all_done,
    two_that_go_on_with_the_same_event_do_it_once,
    a_refused_command_parks_the_event_and_what_follows_it,
    an_event_that_one_of_many_refuses_is_parked,
    an_event_that_cannot_be_read_is_parked,
    a_dead_letter_is_tried_again_and_goes_through_once_it_can,
    a_dead_letter_is_passed_over_for_good,
    what_waits_behind_a_dead_letter_follows_in_pages,
);

const ID: Uuid = Uuid::from_u128(7);
const OTHER: Uuid = Uuid::from_u128(8);
/// What the events are about.
const THING: u128 = 1;
const ELSE: u128 = 2;

/// A context that follows another one.
struct Sample {
    store: Store,
    context: Context,
    policies: Arc<Policies>,
}

impl Sample {
    async fn at(place: &Place) -> Self {
        let store = place.store().await;
        let policies = Arc::new(Policies::new("sample").follows::<Counter>());
        Self { context: context(&store), store, policies }
    }

    async fn take(&self, events: &[Event]) {
        let follower: Arc<dyn Follower> = self.policies.clone();
        take(&self.context, &[follower], SOURCE, events.to_vec()).await.unwrap();
    }

    /// Whoever goes on with what was set aside, and knows nothing of whoever did before.
    fn aside(&self) -> Aside {
        let follower: Arc<dyn Follower> = self.policies.clone();
        Aside::of(self.context.clone(), Arc::new([follower]))
    }

    /// Does something about the first event of the thing.
    async fn remedy(&self, by: Remedy) -> Remedied {
        let policies = self.policies.clone();
        let key = ("thing".to_owned(), Uuid::from_u128(THING));
        let (consumer, source) = ("sample".to_owned(), SOURCE.to_owned());
        let letter = Letter { consumer, source, key, sequence: 1 };
        let done = self.store.unit(move |tx| {
            let (policies, letter) = (policies.clone(), letter.clone());
            Box::pin(async move { remedy(tx, &*policies, &letter, by).await })
        });
        let done: Result<_, Failure<Never>> = done.await;
        done.unwrap().0
    }

    /// Does to the database what no command does.
    async fn run(&self, sql: &'static str) {
        let done = self.store.unit(move |tx| {
            Box::pin(async move {
                tx.execute_unprepared(sql).await?;
                Ok::<_, Failure<Never>>(())
            })
        });
        done.await.unwrap();
    }

    /// Writes counters with this note, the first one with this id.
    async fn counters(&self, first: u128, count: usize, note: &'static str) {
        let rows = self.store.unit(move |tx| {
            Box::pin(async move {
                let rows = (first..).take(count).map(|id| row(id, note));
                entity::Entity::insert_many(rows).exec_without_returning(tx).await?;
                Ok::<_, Failure<Never>>(())
            })
        });
        rows.await.unwrap();
    }

    async fn total(&self, id: Uuid) -> i64 {
        stored(&self.store, id).await.unwrap().state.total
    }

    /// How many counters were closed once.
    async fn closed(&self) -> usize {
        let sql = "SELECT COUNT(*) FROM counter WHERE note = 'closed' AND total = 1";
        let closed: i64 = ask(self.store.reader().unwrap(), sql).await;
        closed.try_into().unwrap()
    }

    /// How far the gate of the thing is, and how many events wait before it.
    async fn gate(&self) -> (i64, i64) {
        let gate = "SELECT sequence FROM gate WHERE consumer = 'sample' ORDER BY aggregate_id";
        (ask(self.store.reader().unwrap(), gate).await, count(&self.store, "held").await)
    }

    /// Why the only event with a cause is parked, and how often it was tried.
    async fn parked(&self) -> (String, i64) {
        let of = |what| format!("SELECT {what} FROM held WHERE cause IS NOT NULL");
        let db = self.store.reader().unwrap();
        (ask(db, &of("cause")).await, ask(db, &of("attempts")).await)
    }
}

fn row(id: u128, note: &str) -> entity::ActiveModel {
    entity::Model {
        id: Uuid::from_u128(id),
        revision: 1,
        sequence: 0,
        correlation_id: Uuid::from_u128(id),
        create_time: 0,
        update_time: 0,
        total: 0,
        note: note.to_owned(),
        remark: None,
    }
    .into()
}

async fn one_aggregate_is_told_once(place: Place) {
    let sample = Sample::at(&place).await;
    tell(&sample.store, ID, Command::Add(5)).await.unwrap();
    let events = [1, 2].map(|sequence| Says::Count(ID).event(THING, sequence));
    for _ in 0..2 {
        sample.take(&events).await;
        assert_eq!(sample.total(ID).await, 7);
        assert_eq!((count(&sample.store, "journal").await, sample.gate().await), (3, (2, 0)));
    }
    let caused = "SELECT causation_id FROM journal WHERE sequence = 3";
    let cause: Uuid = ask(sample.store.reader().unwrap(), caused).await;
    assert_eq!(cause, events[1].id());
}

async fn an_event_for_an_absent_aggregate_is_done_with(place: Place) {
    let sample = Sample::at(&place).await;
    sample.take(&[Says::Count(ID).event(THING, 1)]).await;
    assert_eq!((count(&sample.store, "counter").await, sample.gate().await), (0, (1, 0)));
    assert!(!sample.aside().share().await.unwrap());
}

async fn an_aggregate_is_born_of_an_event_once(place: Place) {
    let sample = Sample::at(&place).await;
    let events = [1, 2].map(|sequence| Says::Bear(ID).event(THING, sequence));
    for _ in 0..2 {
        sample.take(&events).await;
        assert_eq!((sample.total(ID).await, sample.gate().await), (2, (2, 0)));
    }
    let born = stored(&sample.store, ID).await.unwrap();
    assert_eq!((born.head.revision, born.head.correlation_id), (2, Uuid::from_u128(THING)));
}

/// A database that was restored has taken back what it had told of it, and not what it was.
async fn an_aggregate_that_is_born_again_goes_on_behind_its_history(place: Place) {
    let sample = Sample::at(&place).await;
    sample.take(&[1, 2].map(|sequence| Says::Bear(ID).event(THING, sequence))).await;
    sample.run("DELETE FROM counter").await;
    sample.run("DELETE FROM gate").await;
    sample.take(&[Says::Bear(ID).event(THING, 1)]).await;
    assert_eq!((sample.total(ID).await, sample.gate().await), (1, (1, 0)));
    let again = stored(&sample.store, ID).await.unwrap().head;
    assert_eq!((again.revision, again.sequence), (1, 3));
}

async fn an_event_for_many_is_done_in_pages_and_what_follows_it_waits(place: Place) {
    let sample = Sample::at(&place).await;
    let all = 2 * PAGE + PAGE / 2;
    sample.counters(1000, all, OPEN).await;
    tell(&sample.store, ID, Command::Add(1)).await.unwrap();
    let events = [Says::Close.event(THING, 1), Says::Count(ID).event(THING, 2)];
    for _ in 0..2 {
        sample.take(&events).await;
        assert_eq!((sample.closed().await, sample.gate().await), (0, (0, 2)));
    }
    let mut aside = sample.aside();
    assert!(aside.share().await.unwrap());
    assert_eq!((sample.closed().await, sample.gate().await), (PAGE, (0, 2)));
    drop(aside);

    sample.take(&[Says::Count(ID).event(ELSE, 1)]).await;
    assert_eq!(sample.total(ID).await, 2, "others go on meanwhile");
    let mut aside = sample.aside();
    assert!(aside.share().await.unwrap());
    assert_eq!((sample.closed().await, sample.gate().await), (2 * PAGE, (0, 2)));
    assert!(aside.share().await.unwrap());
    assert_eq!((sample.closed().await, sample.gate().await), (all, (2, 0)));
    assert_eq!(sample.total(ID).await, 3);
    assert!(!aside.share().await.unwrap());
}

async fn orders_for_one_and_for_many_are_all_done(place: Place) {
    let sample = Sample::at(&place).await;
    sample.counters(1000, PAGE + PAGE / 2, OPEN).await;
    sample.counters(7, 2, "apart").await;
    sample.take(&[Says::Both(ID, OTHER).event(THING, 1)]).await;
    assert_eq!(
        (sample.total(ID).await, sample.total(OTHER).await, sample.closed().await),
        (0, 0, 0)
    );
    let mut aside = sample.aside();
    assert!(aside.share().await.unwrap());
    // One of a page was told to count, and two are not open.
    assert_eq!((sample.total(ID).await, sample.closed().await), (1, PAGE - 3));
    assert_eq!((sample.total(OTHER).await, sample.gate().await), (0, (0, 1)));
    assert!(aside.share().await.unwrap());
    assert_eq!((sample.total(ID).await, sample.closed().await), (1, PAGE + PAGE / 2));
    assert_eq!((sample.total(OTHER).await, sample.gate().await), (1, (1, 0)));
    assert!(!aside.share().await.unwrap());
}

async fn two_that_go_on_with_the_same_event_do_it_once(place: Place) {
    let sample = Sample::at(&place).await;
    sample.counters(1000, PAGE + PAGE / 2, OPEN).await;
    tell(&sample.store, ID, Command::Add(1)).await.unwrap();
    let events = [Says::Close.event(THING, 1), Says::Count(ID).event(THING, 2)];
    sample.take(&events).await;
    let all = async || {
        let mut aside = sample.aside();
        while aside.share().await.unwrap() {}
    };
    join(all(), all()).await;
    assert_eq!((sample.closed().await, sample.gate().await), (PAGE + PAGE / 2, (2, 0)));
    assert_eq!(sample.total(ID).await, 2);
}

async fn a_refused_command_parks_the_event_and_what_follows_it(place: Place) {
    let sample = Sample::at(&place).await;
    tell(&sample.store, ID, Command::Add(1)).await.unwrap();
    let events = [
        Says::Refuse(ID).event(THING, 1),
        Says::Count(ID).event(THING, 2),
        Says::Count(ID).event(ELSE, 1),
    ];
    for _ in 0..2 {
        sample.take(&events).await;
        assert_eq!(sample.gate().await, (0, 2));
        let (cause, attempts) = sample.parked().await;
        assert!(cause.contains("COUNTER_REFUSES"), "{cause}");
        assert_eq!((attempts, sample.total(ID).await), (1, 2));
        assert!(!sample.aside().share().await.unwrap());
    }
}

async fn an_event_that_one_of_many_refuses_is_parked(place: Place) {
    let sample = Sample::at(&place).await;
    sample.counters(1000, PAGE, OPEN).await;
    sample.counters(5000, 1, STUBBORN).await;
    let id = Uuid::from_u128(5000);
    sample.take(&[Says::CloseAll.event(THING, 1), Says::Count(id).event(THING, 2)]).await;
    let mut aside = sample.aside();
    assert!(aside.share().await.unwrap());
    assert_eq!((sample.closed().await, sample.gate().await), (PAGE, (0, 2)));
    assert!(aside.share().await.unwrap());
    let (cause, attempts) = sample.parked().await;
    assert!(cause.contains("COUNTER_REFUSES"), "{cause}");
    assert_eq!((attempts, sample.gate().await, sample.total(id).await), (1, (0, 2), 0));
    assert!(!aside.share().await.unwrap());
}

async fn an_event_that_cannot_be_read_is_parked(place: Place) {
    let sample = Sample::at(&place).await;
    sample.take(&[Says::Garbage.event(THING, 1)]).await;
    assert_eq!(sample.parked().await, ("Garbage says nothing".to_owned(), 1));
    assert_eq!(sample.gate().await, (0, 1));
}

async fn a_dead_letter_is_tried_again_and_goes_through_once_it_can(place: Place) {
    let sample = Sample::at(&place).await;
    let stubborn = Uuid::from_u128(5000);
    sample.counters(5000, 1, STUBBORN).await;
    sample.take(&[Says::CloseAll.event(THING, 1), Says::Count(stubborn).event(THING, 2)]).await;
    while sample.aside().share().await.unwrap() {}
    assert_eq!((sample.parked().await.1, sample.gate().await), (1, (0, 2)));

    let again = sample.remedy(Remedy::Redrive).await;
    assert!(
        matches!(&again, Remedied::Again(cause) if cause.contains("COUNTER_REFUSES")),
        "{again:?}"
    );
    assert_eq!((sample.parked().await.1, sample.gate().await), (2, (0, 2)));
    assert_eq!(sample.total(stubborn).await, 0);

    sample.run("UPDATE counter SET note = 'open'").await;
    assert_eq!(sample.remedy(Remedy::Redrive).await, Remedied::Through);
    assert_eq!((sample.gate().await, sample.total(stubborn).await), ((2, 0), 2));
    assert_eq!(sample.remedy(Remedy::Redrive).await, Remedied::Gone);
    assert_eq!(sample.remedy(Remedy::Discard).await, Remedied::Gone);
}

async fn a_dead_letter_is_passed_over_for_good(place: Place) {
    let sample = Sample::at(&place).await;
    tell(&sample.store, ID, Command::Add(1)).await.unwrap();
    let events = [Says::Refuse(ID).event(THING, 1), Says::Count(ID).event(THING, 2)];
    sample.take(&events).await;
    assert_eq!(sample.remedy(Remedy::Discard).await, Remedied::Through);
    let before = (sample.gate().await, sample.total(ID).await);
    assert_eq!(before.0, (2, 0));
    // Whoever begins anew, as a rebuild does, passes it over as well.
    sample.run("DELETE FROM gate").await;
    sample.take(&events).await;
    assert_eq!((sample.gate().await, sample.total(ID).await), ((2, 0), before.1 + 1));
}

async fn what_waits_behind_a_dead_letter_follows_in_pages(place: Place) {
    let sample = Sample::at(&place).await;
    tell(&sample.store, ID, Command::Add(1)).await.unwrap();
    let (page, last) = (i64::try_from(BEHIND).unwrap(), 2 * i64::try_from(BEHIND).unwrap() + 5);
    let mut events = vec![Says::Refuse(ID).event(THING, 1)];
    events.extend((2..=last).map(|sequence| Says::Count(ID).event(THING, sequence)));
    sample.take(&events).await;
    let before = sample.total(ID).await;
    assert_eq!(sample.remedy(Remedy::Discard).await, Remedied::Through);
    assert_eq!(sample.gate().await, (page, last - page));
    // Whoever comes after a crash knows nothing of those before, and goes on.
    assert!(sample.aside().share().await.unwrap());
    assert_eq!(sample.gate().await, (2 * page + 1, last - 2 * page - 1));
    let mut aside = sample.aside();
    while aside.share().await.unwrap() {}
    assert_eq!((sample.gate().await, sample.total(ID).await), ((last, 0), before + last - 1));
}
