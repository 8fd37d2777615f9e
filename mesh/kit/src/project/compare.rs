//! Compares gates with the heads of their sources and reads what they lack. This one loop closes
//! every gap: a message lost, a stream trimmed or wiped, a new consumer, a restored database.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use prost_types::Timestamp;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use jangteo::journal::v1::{Head as SourceHead, JournalEvent, ListHeadsRequest, ReadEventsRequest};

use super::{
    ReadModel, Sources,
    follow::project,
    generation::{Generation, Stage, consumer, live},
    position,
    rebuild::{ensure_first, switch},
};
use crate::{
    context::Context,
    decide::{Gate, Head, Lack, lack},
    event::{Event, millis, timestamp},
    failpoint, inbox,
    store::{Failure, Never},
    telemetry,
    work::Holder,
};

/// How often everything is compared from the beginning.
const FULL: Duration = Duration::from_hours(24);

/// Compares the read models of one context.
pub(crate) struct Comparer {
    context: Context,
    models: Arc<Vec<Arc<dyn ReadModel>>>,
    sources: Sources,
    /// Gates that were ahead of their source when they were last compared.
    suspects: Mutex<HashMap<(String, Uuid), i64>>,
}

impl Comparer {
    pub(crate) fn new(
        context: Context,
        models: Arc<Vec<Arc<dyn ReadModel>>>,
        sources: Sources,
    ) -> Self {
        Self { context, models, sources, suspects: Mutex::default() }
    }

    /// Compares at start and every few seconds until `stop`.
    pub(crate) async fn run(self, holder: Holder, stop: CancellationToken) {
        let mut full = tokio::time::Instant::now() + FULL;
        while !stop.is_cancelled() {
            if !holder.holds() {
                telemetry::dead_letters(self.context.name(), None);
                holder.wait(&stop).await;
            }
            let everything = tokio::time::Instant::now() >= full;
            if everything {
                full = tokio::time::Instant::now() + FULL;
            }
            for model in self.models.iter() {
                tokio::select! {
                    () = holder.lost(&stop) => {}
                    result = self.model(&**model, everything) => {
                        if let Err(error) = result {
                            tracing::warn!(model = model.name(), %error, "compare broke off");
                        }
                    }
                }
            }
            let pause = tokio::time::sleep(self.context.settings().timing.compare);
            tokio::select! { () = pause => {}, () = stop.cancelled() => {} }
        }
    }

    async fn model(&self, model: &dyn ReadModel, everything: bool) -> anyhow::Result<()> {
        ensure_first(&self.context, model.name()).await?;
        let generations = live::<Never>(self.context.store().reader()?, model.name()).await?;
        // The one that is being built goes first: under load the other never lacks nothing.
        for generation in generations.into_iter().rev() {
            for source in model.sources() {
                self.source(&generation, source, everything).await?;
            }
            if generation.stage == Stage::Building
                && switch(&self.context, self.named(model.name()), generation.number).await?
            {
                break;
            }
        }
        let parked = inbox::parked_count(self.context.store().reader()?).await?;
        telemetry::dead_letters(self.context.name(), Some(parked));
        Ok(())
    }

    fn named(&self, name: &str) -> Arc<dyn ReadModel> {
        let found = self.models.iter().find(|model| model.name() == name);
        found.expect("asked for by its own name").clone()
    }

    /// Compares one generation with one source; the position moves when everything is done.
    async fn source(
        &self,
        generation: &Generation,
        source: &str,
        everything: bool,
    ) -> anyhow::Result<()> {
        let name = consumer(&generation.name, generation.number);
        let db = self.context.store().reader()?;
        let position = position::get(db, &name, source).await?;
        let asked = match position {
            None => self.read_all(source, generation.stage).await?,
            Some(_) if everything => self.heads(&name, source, None).await?,
            Some(at) => self.heads(&name, source, Some(self.since(at))).await?,
        };
        self.moved(name, source.to_owned(), asked).await?;
        Ok(())
    }

    /// The time to ask for: the position less the margin.
    fn since(&self, position: i64) -> Timestamp {
        let margin = self.context.settings().timing.compare_margin.as_millis();
        timestamp(position - i64::try_from(margin).unwrap_or(i64::MAX / 2))
    }

    /// Reads a whole journal; answers the source's time when it began.
    async fn read_all(&self, source: &str, stage: Stage) -> anyhow::Result<i64> {
        let clock = ListHeadsRequest { page_size: 1, ..ask_heads(source, None) };
        let asked = self.sources.heads(self.context.name(), clock).await?.time;
        let mut ask = ReadEventsRequest { context: source.to_owned(), ..Default::default() };
        loop {
            let page = self.sources.events(self.context.name(), ask.clone()).await?;
            self.apply(source, page.events).await?;
            if stage == Stage::Building {
                failpoint::at("V1");
            }
            ask.page_token = page.next_page_token;
            if ask.page_token.is_empty() {
                return Ok(asked.as_ref().map_or(0, millis));
            }
        }
    }

    /// Compares page by page; answers the source's time when the first was asked.
    async fn heads(
        &self,
        consumer: &str,
        source: &str,
        since: Option<Timestamp>,
    ) -> anyhow::Result<i64> {
        let mut ask = ask_heads(source, since);
        let mut asked = None;
        loop {
            let page = self.sources.heads(self.context.name(), ask.clone()).await?;
            asked = asked.or(page.time);
            self.page(consumer, source, &page.heads).await?;
            ask.page_token = page.next_page_token;
            if ask.page_token.is_empty() {
                return Ok(asked.as_ref().map_or(0, millis));
            }
        }
    }

    async fn page(&self, consumer: &str, source: &str, heads: &[SourceHead]) -> anyhow::Result<()> {
        let keys = heads.iter().map(|head| Ok((head.kind.clone(), head.aggregate_id.parse()?)));
        let keys: Vec<(String, Uuid)> = keys.collect::<Result<_, uuid::Error>>()?;
        let gates = inbox::load(self.context.store().reader()?, consumer, source, &keys).await?;
        for (key, head) in keys.iter().zip(heads) {
            let gate = gates.get(key).cloned().unwrap_or_default();
            let head = Head { acked: head.acked_sequence, last: head.last_sequence };
            match lack(&gate, head) {
                Lack::Nothing => {}
                Lack::From(_) => self.fill(consumer, source, key, head).await?,
                Lack::SourceBehind => self.suspect(source, key, &gate, head),
            }
        }
        Ok(())
    }

    /// Reads what one aggregate still lacks. Under load most of it has come by the stream while others
    /// were read; to read it all the same would make a compare longer than the load lasts.
    async fn fill(
        &self,
        consumer: &str,
        source: &str,
        key: &(String, Uuid),
        head: Head,
    ) -> anyhow::Result<()> {
        let gate = inbox::gates_of(self.context.store().reader()?, consumer, source, key).await?;
        match lack(&gate, head) {
            Lack::From(sequence) => self.read(source, key, sequence).await,
            Lack::Nothing | Lack::SourceBehind => Ok(()),
        }
    }

    /// Reads what is lacking of one aggregate.
    async fn read(
        &self,
        source: &str,
        (kind, id): &(String, Uuid),
        from_sequence: i64,
    ) -> anyhow::Result<()> {
        let mut ask = ReadEventsRequest {
            context: source.to_owned(),
            kind: kind.clone(),
            aggregate_id: id.to_string(),
            from_sequence,
            ..Default::default()
        };
        loop {
            let page = self.sources.events(self.context.name(), ask.clone()).await?;
            self.apply(source, page.events).await?;
            ask.page_token = page.next_page_token;
            if ask.page_token.is_empty() {
                return Ok(());
            }
        }
    }

    async fn apply(&self, source: &str, events: Vec<JournalEvent>) -> anyhow::Result<()> {
        let events = events.into_iter().map(Event::try_from).collect::<Result<_, _>>()?;
        Ok(project(&self.context, &self.models, source, events).await?)
    }

    /// The gate was read after the source was asked: what it knows may be news. Only when the source
    /// still knows less at the next compare was it restored from an older copy.
    fn suspect(&self, source: &str, key: &(String, Uuid), gate: &Gate, head: Head) {
        let mut suspects = self.suspects.lock().expect("nothing panics while it holds this lock");
        let before = suspects.insert((source.to_owned(), key.1), gate.last);
        if before.is_some_and(|before| before > head.last) {
            tracing::error!(
                source, kind = key.0, aggregate.id = %key.1, gate = gate.last, last = head.last,
                "SOURCE_BEHIND: the source was restored from an older copy and has forgotten events"
            );
        }
    }

    async fn moved(
        &self,
        consumer: String,
        source: String,
        time: i64,
    ) -> Result<(), Failure<Never>> {
        let moved = self.context.store().unit(move |tx| {
            let (consumer, source) = (consumer.clone(), source.clone());
            Box::pin(async move { Ok(position::set(tx, &consumer, &source, time).await?) })
        });
        moved.await
    }
}

fn ask_heads(source: &str, since: Option<Timestamp>) -> ListHeadsRequest {
    ListHeadsRequest { context: source.to_owned(), since, ..Default::default() }
}
