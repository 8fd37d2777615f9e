//! Lines as their columns keep them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{Line, Wanted};

/// Some pieces that were asked for.
#[derive(Serialize, Deserialize)]
struct KeptWanted {
    product: Uuid,
    quantity: i64,
}

/// Some pieces that were sold.
#[derive(Serialize, Deserialize)]
struct KeptLine {
    product: Uuid,
    name: String,
    quantity: i64,
    price_krw: i64,
}

/// What was asked for, as JSON.
pub(super) fn wanted_json(wanted: &[Wanted]) -> String {
    let kept = |Wanted { product, quantity }: &Wanted| KeptWanted {
        product: *product,
        quantity: *quantity,
    };
    json(&wanted.iter().map(kept).collect::<Vec<_>>())
}

/// What was asked for, as its column has kept it.
pub(super) fn wanted(json: &str) -> Result<Vec<Wanted>, String> {
    let kept: Vec<KeptWanted> = read(json)?;
    let wanted = |KeptWanted { product, quantity }| Wanted { product, quantity };
    Ok(kept.into_iter().map(wanted).collect())
}

/// What was sold, as JSON.
pub(super) fn sold_json(lines: &[Line]) -> String {
    let kept = |Line { product, name, quantity, price_krw }: &Line| KeptLine {
        product: *product,
        name: name.clone(),
        quantity: *quantity,
        price_krw: *price_krw,
    };
    json(&lines.iter().map(kept).collect::<Vec<_>>())
}

/// What was sold, as its column has kept it.
pub(super) fn sold(json: &str) -> Result<Vec<Line>, String> {
    let kept: Vec<KeptLine> = read(json)?;
    let line = |KeptLine { product, name, quantity, price_krw }| Line {
        product,
        name,
        quantity,
        price_krw,
    };
    Ok(kept.into_iter().map(line).collect())
}

fn json(lines: &impl Serialize) -> String {
    serde_json::to_string(lines).expect("lines are JSON")
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| format!("no lines: {error}"))
}
