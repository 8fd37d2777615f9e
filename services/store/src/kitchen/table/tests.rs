//! Stores come back from their table, on every database that jangteo runs on.

use jangteo_kit::execute::Head;
use uuid::Uuid;

use super::*;

/// A store as it is kept.
pub(crate) fn stored(id: Uuid, owner: &str, name: &str) -> Versioned<Store> {
    let head =
        Head { id, revision: 3, sequence: 2, correlation_id: id, create_time: 1, update_time: 2 };
    let (owner, name) = (owner.to_owned(), name.to_owned());
    Versioned { state: Store { id, owner, name }, head }
}

/// A store, and what strains a column.
fn samples(id: Uuid) -> Vec<Versioned<Store>> {
    let owner = "🥕".repeat(64);
    // In lower case the last is twice as long.
    let (carrots, long) = ("🥕".repeat(100), "İ".repeat(100));
    let names = ["스토어99", "'\\\"%_; ", " ", carrots.as_str(), long.as_str()];
    let mut samples: Vec<_> = names.map(|name| stored(id, &owner, name)).into();
    let mut eternal = stored(id, "owner01", "스토어99");
    (eternal.head.revision, eternal.head.sequence) = (i64::MAX, i64::MAX);
    (eternal.head.create_time, eternal.head.update_time) = (i64::MIN, i64::MAX);
    samples.push(eternal);
    samples
}

jangteo_testing::rows_come_back!("store", crate::migration::all, samples);
