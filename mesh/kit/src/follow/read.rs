//! Reads what gates lack from the journals of their sources.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use prost_types::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

use jangteo::journal::v1::{Head as SourceHead, JournalEvent, ListHeadsRequest, ReadEventsRequest};

use crate::{
    context::Context,
    decide::{Gate, Head, Lack, TOGETHER, lack},
    event::{Event, millis},
    failpoint,
    inbox::{self, Follower, Gates},
    journal::Key,
    project::Sources,
};

/// A follower, and the one of its consumers that is compared.
pub(crate) type Whose<'a> = (&'a Arc<dyn Follower>, &'a str);

/// Reads journals for what follows in one context.
pub(crate) struct Reader {
    context: Context,
    sources: Sources,
    /// Gates that were ahead of their source when they were last compared.
    suspects: Mutex<HashMap<Suspect, i64>>,
}

/// What a compare has found so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Aggregates that were compared.
    pub(crate) aggregates: i64,
    /// Of how many something was lacking.
    pub(crate) lacking: i64,
    /// Of how many the source seems to know less: the next compare knows.
    pub(crate) suspect: i64,
    /// Of how many the source knows less.
    pub(crate) source_behind: i64,
}

/// An aggregate of a source, as one consumer knows it: consumer, source, kind and id.
type Suspect = (String, String, String, Uuid);

impl Reader {
    pub(crate) fn new(context: Context, sources: Sources) -> Self {
        Self { context, sources, suspects: Mutex::default() }
    }

    /// Reads a whole journal; answers the source's time when it began.
    pub(super) async fn all(
        &self,
        follower: &Arc<dyn Follower>,
        source: &str,
        building: bool,
    ) -> anyhow::Result<i64> {
        let clock = ListHeadsRequest { page_size: 1, ..ask_heads(source, None) };
        let asked = self.sources.heads(self.context.name(), clock).await?.time;
        let mut ask = ReadEventsRequest { context: source.to_owned(), ..Default::default() };
        loop {
            let page = self.sources.events(self.context.name(), ask.clone()).await?;
            self.apply(follower, source, page.events).await?;
            if building {
                failpoint::at("V1");
            }
            ask.page_token = page.next_page_token;
            if ask.page_token.is_empty() {
                return Ok(asked.as_ref().map_or(0, millis));
            }
        }
    }

    /// Compares heads page by page and reads what the gates of these consumers lack; answers the
    /// source's time when the first was asked. Whoever looks at `tally` sees how far it is.
    pub(crate) async fn lacking(
        &self,
        whose: &[Whose<'_>],
        source: &str,
        since: Option<Timestamp>,
        tally: &watch::Sender<Tally>,
    ) -> anyhow::Result<i64> {
        let mut ask = ask_heads(source, since);
        let mut asked = None;
        loop {
            let page = self.sources.heads(self.context.name(), ask.clone()).await?;
            asked = asked.or(page.time);
            let found = self.page(whose, source, &page.heads).await?;
            tally.send_modify(|tally| tally.add(found));
            ask.page_token = page.next_page_token;
            if ask.page_token.is_empty() {
                return Ok(asked.as_ref().map_or(0, millis));
            }
        }
    }

    async fn page(
        &self,
        whose: &[Whose<'_>],
        source: &str,
        heads: &[SourceHead],
    ) -> anyhow::Result<Tally> {
        let mut tally = Tally { aggregates: heads.len().try_into()?, ..Tally::default() };
        let heads = heads.iter().map(|head| {
            let known = Head { acked: head.acked_sequence, last: head.last_sequence };
            Ok(((head.kind.clone(), head.aggregate_id.parse()?), known))
        });
        let heads: Vec<(Key, Head)> = heads.collect::<Result<_, uuid::Error>>()?;
        let consumers: Vec<&str> = whose.iter().map(|(_, consumer)| *consumer).collect();
        let doubtful = self.doubtful(&consumers, source, heads).await?;
        if doubtful.is_empty() {
            return Ok(tally);
        }
        let keys: Vec<Key> = doubtful.iter().map(|(key, _)| key.clone()).collect();
        let db = self.context.store().reader()?;
        let mut gates = inbox::load(db, &consumers, source, &keys).await?;
        for one in whose {
            tally.add(self.one(*one, source, &doubtful, &mut gates).await?);
        }
        Ok(tally)
    }

    /// The heads that not all of these consumers are exactly at: nearly always few, and only of these
    /// the rest of their gates is read.
    async fn doubtful(
        &self,
        consumers: &[&str],
        source: &str,
        heads: Vec<(Key, Head)>,
    ) -> anyhow::Result<Vec<(Key, Head)>> {
        let keys: Vec<Key> = heads.iter().map(|(key, _)| key.clone()).collect();
        let reached =
            inbox::reached(self.context.store().reader()?, consumers, source, &keys).await?;
        let all = |(key, head): &(Key, Head)| {
            reached.get(key).is_some_and(|lasts| {
                lasts.len() == consumers.len() && lasts.iter().all(|last| *last == head.acked)
            })
        };
        Ok(heads.into_iter().filter(|head| !all(head)).collect())
    }

    async fn one(
        &self,
        (follower, consumer): Whose<'_>,
        source: &str,
        heads: &[(Key, Head)],
        gates: &mut Gates,
    ) -> anyhow::Result<Tally> {
        let mut tally = Tally::default();
        let mut missing = Missing { reader: self, follower, source, read: vec![] };
        for (key, head) in heads {
            let gate = gates.remove(&(consumer.to_owned(), key.clone())).unwrap_or_default();
            let head = *head;
            match lack(&gate, head) {
                Lack::Nothing => {}
                Lack::From(_) => {
                    tally.lacking += 1;
                    missing.fill(consumer, key, head).await?;
                }
                Lack::SourceBehind => {
                    tally.suspect += 1;
                    let behind = self.suspect(consumer, source, key, &gate, head);
                    tally.source_behind += i64::from(behind);
                }
            }
        }
        missing.apply().await?;
        Ok(tally)
    }

    /// Only whoever lacks them takes them in: the others compare for themselves.
    async fn apply(
        &self,
        follower: &Arc<dyn Follower>,
        source: &str,
        events: Vec<JournalEvent>,
    ) -> anyhow::Result<()> {
        let events = events.into_iter().map(Event::try_from).collect::<Result<_, _>>()?;
        Ok(inbox::take(&self.context, std::slice::from_ref(follower), source, events).await?)
    }

    /// The gate was read after the source was asked: what it knows may be news. Only when the source
    /// still knows less at the next compare was it restored from an older copy. Tells whether it was.
    fn suspect(&self, consumer: &str, source: &str, key: &Key, gate: &Gate, head: Head) -> bool {
        let suspect = (consumer.to_owned(), source.to_owned(), key.0.clone(), key.1);
        let mut suspects = self.suspects.lock().expect("nothing panics while it holds this lock");
        let before = suspects.insert(suspect, gate.last);
        let behind = before.is_some_and(|before| before > head.last);
        if behind {
            tracing::error!(
                source, kind = key.0, aggregate.id = %key.1, gate = gate.last, last = head.last,
                "SOURCE_BEHIND: the source was restored from an older copy and has forgotten events"
            );
        }
        behind
    }
}

/// What several aggregates lack, read one after the other and applied together: a transaction for
/// each would wait its turn as often.
struct Missing<'a> {
    reader: &'a Reader,
    follower: &'a Arc<dyn Follower>,
    source: &'a str,
    read: Vec<JournalEvent>,
}

impl Missing<'_> {
    /// Reads what one aggregate still lacks. Under load most of it has come by the stream while others
    /// were read; to read it all the same would make a compare longer than the load lasts.
    async fn fill(&mut self, consumer: &str, key: &Key, head: Head) -> anyhow::Result<()> {
        let db = self.reader.context.store().reader()?;
        let gate = inbox::gates_of(db, consumer, self.source, key).await?;
        match lack(&gate, head) {
            Lack::From(sequence) => self.read(key, sequence).await,
            Lack::Nothing | Lack::SourceBehind => Ok(()),
        }
    }

    async fn read(&mut self, (kind, id): &Key, from: i64) -> anyhow::Result<()> {
        let Reader { context, sources, .. } = self.reader;
        let mut ask = ReadEventsRequest {
            context: self.source.to_owned(),
            kind: kind.clone(),
            aggregate_id: id.to_string(),
            from_sequence: from,
            ..Default::default()
        };
        loop {
            let page = sources.events(context.name(), ask.clone()).await?;
            self.read.extend(page.events);
            if self.read.len() >= TOGETHER {
                self.apply().await?;
            }
            ask.page_token = page.next_page_token;
            if ask.page_token.is_empty() {
                return Ok(());
            }
        }
    }

    async fn apply(&mut self) -> anyhow::Result<()> {
        let read = std::mem::take(&mut self.read);
        self.reader.apply(self.follower, self.source, read).await
    }
}

impl Tally {
    fn add(&mut self, more: Self) {
        self.aggregates += more.aggregates;
        self.lacking += more.lacking;
        self.suspect += more.suspect;
        self.source_behind += more.source_behind;
    }
}

fn ask_heads(source: &str, since: Option<Timestamp>) -> ListHeadsRequest {
    ListHeadsRequest { context: source.to_owned(), since, ..Default::default() }
}
