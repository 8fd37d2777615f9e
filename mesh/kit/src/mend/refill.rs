//! Publishes a part of a journal again.

use jangteo::ops::v1::RefillStreamResponse;
use uuid::Uuid;

use crate::{
    bus::Bus,
    context::Context,
    event::{Event, timestamp},
    journal::{self, Window},
};

/// Events that are read and published together at most.
const PAGE: u64 = 512;

/// A part of a journal, page by page.
pub(super) struct Refill {
    context: Context,
    bus: Bus,
    window: Window,
    /// Makes messages of its events that the broker does not take for those that it remembers.
    id: Uuid,
    after: i64,
    done: RefillStreamResponse,
}

impl Refill {
    pub(super) fn new(context: Context, bus: Bus, window: Window, id: Uuid) -> Self {
        Self { context, bus, window, id, after: 0, done: RefillStreamResponse::default() }
    }

    /// Publishes the next page and tells how far it is; none: that was all.
    ///
    /// # Errors
    /// The broker does not take an event, and which; the database can't be reached.
    pub(super) async fn next(&mut self) -> anyhow::Result<Option<RefillStreamResponse>> {
        let db = self.context.store().reader()?;
        let name = self.context.name();
        let rows = journal::window(db, name, self.window, self.after, PAGE).await?;
        let Some((last, _)) = rows.last() else { return Ok(None) };
        self.after = *last;
        let events: Vec<Event> = rows.into_iter().map(|(_, event)| event).collect();
        self.bus.check().await?;
        self.bus.own_stream(name).await?;
        for acked in self.bus.publish(&events, Some(self.id)).await {
            acked?;
        }
        self.done.published += i64::try_from(events.len())?;
        self.done.time = events.last().map(|event| timestamp(event.time));
        Ok(Some(self.done))
    }
}
