//! What a process leaves behind that died while it asked, or when a timer had fired.

use std::collections::BTreeSet;

use anyhow::Result;
use uuid::Uuid;

use super::{
    super::world::{AHEAD_MS, World, query},
    requests,
};

/// Whether it died at this point; `open` are the requests that it did not answer.
pub(super) async fn check(point: &str, world: &World, open: &BTreeSet<Uuid>) -> Result<bool> {
    Ok(match point {
        // Whoever waited for a deal that is undone has been told already.
        "S1" | "S2" | "S3" => asked(world, open).await? || undoing(world).await?,
        "S4" => !open.is_disjoint(&requests(world, "<> 'running'").await?) || moved(world).await?,
        "S5" => undoing(world).await?,
        _ => some(world, "offer", &overdue()).await?,
    })
}

/// Somebody has asked, or was about to, and whose request it was does not know what came of it.
async fn asked(world: &World, open: &BTreeSet<Uuid>) -> Result<bool> {
    let sql = "SELECT request_id FROM waiting WHERE call_key IS NOT NULL AND attempts > 0";
    for context in ["offer", "deal"] {
        for row in query(world.database(context), sql).await? {
            let request: Option<Uuid> = row.try_get("", "request_id")?;
            if request.is_none_or(|request| open.contains(&request)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A deal lets go of what it took, or may have taken.
async fn undoing(world: &World) -> Result<bool> {
    some(world, "deal", &deals("state LIKE 'releasing%'")).await
}

/// A deal has heard an answer: it waits for the next one, or was undone.
async fn moved(world: &World) -> Result<bool> {
    let undone = "SELECT id FROM deal WHERE state = 'abandoned'";
    Ok(some(world, "deal", &deals("state <> 'taking'")).await?
        || some(world, "deal", undone).await?)
}

/// Deals in such a state that wait for an answer.
fn deals(state: &str) -> String {
    format!(
        "SELECT id FROM deal JOIN waiting ON aggregate_id = id
            WHERE call_key IS NOT NULL AND attempts > 0 AND {state}"
    )
}

/// Offers that are open, though it is later than they may be.
fn overdue() -> String {
    format!(
        "SELECT id FROM offer JOIN waiting ON aggregate_id = id
            WHERE state IN ('pending', 'accepted') AND call_key IS NULL
            AND wake_time < create_time + {AHEAD_MS}"
    )
}

async fn some(world: &World, context: &str, sql: &str) -> Result<bool> {
    Ok(!query(world.database(context), sql).await?.is_empty())
}
