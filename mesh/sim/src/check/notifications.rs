//! Who was told of what. Which event it was, a notification tells by its cause, and its recipient and
//! kind which of the event's it is: how the service makes its ids is no business of this.

mod news;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jangteo::notification::v1::{NotificationRead, NotificationSent};
use jangteo_kit::event::Event;
use uuid::Uuid;

use super::{Broken, Rules, named, told::Told};

/// S.3.10: each state change yields exactly one notification per recipient and kind; I7: effects per event
/// are one.
pub(super) const ONCE: &str = "S.3.10 nobody is told twice of the same";
/// S.3.10: and it yields one at all.
pub(super) const TOLD: &str = "S.3.10 everybody is told of what concerns him";
/// S.3.10: what did not happen, and what was undone before it counted, is told to nobody.
pub(super) const HAPPENED: &str = "S.3.10 nobody is told of what did not happen";
/// S.3.9: what was read stays read.
pub(super) const READ: &str = "S.3.9 a notification is read once, by whom it is for";

/// What has to be told, and what was.
#[derive(Debug, Default)]
pub(super) struct Notifications {
    /// By event.
    news: BTreeMap<Uuid, Vec<News>>,
    sent: BTreeMap<Uuid, Sent>,
}

/// What somebody has to be told.
#[derive(Debug)]
struct News {
    kind: &'static str,
    recipient: String,
    /// The resource it is about.
    subject: String,
    /// How often he was.
    told: usize,
}

/// A notification.
#[derive(Debug)]
struct Sent {
    recipient: String,
    read: bool,
}

impl Rules for Notifications {
    fn see(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        match told {
            Told::NotificationSent(sent) => self.sent(event, sent, broken),
            Told::NotificationRead(read) => self.read(event, read, broken),
            _ => self.happens(event, told),
        }
    }

    fn at_rest(&self, broken: &mut Broken) {
        for (event, news) in &self.news {
            for one in news.iter().filter(|one| one.told == 0) {
                broken.unless(false, TOLD, || format!("event {event}: {one:?}"));
            }
        }
    }
}

impl Notifications {
    fn happens(&mut self, event: &Event, told: &Told) {
        let Some((kind, to)) = news::of(told) else { return };
        let news = self.news.entry(event.id()).or_default();
        for recipient in to {
            // Nobody is no recipient, and who is on both sides hears of it once.
            if recipient.is_empty() || news.iter().any(|one| one.recipient == recipient) {
                continue;
            }
            let (recipient, subject) = (recipient.to_owned(), subject(event));
            news.push(News { kind, recipient, subject, told: 0 });
        }
    }

    fn sent(&mut self, event: &Event, sent: &NotificationSent, broken: &mut Broken) {
        let mut news = self.news.get_mut(&event.causation_id).into_iter().flatten();
        let same = |one: &&mut News| {
            (one.kind, &one.recipient, &one.subject)
                == (sent.kind.as_str(), &sent.recipient, &sent.subject)
        };
        let one = news.find(same);
        broken.unless(one.is_some(), HAPPENED, || format!("{}: {sent:?}", named(event)));
        if let Some(one) = one {
            one.told += 1;
            broken.unless(one.told == 1, ONCE, || format!("{}: {one:?}", named(event)));
        }
        let note = Sent { recipient: sent.recipient.clone(), read: sent.read };
        let before = self.sent.insert(event.aggregate_id, note);
        broken.unless(before.is_none(), ONCE, || format!("{}: it was {before:?}", named(event)));
    }

    fn read(&mut self, event: &Event, read: &NotificationRead, broken: &mut Broken) {
        let sent = self.sent.get_mut(&event.aggregate_id);
        let may = sent.as_ref().is_some_and(|it| !it.read && it.recipient == read.recipient);
        broken.unless(may, READ, || format!("{}: it was {sent:?}", named(event)));
        if let Some(sent) = sent {
            sent.read = true;
        }
    }
}

/// The resource that an event is of; who ordered knows ticket and delivery by what he ordered.
fn subject(event: &Event) -> String {
    let collection = match event.context.as_str() {
        "delivery" => "deliveries",
        "store" => "orders",
        "inventory" => "products",
        other => return format!("{other}s/{}", event.aggregate_id),
    };
    format!("{collection}/{}", event.aggregate_id)
}
