//! What owners do with their products.

use jangteo_kit::status::{Kind, Reject};

use super::*;

/// E-F8, E-T1, C-T1, C-T2
#[test]
fn a_new_product_is_on_sale_and_told_of() {
    let (new, events) = Product::decide(None, register()).unwrap();
    assert_eq!(new, product(vec![]));
    let [Event::ProductRegistered(told)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(
        (told.name.as_str(), told.spec.as_str(), told.price_krw),
        ("장미", "100송이", 50_000)
    );
    assert_eq!((told.on_hand, told.available, told.owner.as_str()), (10, 10, "owner01"));
    assert_eq!(told.store_id, "", "it is counted");
    for product in products() {
        assert_eq!(after(product, register()), Err(Rejection::Exists));
    }
}

#[test]
fn an_edit_leaves_the_pieces_alone() {
    for before in products().into_iter().filter(|product| !product.released) {
        let (edited, event) = told(before.clone(), update(owner()));
        assert_eq!((edited.listing.name.as_str(), edited.listing.price_krw), ("장미", 45_000));
        assert_eq!((pieces(&edited), &edited.held), (pieces(&before), &before.held));
        let Some(Event::ProductChanged(told_of)) = event else { panic!("{event:?}") };
        assert_eq!((told_of.spec.as_str(), told_of.price_krw), ("100송이", 45_000));
        assert_eq!((told_of.on_hand, told_of.available), pieces(&before));
        assert_eq!(told(edited.clone(), update(owner())), (edited, None));
    }
}

#[test]
fn an_edit_changes_what_it_names() {
    let edit = Edit { name: Some("백합".to_owned()), spec: Some(String::new()), price_krw: None };
    let (edited, _) = told(product(vec![]), Command::Update { by: owner(), edit, at: 1 });
    let Listing { name, spec, price_krw } = edited.listing;
    assert_eq!((name.as_str(), spec.as_str(), price_krw), ("백합", "", 50_000));
}

/// E-F8
#[test]
fn pieces_that_come_in_can_be_bought() {
    for (before, on_hand, available) in
        [(product(vec![hold(1, 3)]), 15, 12), (sold_out(), 5, 5), (product(vec![]), 15, 15)]
    {
        let (product, event) = told(before, restock(owner(), 5));
        assert_eq!(pieces(&product), (on_hand, available));
        let Some(Event::StockIncreased(told)) = event else { panic!("{event:?}") };
        assert_eq!((told.name.as_str(), told.quantity), ("장미", 5));
        assert_eq!((told.on_hand, told.available), (on_hand, available));
    }
}

#[test]
fn stock_has_an_end() {
    let rest = 1_000_000_000 - 10;
    let (full, _) = told(product(vec![]), restock(owner(), rest));
    assert_eq!(pieces(&full), (1_000_000_000, 1_000_000_000));
    for (before, quantity) in [(full, 1), (product(vec![hold(1, 3)]), rest + 1)] {
        assert_eq!(after(before.clone(), restock(owner(), quantity)), Err(Rejection::TooMuch));
        assert_eq!(after(before, restock(owner(), i64::MAX)), Err(Rejection::TooMuch));
    }
    assert!(Rejection::TooMuch.to_string().contains("1000000000"));
}

/// E-F8; E.13: the original tells nobody.
#[test]
fn a_released_product_is_told_of_once_and_keeps_what_is_held() {
    for before in products().into_iter().filter(|product| !product.released) {
        let (gone, event) = told(before.clone(), release(owner()));
        assert_eq!(gone, released(before.clone()));
        let Some(Event::ProductReleased(told_of)) = event else { panic!("{event:?}") };
        assert_eq!((told_of.on_hand, told_of.available), pieces(&before));
        assert_eq!(told(gone.clone(), release(owner())), (gone, None));
    }
}

#[test]
fn a_released_product_is_neither_edited_nor_restocked() {
    for gone in products().into_iter().filter(|product| product.released) {
        for command in [update(owner()), restock(owner(), 1)] {
            assert_eq!(after(gone.clone(), command), Err(Rejection::Released));
        }
    }
}

#[test]
fn a_stranger_finds_no_product_and_nobody_one_that_is_not_there() {
    for by in [Actor("buyer01".to_owned()), Actor(String::new())] {
        for command in [update(by.clone()), restock(by.clone(), 1), release(by.clone())] {
            for product in products() {
                assert_eq!(after(product, command.clone()), Err(Rejection::NotFound));
            }
        }
    }
    for command in
        [update(owner()), restock(owner(), 1), release(owner()), want(1, 1), give_back(1), take(1)]
    {
        assert_eq!(Product::decide(None, command), Err(Rejection::NotFound));
    }
}

#[test]
fn only_what_nothing_can_mend_is_wrong_whatever_the_stock() {
    for (rejection, kind, field) in [
        (Rejection::NotFound, Kind::NotFound, None),
        (Rejection::Exists, Kind::Exists, None),
        (Rejection::Released, Kind::Precondition, None),
        (Rejection::OutOfStock { available: 0 }, Kind::Precondition, None),
        (Rejection::OwnProduct, Kind::Precondition, None),
        (Rejection::OneSeller, Kind::Precondition, None),
        (Rejection::OneStore, Kind::Precondition, None),
        (Rejection::MadeToOrder, Kind::Precondition, None),
        (Rejection::TooMuch, Kind::Precondition, None),
        (Rejection::QuantityOfMadeToOrder, Kind::Invalid, Some("quantity")),
        (Rejection::NoLines, Kind::Invalid, Some("lines")),
    ] {
        assert_eq!((rejection.kind(), rejection.field()), (kind, field), "{rejection}");
    }
}
