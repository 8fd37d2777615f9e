//! What a world is made from.

use std::{collections::BTreeSet, fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Plant, Trouble};

/// What a world is made from: the same, and it is the same world.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// Where all chance comes from.
    pub seed: u64,
    /// A bug that is planted in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plant: Option<Plant>,
    /// Where its databases lie, if they are SQLite's: nothing of them is planted or restored then.
    #[serde(skip)]
    pub databases: Option<PathBuf>,
    /// How many moves there are at most; none: as many as the seed says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moves: Option<usize>,
    /// Troubles that it is spared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<Trouble>,
    /// Moves that nobody makes, by their numbers.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub skipped: BTreeSet<usize>,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}
