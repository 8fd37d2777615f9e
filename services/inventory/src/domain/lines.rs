//! A purchase of several lines: which pieces of which product, all of one seller, and of one store.

use uuid::Uuid;

use super::{Product, Rejection};

/// Products and pieces, each product once, in the order in which they were named first.
pub(crate) fn merged(lines: &[(Uuid, i64)]) -> Result<Vec<(Uuid, i64)>, Rejection> {
    let mut merged: Vec<(Uuid, i64)> = vec![];
    for (product, quantity) in lines {
        match merged.iter_mut().find(|(known, _)| known == product) {
            Some((_, sum)) => *sum = sum.saturating_add(*quantity),
            None => merged.push((*product, *quantity)),
        }
    }
    if merged.is_empty() { Err(Rejection::NoLines) } else { Ok(merged) }
}

/// Who sells them all.
pub(crate) fn one_owner<'a>(products: &[&'a Product]) -> Result<&'a str, Rejection> {
    let (first, others) = products.split_first().ok_or(Rejection::NoLines)?;
    let same = others.iter().all(|other| other.owner == first.owner);
    if same { Ok(&first.owner) } else { Err(Rejection::OneSeller) }
}

/// The store that makes them all; none: all of them are counted.
pub(crate) fn one_store(products: &[&Product]) -> Result<Option<Uuid>, Rejection> {
    let (first, others) = products.split_first().ok_or(Rejection::NoLines)?;
    let same = others.iter().all(|other| other.store == first.store);
    if same { Ok(first.store) } else { Err(Rejection::OneStore) }
}
