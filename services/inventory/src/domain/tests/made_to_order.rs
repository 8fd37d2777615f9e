//! What a store makes is not counted: it is there as soon as somebody orders it.

use jangteo_kit::status::Reject;

use super::*;

/// The same purchase, which takes nothing but pieces that are there.
fn want_pieces(number: u128, quantity: i64) -> Command {
    let Hold { holder, buyer, quantity } = hold(number, quantity);
    Command::Hold { holder, buyer, quantity, counted_only: true, at: 1 }
}

/// D-F1
#[test]
fn a_store_registers_what_it_makes_without_pieces() {
    let (new, events) = Product::decide(None, registering(made_to_order())).unwrap();
    assert_eq!((&new, pieces(&new)), (&made_to_order(), (0, 0)));
    let [Event::ProductRegistered(told)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((told.on_hand, told.available), (0, 0));
    assert_eq!(told.store_id, STORE.to_string());
    for on_hand in [1, 1_000_000] {
        let counted = registering(Product { on_hand, ..made_to_order() });
        let refused = Product::decide(None, counted).unwrap_err();
        assert_eq!(refused, Rejection::QuantityOfMadeToOrder);
        assert_eq!(refused.reason(), "QUANTITY_OF_MADE_TO_ORDER");
    }
}

/// D-F1: it can be had as often as it is asked for, and nothing happens to it.
#[test]
fn a_purchase_has_it_made_and_holds_nothing() {
    for quantity in [1, 3, i64::MAX] {
        assert_eq!(told(made_to_order(), want(1, quantity)), (made_to_order(), None));
    }
}

#[test]
fn whoever_wants_pieces_that_are_there_is_refused() {
    let refused = after(made_to_order(), want_pieces(1, 1)).unwrap_err();
    assert_eq!((refused, refused.reason()), (Rejection::MadeToOrder, "MADE_TO_ORDER"));
    let (held, event) = told(product(vec![]), want_pieces(1, 3));
    assert_eq!((&held.held, pieces(&held)), (&vec![hold(1, 3)], (10, 7)));
    assert!(matches!(event, Some(Event::StockHeld(_))), "{event:?}");
}

#[test]
fn nobody_has_his_own_made_or_what_is_not_sold_any_more() {
    for counted_only in [false, true] {
        let by = |buyer: &str| {
            let (holder, buyer) = (holder(9), buyer.to_owned());
            Command::Hold { holder, buyer, quantity: 1, counted_only, at: 1 }
        };
        assert_eq!(after(made_to_order(), by("owner01")), Err(Rejection::OwnProduct));
        let gone = released(made_to_order());
        assert_eq!(after(gone.clone(), by("owner01")), Err(Rejection::OwnProduct));
        assert_eq!(after(gone, by("buyer01")), Err(Rejection::Released));
    }
}

#[test]
fn no_pieces_of_it_come_in() {
    assert_eq!(after(made_to_order(), restock(owner(), 1)), Err(Rejection::MadeToOrder));
    assert_eq!(after(released(made_to_order()), restock(owner(), 1)), Err(Rejection::Released));
}

/// Its orders are told of it as those of pieces are.
#[test]
fn no_purchase_gives_back_or_takes_anything_of_it() {
    for product in [made_to_order(), released(made_to_order())] {
        for command in [give_back(1), take(1), sell(1), forget(1)] {
            assert_eq!(told(product.clone(), command), (product.clone(), None));
        }
    }
}

#[test]
fn its_owner_edits_it_and_takes_it_off_the_market() {
    let (edited, event) = told(made_to_order(), update(owner()));
    assert_eq!((edited.store, edited.listing.price_krw), (Some(STORE), 45_000));
    assert!(matches!(event, Some(Event::ProductChanged(_))), "{event:?}");
    let (gone, event) = told(made_to_order(), release(owner()));
    assert_eq!(gone, released(made_to_order()));
    assert!(matches!(event, Some(Event::ProductReleased(_))), "{event:?}");
}
