//! Lines as their column keeps them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ticket::Line;

/// Some portions of one thing.
#[derive(Serialize, Deserialize)]
struct Kept {
    product: Uuid,
    name: String,
    quantity: i64,
}

/// What to cook, as JSON.
pub(super) fn json(lines: &[Line]) -> String {
    let kept = |Line { product, name, quantity }: &Line| Kept {
        product: *product,
        name: name.clone(),
        quantity: *quantity,
    };
    let kept: Vec<Kept> = lines.iter().map(kept).collect();
    serde_json::to_string(&kept).expect("lines are JSON")
}

/// What to cook, as its column has kept it.
pub(super) fn read(json: &str) -> Result<Vec<Line>, String> {
    let kept: Vec<Kept> =
        serde_json::from_str(json).map_err(|error| format!("no lines: {error}"))?;
    let line = |Kept { product, name, quantity }| Line { product, name, quantity };
    Ok(kept.into_iter().map(line).collect())
}
