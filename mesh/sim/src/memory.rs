//! The rows of one context, in memory: committed or not, and copied as a backup copies them.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, Mutex},
};

use jangteo_kit::{
    event::Event,
    project::Generation,
    simulated::{
        ANSWERS, Columns, DISCARDED, GATES, HELD, POSITION, REQUESTS, UNIQUE, Written, is_undone,
    },
    store::{Arrow, Row, Rows},
};

use crate::plant::Plant;

/// One table. Copies share their rows until one of them changes.
type Table = Arc<BTreeMap<String, Row>>;

/// All tables, as they were at one moment.
#[derive(Clone, Default)]
pub(crate) struct Copy {
    tables: BTreeMap<&'static str, Table>,
}

impl Copy {
    /// Writes a row, or removes it; answers the one that was there.
    fn set(&mut self, table: &'static str, key: String, row: Option<Row>) -> Option<Row> {
        let rows = self.tables.entry(table).or_default();
        match row {
            Some(row) => Arc::make_mut(rows).insert(key, row),
            None if rows.contains_key(&key) => Arc::make_mut(rows).remove(&key),
            None => None,
        }
    }
}

/// The rows of one context.
#[derive(Default)]
pub(crate) struct Memory(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    now: Copy,
    /// How much was written, and how much news there was, when transactions and savepoints began that are
    /// not ended.
    begun: Vec<(usize, usize)>,
    /// What was there before each write of the transaction, the oldest first.
    before: Vec<(&'static str, String, Option<Row>)>,
    number: i64,
    news: Vec<Event>,
    arrows: BTreeMap<Arrow, u64>,
    planted: Planted,
}

impl Inner {
    /// The same, so that it can come to nothing.
    fn set(&mut self, table: &'static str, key: String, row: Option<Row>) -> Option<Row> {
        let before = self.now.set(table, key.clone(), row);
        if !self.begun.is_empty() {
            self.before.push((table, key, before.clone()));
        }
        before
    }
}

/// What a bug that is planted needs to know.
#[derive(Default)]
struct Planted {
    bug: Option<Plant>,
    /// The places of the gates that are being looked at, and what has come to them.
    arriving: BTreeMap<String, i64>,
    /// The rows that were there before, the oldest first.
    past: BTreeMap<(&'static str, String), Vec<Row>>,
}

impl Planted {
    /// How far a gate seems to be: just before what comes to it, if that is more, or less.
    fn gate(&self, key: &str, row: &Row, which: fn(i64, i64) -> i64) -> Option<Row> {
        let last = *row.downcast_ref::<i64>()?;
        let before = self.arriving.get(key).map_or(last, |arriving| arriving - 1);
        Some(Arc::new(which(last, before)))
    }

    /// What is read in the place of a row.
    fn read(&self, table: &'static str, key: &str, row: Row) -> Option<Row> {
        match self.bug {
            Some(Plant::NoGate) if table == GATES => self.gate(key, &row, i64::min),
            Some(Plant::ArrivalOrder) if table == GATES && key.contains('@') => {
                self.gate(key, &row, i64::max)
            }
            Some(Plant::TwoAccepted) if table == UNIQUE => None,
            Some(Plant::RequestForgotten) if table == REQUESTS => None,
            Some(Plant::DeadKeyForgotten) if table == ANSWERS && is_undone(&row) => None,
            _ => Some(row),
        }
    }
}

/// The tables of what is known of others, and how far they were compared.
const HEARD: [&str; 4] = [GATES, HELD, DISCARDED, POSITION];

const POISON: &str = "nothing panics while it holds this lock";

/// Whether a table holds anything that is not only read from what others have told.
fn has_own(table: &Table) -> bool {
    let read = |row: &Row| row.is::<Columns>() || row.is::<Generation>();
    table.values().next().is_some_and(|row| !read(row))
}

/// What a row tells: neither who has filled it nor when, and nothing where nothing is known.
fn told(mut columns: Columns) -> Columns {
    columns.retain(|name, value| {
        !["generation", "change"].contains(name) && *value != value.as_null()
    });
    columns
}

impl Memory {
    /// With a bug, or without one.
    pub(crate) fn new(bug: Option<Plant>) -> Self {
        let planted = Planted { bug, ..Planted::default() };
        Self(Mutex::new(Inner { planted, ..Inner::default() }))
    }

    /// These numbers are about to come to these gates; none: nothing comes any more.
    pub(crate) fn arriving(&self, arriving: BTreeMap<String, i64>) {
        self.with(|inner| inner.planted.arriving = arriving);
    }

    /// The rows that were there before this one, the oldest first, and the row itself.
    pub(crate) fn past(&self, table: &'static str, key: &str) -> Vec<Row> {
        let rows = |inner: &mut Inner| inner.planted.past.get(&(table, key.to_owned())).cloned();
        self.with(rows).unwrap_or_default()
    }

    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        work(&mut self.0.lock().expect(POISON))
    }

    /// The events that were committed since this was asked last, in the order in which they were written.
    pub(crate) fn news(&self) -> Vec<Event> {
        self.with(|inner| std::mem::take(&mut inner.news))
    }

    /// What was told to which states since this was asked last, and how often.
    pub(crate) fn arrows(&self) -> BTreeMap<Arrow, u64> {
        self.with(|inner| std::mem::take(&mut inner.arrows))
    }

    /// Whether something was begun that is not ended.
    pub(crate) fn is_open(&self) -> bool {
        self.with(|inner| !inner.begun.is_empty())
    }

    /// The process that had begun something is dead: it comes to nothing.
    pub(crate) fn abandon(&self) {
        while self.is_open() {
            self.rollback();
        }
    }

    /// A backup.
    pub(crate) fn copy(&self) -> Copy {
        self.with(|inner| inner.now.clone())
    }

    /// Puts a backup in the place of what is there.
    pub(crate) fn restore(&self, copy: Copy) {
        self.with(|inner| inner.now = copy);
    }

    /// The rows of read models, by table and key, without what differs from one filling to the next.
    pub(crate) fn shown(&self) -> Vec<(String, Columns)> {
        let copy = self.copy();
        let rows = copy.tables.iter().flat_map(|(name, table)| {
            table.iter().filter_map(move |(key, row)| {
                let (_, key) = key.split_once(' ')?;
                let columns = row.downcast_ref::<Columns>()?.clone();
                Some((format!("{name} {key}"), told(columns)))
            })
        });
        rows.collect()
    }

    /// Whether nothing has changed since a backup but what is known of others.
    pub(crate) fn has_only_heard_since(&self, backup: &Copy) -> bool {
        let own = |copy: &Copy| -> BTreeMap<&'static str, Table> {
            let tables = copy.tables.iter().map(|(name, table)| (*name, table.clone()));
            tables.filter(|(name, table)| !HEARD.contains(name) && has_own(table)).collect()
        };
        let (now, then) = (own(&self.copy()), own(backup));
        now.len() == then.len()
            && now
                .iter()
                .all(|(name, table)| then.get(name).is_some_and(|old| Arc::ptr_eq(old, table)))
    }
}

impl Rows for Memory {
    fn get(&self, table: &'static str, key: &str) -> Option<Row> {
        self.with(|inner| {
            let row = inner.now.tables.get(table)?.get(key).cloned()?;
            inner.planted.read(table, key, row)
        })
    }

    fn range(&self, table: &'static str, prefix: &str) -> Vec<Row> {
        self.with(|inner| {
            let Some(table) = inner.now.tables.get(table) else { return vec![] };
            let rows = table.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
            let rows = rows.take_while(|(key, _)| key.starts_with(prefix));
            rows.map(|(_, row)| row.clone()).collect()
        })
    }

    fn keys(&self, table: &'static str, prefix: &str) -> Vec<String> {
        self.with(|inner| {
            let Some(table) = inner.now.tables.get(table) else { return vec![] };
            let keys = table.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
            keys.map(|(key, _)| key).take_while(|key| key.starts_with(prefix)).cloned().collect()
        })
    }

    fn put(&self, table: &'static str, key: String, row: Row) {
        self.with(|inner| {
            if inner.planted.bug.is_some_and(Plant::ages) {
                let place = (table, key.clone());
                inner.planted.past.entry(place).or_default().push(row.clone());
            }
            let told = row.downcast_ref::<Written>().map(|written| written.event.clone());
            if inner.set(table, key, Some(row)).is_none() {
                inner.news.extend(told);
            }
        });
    }

    fn remove(&self, table: &'static str, key: &str) -> bool {
        self.with(|inner| inner.set(table, key.to_owned(), None).is_some())
    }

    fn number(&self) -> i64 {
        self.with(|inner| {
            inner.number += 1;
            inner.number
        })
    }

    fn arrow(&self, arrow: Arrow) {
        self.with(|inner| *inner.arrows.entry(arrow).or_default() += 1);
    }

    fn begin(&self) {
        self.with(|inner| inner.begun.push((inner.before.len(), inner.news.len())));
    }

    fn commit(&self) {
        self.with(|inner| {
            inner.begun.pop();
            if inner.begun.is_empty() {
                inner.before.clear();
            }
        });
    }

    fn rollback(&self) {
        self.with(|inner| {
            let Some((written, news)) = inner.begun.pop() else { return };
            while inner.before.len() > written
                && let Some((table, key, row)) = inner.before.pop()
            {
                inner.now.set(table, key, row);
            }
            inner.news.truncate(news);
        });
    }
}
