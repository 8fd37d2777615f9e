//! What holds of all events, whatever they tell.

use std::collections::BTreeMap;

use jangteo_kit::event::Event;
use uuid::Uuid;

use super::{Broken, Rules, id, named, told::Told};

/// I12: no state change without its event; one that nobody can read is none.
pub(super) const KNOWN: &str = "I12 every event is a message of its contract";
/// I12: an event is its aggregate's, and says so.
pub(super) const OWN: &str = "I12 every event names its own aggregate";
/// I8: per-aggregate versions are gapless.
pub(super) const NUMBERS: &str = "I8 an aggregate's events count from 1 without a gap";
/// I8: and in order; of one aggregate later events are never earlier.
pub(super) const TIMES: &str = "I8 an aggregate's events never go back in time";
/// Design: an offer takes the post's id, a deal the offer's, so one id tells the whole story.
pub(super) const STORY: &str = "one correlation id tells the whole story";

/// What an event says, if anybody can read it.
pub(super) fn read(event: &Event, broken: &mut Broken) -> Option<Told> {
    let told = Told::of(event);
    let known = matches!(told, Ok(Some(_)));
    broken.unless(known, KNOWN, || format!("{}: {:?}", named(event), told.as_ref().err()));
    told.ok().flatten()
}

/// The end of each history, and what each aggregate belongs to.
#[derive(Debug, Default)]
pub(super) struct Every {
    ends: BTreeMap<String, BTreeMap<String, BTreeMap<Uuid, End>>>,
    stories: BTreeMap<(Subject, Uuid), Uuid>,
}

/// The last event of an aggregate.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    sequence: i64,
    time: i64,
}

/// Aggregates that others follow in one story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Post,
    Offer,
    Order,
    Rental,
}

impl Rules for Every {
    fn see(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        let own = told.aggregate().is_none_or(|own| id(own) == event.aggregate_id);
        broken.unless(own, OWN, || format!("{} names {:?}", named(event), told.aggregate()));
        self.counts(event, broken);
        self.belongs(event, told, broken);
    }

    fn at_rest(&self, _: &mut Broken) {}
}

impl Every {
    fn counts(&mut self, event: &Event, broken: &mut Broken) {
        let last = self.end(event);
        let (before, time) = (last.sequence, last.time);
        *last = End { sequence: event.sequence, time: event.time.max(time) };
        broken.unless(event.sequence == before + 1, NUMBERS, || {
            format!("{} comes after number {before}", named(event))
        });
        broken.unless(before == 0 || event.time >= time, TIMES, || {
            format!("{} is of {}, the one before of {time}", named(event), event.time)
        });
    }

    /// Names are copied for the first event of their kind only.
    fn end(&mut self, event: &Event) -> &mut End {
        let Event { context, kind, aggregate_id, .. } = event;
        if !self.ends.get(context).is_some_and(|kinds| kinds.contains_key(kind)) {
            self.ends.entry(context.clone()).or_default().entry(kind.clone()).or_default();
        }
        let kinds = self.ends.get_mut(context).and_then(|kinds| kinds.get_mut(kind));
        kinds.expect("made above").entry(*aggregate_id).or_default()
    }

    fn belongs(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        if let Some(of) = followed(event, told) {
            let story = self.stories.get(&of).copied().unwrap_or(event.correlation_id);
            broken.unless(event.correlation_id == story, STORY, || {
                format!("{} is of story {}, {of:?} of {story}", named(event), event.correlation_id)
            });
        }
        if let Some(subject) = subject(told) {
            self.stories.insert((subject, event.aggregate_id), event.correlation_id);
        }
    }
}

/// What begins a story, or goes on with one that others go on with.
fn subject(told: &Told) -> Option<Subject> {
    match told {
        Told::PostWritten(_) => Some(Subject::Post),
        Told::DealOffered(_) | Told::PriceProposed(_) => Some(Subject::Offer),
        Told::OrderPlaced(_) => Some(Subject::Order),
        Told::RentalRequested(_) => Some(Subject::Rental),
        _ => None,
    }
}

/// What the event's story is that of. Whoever follows an aggregate under its id is known by that.
fn followed(event: &Event, told: &Told) -> Option<(Subject, Uuid)> {
    match told {
        Told::DealOffered(offer) => Some((Subject::Post, id(&offer.post_id))),
        Told::PriceProposed(offer) => Some((Subject::Post, id(&offer.post_id))),
        Told::DealReserved(deal) => Some((Subject::Offer, id(&deal.offer_id))),
        Told::TicketReceived(_)
        | Told::TicketRejected(_)
        | Told::TicketCancelled(_)
        | Told::DeliveryStarted(_)
        | Told::DeliveryCancelled(_) => Some((Subject::Order, event.aggregate_id)),
        Told::ReviewRequested(_) => Some((Subject::Rental, event.aggregate_id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jangteo::{
        offer::v1::DealOffered,
        post::v1::{PostHidden, PostUnhidden, PostWritten},
    };

    use super::*;
    use crate::check::samples::{Story, text};

    fn story() -> Story {
        let (post, offer) = (text(1), text(2));
        Story::default()
            .tell(1, &PostWritten { post_id: post.clone(), ..Default::default() })
            .tell(2, &DealOffered { offer_id: offer, post_id: post.clone(), ..Default::default() })
            .tell(1, &PostHidden { post_id: post.clone(), ..Default::default() })
            .tell(1, &PostUnhidden { post_id: post, ..Default::default() })
    }

    #[test]
    fn a_clean_history_passes() {
        story().keeps::<Every>();
    }

    #[test]
    fn each_corruption_is_found_by_its_name() {
        let stranger = Uuid::from_u128(9);
        for (name, story) in [
            (OWN, story().altered(|hidden: &mut PostHidden| hidden.post_id = text(7))),
            (NUMBERS, story().without("PostHidden")),
            (NUMBERS, story().twice("PostHidden")),
            (TIMES, story().changed("PostUnhidden", |event| event.time = 0)),
            (STORY, story().changed("DealOffered", |event| event.correlation_id = stranger)),
            (KNOWN, story().changed("PostHidden", |event| event.payload = vec![0xff])),
            (KNOWN, story().changed("PostHidden", |event| event.type_name.push('2'))),
        ] {
            story.breaks::<Every>(name);
        }
    }
}
