//! Which contexts run, in which processes, and what they keep their rows in.

use std::collections::BTreeMap;

use anyhow::Result;
use futures::future;

use crate::mesh::Database;

/// The contexts that a story takes.
pub(crate) type Story = &'static [&'static str];

/// Story A.
pub(crate) const SECOND_HAND: Story = &["post", "offer", "deal", "inventory", "view"];
/// Story C.
pub(crate) const MEET_UP: Story = &["inventory", "deal", "notification", "view"];
/// Story B.
pub(crate) const RENTAL: Story =
    &["item", "rental", "payment", "provider", "review", "notification", "view"];
/// Story E.
pub(crate) const FLOWERS: Story =
    &["inventory", "order", "payment", "provider", "delivery", "notification", "view"];
/// Story D.
pub(crate) const KITCHENS: Story =
    &["inventory", "order", "payment", "provider", "store", "delivery", "notification", "view"];
/// A and B.
pub(crate) const BOTH: Story = &[
    "post",
    "offer",
    "deal",
    "inventory",
    "item",
    "rental",
    "payment",
    "provider",
    "review",
    "notification",
    "view",
];

/// All stories.
pub(crate) const ALL: Story = &[
    "post",
    "offer",
    "deal",
    "inventory",
    "order",
    "store",
    "delivery",
    "item",
    "rental",
    "payment",
    "provider",
    "review",
    "notification",
    "view",
];

/// Where the contexts run, and what they keep their rows in.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The contexts of each process.
    pub(super) processes: Vec<Vec<&'static str>>,
    databases: BTreeMap<&'static str, Database>,
}

impl Layout {
    /// All contexts of a story in one process, on databases of this kind.
    pub(crate) fn together(story: Story, database: Database) -> Self {
        let databases = story.iter().map(|context| (*context, database)).collect();
        Self { processes: vec![story.to_vec()], databases }
    }

    /// Each context of a story in a process of its own, on databases of this kind.
    pub(crate) fn apart(story: Story, database: Database) -> Self {
        Self::together(story, database).alone(story)
    }

    /// The same with each of these contexts in a process of its own.
    #[must_use]
    pub(crate) fn alone(mut self, contexts: &[&'static str]) -> Self {
        for process in &mut self.processes {
            process.retain(|context| !contexts.contains(context));
        }
        self.processes.retain(|process| !process.is_empty());
        self.processes.extend(contexts.iter().map(|context| vec![*context]));
        self
    }

    /// The same with databases of other kinds for some contexts.
    #[must_use]
    pub(crate) fn with(mut self, databases: &[(&'static str, Database)]) -> Self {
        self.databases.extend(databases.iter().copied());
        self
    }

    /// A new database for each context that does not keep its rows in the data directory.
    pub(super) async fn create(&self) -> Result<BTreeMap<&'static str, String>> {
        let each = self.databases.iter();
        let urls = future::try_join_all(each.map(|(_, database)| database.create())).await?;
        let urls = self.databases.keys().zip(urls);
        Ok(urls.filter_map(|(context, url)| Some((*context, url?))).collect())
    }
}
