//! The turns of the loops that a host turns by itself: publish, compare, look what waits.

use std::{collections::BTreeMap, sync::Arc};

use uuid::Uuid;

use super::Driven;
use crate::{
    clock,
    decide::{Gate, Head},
    event::Event,
    execute,
    inbox::{
        self, position,
        simulated::{self, POSITION},
    },
    journal::{self, Key, TABLE, Written},
    simulated::Waits,
    store::{Failure, Never, Rows, now_ms},
};

impl Driven {
    /// The oldest events that no ack is known of, each with the number of its row.
    ///
    /// # Errors
    /// The database can't be reached, as everywhere here.
    pub async fn unpublished(&self, limit: u64) -> Result<Vec<(i64, Event)>, Failure<Never>> {
        let store = self.context.store();
        let Some(rows) = store.rows() else {
            return Ok(journal::unpublished(store.reader()?, self.context.name(), limit).await?);
        };
        let mut waiting = written(rows);
        waiting.retain(|row| row.acked_time.is_none());
        waiting.sort_by_key(|row| row.id);
        waiting.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(waiting.into_iter().map(|row| (row.id, row.event.clone())).collect())
    }

    /// Marks rows as acknowledged.
    ///
    /// # Errors
    /// Nothing was marked.
    pub async fn mark(&self, ids: Vec<i64>) -> Result<(), Failure<Never>> {
        if ids.is_empty() {
            return Ok(());
        }
        let store = self.context.store();
        let Some(rows) = store.rows() else {
            let marked = store.unit(move |tx| {
                let ids = ids.clone();
                Box::pin(async move { Ok(journal::mark(tx, ids).await?) })
            });
            return marked.await;
        };
        for row in written(rows).into_iter().filter(|row| ids.contains(&row.id)) {
            let acked_time = row.acked_time.or_else(|| Some(clock::now_ms()));
            rows.put(TABLE, row.key(), Arc::new(Written { acked_time, ..(*row).clone() }));
        }
        Ok(())
    }

    /// How far each aggregate's history goes of which something was acknowledged at or after a time, and
    /// the time when this was asked; both by the database's clock, in ms since 1970.
    ///
    /// # Errors
    /// As everywhere here.
    pub async fn heads(
        &self,
        since: Option<i64>,
    ) -> Result<(i64, Vec<(Key, Head)>), Failure<Never>> {
        let store = self.context.store();
        if let Some(rows) = store.rows() {
            return Ok((clock::now_ms(), heads(rows, since)));
        }
        let db = store.reader()?;
        Ok((now_ms(db).await?, journal::heads(db, since).await?))
    }

    /// The acknowledged events of an aggregate from a sequence on.
    ///
    /// # Errors
    /// As everywhere here.
    pub async fn events(&self, key: &Key, from: i64) -> Result<Vec<Event>, Failure<Never>> {
        let store = self.context.store();
        let Some(rows) = store.rows() else {
            return Ok(journal::events(store.reader()?, self.context.name(), key, from).await?);
        };
        let mut acked = rows.shared::<Written>(TABLE, &format!("{} {} ", key.0, key.1));
        acked.retain(|row| row.acked_time.is_some() && row.event.sequence >= from);
        Ok(acked.into_iter().map(|row| row.event.clone()).collect())
    }

    /// The gate of a consumer before an aggregate of a source.
    ///
    /// # Errors
    /// As everywhere here.
    pub async fn gate(
        &self,
        consumer: &str,
        source: &str,
        key: &Key,
    ) -> Result<Gate, Failure<Never>> {
        let store = self.context.store();
        match store.rows() {
            Some(rows) => Ok(simulated::gate(rows, consumer, source, key)),
            None => Ok(inbox::gates_of(store.reader()?, consumer, source, key).await?),
        }
    }

    /// Up to when a consumer has compared with a source, by that one's clock; none: never.
    ///
    /// # Errors
    /// As everywhere here.
    pub async fn position(
        &self,
        consumer: &str,
        source: &str,
    ) -> Result<Option<i64>, Failure<Never>> {
        let store = self.context.store();
        match store.rows() {
            Some(rows) => Ok(rows.one(POSITION, &simulated::side(consumer, source))),
            None => Ok(position::get(store.reader()?, consumer, source).await?),
        }
    }

    /// A consumer has compared with a source up to this time.
    ///
    /// # Errors
    /// Nothing was written.
    pub async fn compared(
        &self,
        consumer: &str,
        source: &'static str,
        time: i64,
    ) -> Result<(), Failure<Never>> {
        let store = self.context.store();
        if let Some(rows) = store.rows() {
            rows.put(POSITION, simulated::side(consumer, source), Arc::new(time));
            return Ok(());
        }
        let consumer = vec![consumer.to_owned()];
        let set = store.unit(move |tx| {
            let consumer = consumer.clone();
            Box::pin(async move { Ok(position::set(tx, &consumer, source, time).await?) })
        });
        set.await
    }

    /// All of its aggregates that wait.
    ///
    /// # Errors
    /// As everywhere here.
    pub async fn waits(&self) -> Result<Vec<Waits>, Failure<Never>> {
        let store = self.context.store();
        let all = match store.rows() {
            Some(rows) => rows.all(execute::WAITING, ""),
            None => execute::due(store.reader()?, i64::MAX, u64::from(u32::MAX)).await?,
        };
        Ok(all.into_iter().map(Waits::from).collect())
    }

    /// Everything that was written behind the row of this number, in order, each with its row's.
    ///
    /// # Errors
    /// As everywhere here.
    pub async fn written(&self, after: i64) -> Result<Vec<(i64, Event)>, Failure<Never>> {
        let store = self.context.store();
        let Some(rows) = store.rows() else {
            return Ok(journal::written(store.reader()?, self.context.name(), after).await?);
        };
        let mut all = written(rows);
        all.retain(|row| row.id > after);
        all.sort_by_key(|row| row.id);
        Ok(all.into_iter().map(|row| (row.id, row.event.clone())).collect())
    }
}

fn written(rows: &dyn Rows) -> Vec<Arc<Written>> {
    rows.shared(TABLE, "")
}

fn heads(rows: &dyn Rows, since: Option<i64>) -> Vec<(Key, Head)> {
    let written = written(rows);
    let mut heads: BTreeMap<(&str, Uuid), (Head, Option<i64>)> = BTreeMap::new();
    for row in &written {
        let key = (row.event.kind.as_str(), row.event.aggregate_id);
        let (head, newest) = heads.entry(key).or_insert((Head { acked: 0, last: 0 }, None));
        head.last = head.last.max(row.event.sequence);
        if row.acked_time.is_some() {
            head.acked = head.acked.max(row.event.sequence);
            *newest = (*newest).max(row.acked_time);
        }
    }
    let touched = |newest: Option<i64>| {
        newest.is_some_and(|newest| since.is_none_or(|since| newest >= since))
    };
    let heads = heads.into_iter().filter(|(_, (_, newest))| touched(*newest));
    heads.map(|((kind, id), (head, _))| ((kind.to_owned(), id), head)).collect()
}
