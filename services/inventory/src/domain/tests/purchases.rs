//! What purchases do with a product: each of it in each kind of product.

use jangteo_kit::status::Reject;

use super::*;

/// E-T2, C-T3
#[test]
fn a_purchase_holds_pieces() {
    let (held, event) = told(product(vec![]), want(1, 3));
    assert_eq!((&held.held, pieces(&held)), (&vec![hold(1, 3)], (10, 7)));
    let Some(Event::StockHeld(told)) = event else { panic!("{event:?}") };
    assert_eq!((told.product_id, told.owner), (ID.to_string(), "owner01".to_owned()));
    assert_eq!((told.holder_id, told.buyer), (holder(1).to_string(), "buyer01".to_owned()));
    assert_eq!((told.quantity, told.on_hand, told.available), (3, 10, 7));
}

/// E-T3, E-F9, C-F7
#[test]
fn more_than_is_left_is_refused_and_says_how_much_that_is() {
    let refused = after(product(vec![hold(1, 3)]), want(2, 8)).unwrap_err();
    assert_eq!(refused, Rejection::OutOfStock { available: 7 });
    assert_eq!(refused.reason(), "OUT_OF_STOCK");
    assert!(refused.to_string().contains("7 can be had"), "{refused}");
}

/// E-T4, C-T4; C.12, E.13: the originals refuse the last piece.
#[test]
fn exactly_the_rest_can_be_had() {
    let (all, _) = told(product(vec![hold(1, 3)]), want(2, 7));
    assert_eq!(pieces(&all), (10, 0));
    let (left, event) = told(all, take(2));
    assert_eq!((&left.held, pieces(&left)), (&vec![hold(1, 3)], (3, 0)));
    let Some(Event::StockDecreased(told_of)) = event else { panic!("{event:?}") };
    assert_eq!((told_of.quantity, told_of.on_hand, told_of.available), (7, 3, 0));
    assert_eq!(pieces(&told(left, take(1)).0), (0, 0));
}

/// C-T4, C-T5
#[test]
fn the_last_piece_is_sold_once() {
    let watch = Product { on_hand: 1, ..product(vec![]) };
    let (held, _) = told(watch, want(1, 1));
    let none = Err(Rejection::OutOfStock { available: 0 });
    assert_eq!(after(held.clone(), want(2, 1)), none);
    let (sold, _) = told(held, take(1));
    assert_eq!(pieces(&sold), (0, 0));
    assert_eq!(after(sold, want(2, 1)), none);
}

/// C-T6, E-T5
#[test]
fn what_is_given_back_can_be_bought_again() {
    let (free, event) = told(product(vec![hold(1, 3), hold(2, 7)]), give_back(1));
    assert_eq!((&free.held, pieces(&free)), (&vec![hold(2, 7)], (10, 3)));
    let Some(Event::StockReleased(told_of)) = event else { panic!("{event:?}") };
    assert_eq!((told_of.holder_id, told_of.buyer), (holder(1).to_string(), "buyer01".to_owned()));
    assert_eq!((told_of.quantity, told_of.on_hand, told_of.available), (3, 10, 3));
    assert_eq!(pieces(&told(free, want(3, 3)).0), (10, 0));
}

/// E-T2
#[test]
fn what_is_done_is_told_with_the_name_of_what_was_bought() {
    let (_, event) = told(product(vec![hold(1, 3)]), take(1));
    let Some(Event::StockDecreased(told)) = event else { panic!("{event:?}") };
    assert_eq!((told.holder_id, told.buyer), (holder(1).to_string(), "buyer01".to_owned()));
    assert_eq!((told.name.as_str(), told.on_hand, told.available), ("장미", 7, 7));
}

#[test]
fn nobody_buys_from_himself() {
    for product in products() {
        let Actor(buyer) = owner();
        let (holder, counted_only) = (holder(9), false);
        let own = Command::Hold { holder, buyer, quantity: 1, counted_only, at: 1 };
        assert_eq!(after(product, own), Err(Rejection::OwnProduct));
    }
}

/// E-F8
#[test]
fn of_a_released_product_nothing_is_held_any_more_and_what_is_held_goes_on() {
    for gone in products().into_iter().filter(|product| product.released) {
        assert_eq!(after(gone, want(9, 1)), Err(Rejection::Released));
    }
    let gone = released(product(vec![hold(1, 3), hold(2, 7)]));
    let (taken, event) = told(gone.clone(), take(1));
    assert_eq!((taken.released, pieces(&taken)), (true, (7, 0)));
    assert!(matches!(event, Some(Event::StockDecreased(_))), "{event:?}");
    let (back, event) = told(gone, give_back(2));
    assert_eq!((back.released, pieces(&back)), (true, (10, 7)));
    assert!(matches!(event, Some(Event::StockReleased(_))), "{event:?}");
}

#[test]
fn whoever_holds_pieces_has_his_answer_already() {
    for product in products().into_iter().filter(|product| product.hold_of(holder(1)).is_some()) {
        for quantity in [1, 3, 100] {
            assert_eq!(told(product.clone(), want(1, quantity)), (product.clone(), None));
        }
    }
}

/// C-F6: late and repeated word of a purchase, and word of one that never held anything.
#[test]
fn of_what_is_not_held_nothing_is_given_back_or_taken() {
    for product in products() {
        for command in [give_back(9), take(9), sell(9), forget(9)] {
            assert_eq!(told(product.clone(), command), (product.clone(), None));
        }
    }
    for (first, then) in [(give_back(1), take(1)), (take(1), give_back(1))] {
        let (ended, _) = told(product(vec![hold(1, 3)]), first);
        assert_eq!(told(ended.clone(), then), (ended, None));
    }
}

/// E-F5, E-T5; E.13: the original never puts back what a cancelled order took.
#[test]
fn what_was_sold_is_there_again_once_its_order_is_called_off() {
    let (sold, event) = told(product(vec![hold(1, 3), hold(2, 7)]), sell(1));
    assert!(matches!(event, Some(Event::StockDecreased(_))), "{event:?}");
    assert_eq!((&sold.sold, pieces(&sold)), (&vec![hold(1, 3)], (7, 0)));
    let (back, event) = told(sold, give_back(1));
    assert_eq!((&back.held, &back.sold, pieces(&back)), (&vec![hold(2, 7)], &vec![], (10, 3)));
    let Some(Event::StockIncreased(told_of)) = event else { panic!("{event:?}") };
    assert_eq!((told_of.quantity, told_of.on_hand, told_of.available), (3, 10, 3));
    assert_eq!(told(back.clone(), give_back(1)), (back, None));
}

/// E-F4: once it has arrived.
#[test]
fn what_was_delivered_does_not_come_back() {
    let (sold, _) = told(product(vec![hold(1, 3)]), sell(1));
    let (forgotten, event) = told(sold, forget(1));
    assert_eq!((&forgotten.sold, pieces(&forgotten), event), (&vec![], (7, 7), None));
    assert_eq!(told(forgotten.clone(), give_back(1)), (forgotten, None));
}

#[test]
fn an_order_that_came_to_nothing_gives_back_what_it_only_held() {
    let (free, event) = told(product(vec![hold(1, 3)]), give_back(1));
    assert!(matches!(event, Some(Event::StockReleased(_))), "{event:?}");
    assert_eq!(told(free.clone(), sell(1)), (free, None));
}

/// E.13: whoever comes at once, fifty pieces are sold fifty times.
#[test]
fn of_two_hundred_buyers_as_many_get_a_piece_as_there_are_pieces() {
    let mut now = Product { on_hand: 50, ..product(vec![]) };
    let mut lucky = vec![];
    for number in 0..200 {
        match after(now.clone(), want(number, 1)) {
            Ok((next, _)) => {
                lucky.push(number);
                now = next;
            }
            Err(no) => assert_eq!(no, Rejection::OutOfStock { available: 0 }),
        }
    }
    assert_eq!((lucky.len(), pieces(&now)), (50, (50, 0)));
    let sold = lucky.into_iter().fold(now, |now, number| told(now, take(number)).0);
    assert_eq!((&sold.held, pieces(&sold)), (&vec![], (0, 0)));
}
