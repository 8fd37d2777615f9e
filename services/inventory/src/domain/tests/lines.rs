//! Purchases of several lines.

use super::*;
use crate::domain::lines::{merged, one_owner, one_store};

fn of(owner: &str) -> Product {
    Product { owner: owner.to_owned(), ..product(vec![]) }
}

#[test]
fn lines_of_one_product_are_added_up_where_it_came_first() {
    let [roses, lilies] = [2, 1].map(Uuid::from_u128);
    let lines = [(roses, 1), (lilies, 4), (roses, 2)];
    assert_eq!(merged(&lines), Ok(vec![(roses, 3), (lilies, 4)]));
    assert_eq!(merged(&lines[..2]), Ok(lines[..2].to_vec()));
}

#[test]
fn so_many_pieces_that_nobody_can_count_them_are_still_too_many() {
    let lines = [(ID, i64::MAX), (ID, 1)];
    assert_eq!(merged(&lines), Ok(vec![(ID, i64::MAX)]));
}

#[test]
fn a_purchase_takes_something() {
    assert_eq!(merged(&[]), Err(Rejection::NoLines));
    assert_eq!(one_owner(&[]), Err(Rejection::NoLines));
    assert_eq!(one_store(&[]), Err(Rejection::NoLines));
}

#[test]
fn a_purchase_is_of_one_seller() {
    let (own, other) = (of("owner01"), of("owner02"));
    assert_eq!(one_owner(&[&own]), Ok("owner01"));
    assert_eq!(one_owner(&[&own, &own]), Ok("owner01"));
    for several in [[&own, &own, &other], [&other, &own, &own], [&own, &other, &own]] {
        assert_eq!(one_owner(&several), Err(Rejection::OneSeller));
    }
}

/// D-F1
#[test]
fn a_purchase_is_of_one_store_or_of_pieces_that_are_there() {
    let (counted, made) = (product(vec![]), made_to_order());
    let other = Product { store: Some(Uuid::from_u128(98)), ..made_to_order() };
    assert_eq!(one_store(&[&counted, &counted]), Ok(None));
    assert_eq!(one_store(&[&made]), Ok(Some(STORE)));
    assert_eq!(one_store(&[&made, &made]), Ok(Some(STORE)));
    for several in [[&made, &made, &other], [&counted, &made, &made], [&made, &counted, &made]] {
        assert_eq!(one_store(&several), Err(Rejection::OneStore));
    }
}
