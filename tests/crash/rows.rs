//! What the rows of a context tell a ledger.

use std::collections::BTreeMap;

use anyhow::Result;

use super::world::query;

/// The first column of a query, as text.
pub(super) async fn names(url: &str, sql: &str) -> Result<Vec<String>> {
    let rows = query(url, sql).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// The first column of a query, as numbers.
pub(super) async fn numbers(url: &str, sql: &str) -> Result<Vec<i64>> {
    let rows = query(url, sql).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// How often each event was told in a context.
pub(super) struct Told(BTreeMap<String, usize>);

impl Told {
    pub(super) async fn by(url: &str) -> Result<Self> {
        let mut counted = BTreeMap::new();
        for name in names(url, "SELECT type FROM journal").await? {
            let name = name.rsplit('.').next().unwrap_or_default().to_owned();
            *counted.entry(name).or_default() += 1;
        }
        Ok(Self(counted))
    }

    pub(super) fn of(&self, event: &str) -> usize {
        self.0.get(event).copied().unwrap_or(0)
    }
}
