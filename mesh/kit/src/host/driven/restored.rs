//! What becomes of a database that was restored from an older copy, as its own stream shows it.

use std::collections::BTreeMap;

use super::Driven;
use crate::{
    context::Audit,
    event::Event,
    journal,
    mend::{adopted, sort},
    store::{Failure, Never},
};

impl Driven {
    /// Looks whether its journal knows what its own stream tells. If it does not, nothing is asked of it any
    /// more until that is mended.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn audit(&self, told: Vec<Event>) -> Result<bool, Failure<Never>> {
        let passed = self.forgotten(told).await?.is_empty();
        self.context.set_audit(if passed { Audit::Passed } else { Audit::Behind });
        Ok(passed)
    }

    /// Takes into its journal what its own stream tells and it does not know.
    ///
    /// # Errors
    /// What was done so far is done; it can be begun again.
    pub async fn adopt(&self, told: Vec<Event>) -> Result<(), Failure<Never>> {
        let keepers = self.sagas.iter().map(|saga| (saga.kind(), saga.clone())).collect();
        let mut forgotten = BTreeMap::new();
        sort(&mut forgotten, self.forgotten(told).await?);
        for (key, events) in forgotten {
            adopted(&self.context, &keepers, key, events).await?;
        }
        Ok(())
    }

    async fn forgotten(&self, told: Vec<Event>) -> Result<Vec<Event>, Failure<Never>> {
        journal::unknown(self.context.store(), self.context.name(), told).await
    }
}
