//! What holds whatever comes, in whatever order.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

/// What becomes of purchases, and cannot be refused.
fn any_fact() -> impl Strategy<Value = Command> {
    prop_oneof![
        (1u128..6).prop_map(give_back),
        (1u128..6).prop_map(take),
        (1u128..6).prop_map(sell),
        (1u128..6).prop_map(forget),
    ]
}

/// What owners and purchases ask for, and may be refused.
fn any_wish() -> impl Strategy<Value = Command> {
    let stranger = Actor("buyer01".to_owned());
    let by = prop_oneof![7 => Just(owner()), 1 => Just(stranger)];
    prop_oneof![
        2 => Just(register()),
        2 => by.clone().prop_map(update),
        4 => (by.clone(), 1i64..8).prop_map(|(by, quantity)| restock(by, quantity)),
        1 => by.prop_map(release),
        16 => (1u128..6, 1i64..8).prop_map(|(number, quantity)| want(number, quantity)),
    ]
}

fn any_commands() -> impl Strategy<Value = Vec<Command>> {
    vec(prop_oneof![2 => any_wish(), 1 => any_fact()], 0..60)
}

fn any_product() -> impl Strategy<Value = Product> {
    select(every())
}

fn any_counted() -> impl Strategy<Value = Product> {
    select(products())
}

/// Each step of a life: before, what was told, after, and the events.
fn steps(first: Product, commands: Vec<Command>) -> Vec<(Product, Command, Product, Vec<Event>)> {
    let mut now = first;
    let mut steps = vec![];
    for command in commands {
        if let Ok((next, events)) = Product::decide(Some(now.clone()), command.clone()) {
            steps.push((now, command, next.clone(), events));
            now = next;
        }
    }
    steps
}

/// The pieces that an event says there are: on hand, and available.
fn said(event: &Event) -> (i64, i64) {
    match event {
        Event::ProductRegistered(told) => (told.on_hand, told.available),
        Event::ProductChanged(told) => (told.on_hand, told.available),
        Event::ProductReleased(told) => (told.on_hand, told.available),
        Event::StockHeld(told) => (told.on_hand, told.available),
        Event::StockReleased(told) => (told.on_hand, told.available),
        Event::StockDecreased(told) => (told.on_hand, told.available),
        Event::StockIncreased(told) => (told.on_hand, told.available),
    }
}

/// What is known of a product's pieces by what it tells.
struct Book {
    /// Registered and restocked.
    came: i64,
    /// Taken for good.
    went: i64,
    /// By purchase.
    held: BTreeMap<String, i64>,
}

impl Book {
    fn of(product: &Product) -> Self {
        let held = product.held.iter().map(|hold| (hold.holder.to_string(), hold.quantity));
        Self { came: product.on_hand, went: 0, held: held.collect() }
    }

    fn reads(&mut self, event: &Event) {
        match event {
            Event::StockHeld(told) => {
                let known = self.held.insert(told.holder_id.clone(), told.quantity);
                assert_eq!(known, None, "a purchase holds once");
            }
            Event::StockReleased(told) => self.ends(&told.holder_id, told.quantity),
            Event::StockDecreased(told) => {
                self.ends(&told.holder_id, told.quantity);
                self.went += told.quantity;
            }
            Event::StockIncreased(told) => self.came += told.quantity,
            Event::ProductRegistered(_) | Event::ProductChanged(_) | Event::ProductReleased(_) => {}
        }
        assert_eq!(said(event), self.pieces());
    }

    fn ends(&mut self, holder: &str, quantity: i64) {
        let held = self.held.remove(holder);
        assert_eq!(held, Some(quantity), "what was held goes, all of it and once");
    }

    fn pieces(&self) -> (i64, i64) {
        let on_hand = self.came - self.went;
        (on_hand, on_hand - self.held.values().sum::<i64>())
    }
}

proptest! {
    /// S.3: stock and what was sold of it are what there was.
    #[test]
    fn no_piece_is_lost_or_made(first in any_product(), commands in any_commands()) {
        let mut book = Book::of(&first);
        for (_, _, after, events) in steps(first, commands) {
            for event in &events {
                book.reads(event);
            }
            prop_assert_eq!(after.on_hand + book.went, book.came);
            prop_assert_eq!(pieces(&after), book.pieces());
        }
    }

    /// E-T3, C-T5, S.3
    #[test]
    fn stock_is_never_below_nothing(first in any_product(), commands in any_commands()) {
        for (_, command, after, _) in steps(first, commands) {
            prop_assert!(after.available() >= 0, "{:?}", command);
            prop_assert!(after.on_hand >= after.available(), "{:?}", command);
        }
    }

    /// E-T4, C-T4
    #[test]
    fn what_is_available_can_be_had_and_not_a_piece_more(
        first in any_counted(), commands in any_commands()
    ) {
        let now = steps(first.clone(), commands).pop().map_or(first, |(_, _, after, _)| after);
        let available = now.available();
        let refused = Product::decide(Some(now.clone()), want(9, available + 1));
        prop_assert!(refused.is_err());
        if available > 0 && !now.released {
            let (after, _) = Product::decide(Some(now), want(9, available)).unwrap();
            prop_assert_eq!(after.available(), 0);
        }
    }

    #[test]
    fn what_is_so_cannot_be_refused(
        first in any_product(), commands in any_commands(), fact in any_fact()
    ) {
        let now = steps(first.clone(), commands).pop().map_or(first, |(_, _, after, _)| after);
        prop_assert!(Product::decide(Some(now), fact).is_ok());
    }

    /// Who was sold what is nobody's business but the product's own.
    #[test]
    fn a_product_changes_exactly_when_an_event_tells_of_it(
        first in any_product(), commands in any_commands()
    ) {
        for (before, command, after, events) in steps(first, commands) {
            prop_assert!(events.len() <= 1);
            if matches!(command, Command::Forget { .. }) {
                prop_assert_eq!((events, pieces(&before)), (vec![], pieces(&after)));
                continue;
            }
            prop_assert_eq!(events.len() == 1, before != after, "{:?}", command);
        }
    }

    /// Pieces come in twice if they are told of twice: the request's id keeps them apart.
    #[test]
    fn a_command_given_twice_in_a_row_tells_nothing_new(
        first in any_product(), commands in any_commands()
    ) {
        for (_, command, after, _) in steps(first, commands) {
            if matches!(command, Command::Restock { .. }) {
                continue;
            }
            let again = Product::decide(Some(after.clone()), command);
            prop_assert_eq!(again, Ok((after, vec![])));
        }
    }

    /// D-F1
    #[test]
    fn there_are_never_pieces_of_what_is_made_to_order(commands in any_commands()) {
        for (_, command, after, events) in steps(made_to_order(), commands) {
            prop_assert!(pieces(&after) == (0, 0) && after.sold.is_empty(), "{:?}", command);
            let owners = matches!(command, Command::Update { .. } | Command::Release { .. });
            prop_assert!(owners || events.is_empty(), "{:?}", command);
        }
    }

    /// E-F8
    #[test]
    fn a_released_product_only_sees_its_purchases_end(
        first in any_product(), commands in any_commands()
    ) {
        for (_, _, after, events) in steps(released(first), commands) {
            prop_assert!(after.released);
            for event in events {
                let ends = matches!(
                    event,
                    Event::StockReleased(_) | Event::StockDecreased(_) | Event::StockIncreased(_)
                );
                prop_assert!(ends, "{:?}", event);
            }
        }
    }
}
