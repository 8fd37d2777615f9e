//! What holds whatever comes, in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

/// What two rentals do, and cannot be refused.
fn any_fact() -> impl Strategy<Value = Command> {
    let (rental, attempt) = (1u128..3, 1i64..4);
    prop_oneof![
        4 => rental.clone().prop_map(reserve),
        4 => (rental.clone(), attempt.clone()).prop_map(|(rental, attempt)| paid(rental, attempt)),
        2 => (rental.clone(), attempt).prop_map(|(rental, it)| undo_withhold(rental, it)),
        2 => rental.clone().prop_map(release),
        1 => rental.prop_map(retire),
    ]
}

/// What people and rentals ask for, and may be refused.
fn any_wish() -> impl Strategy<Value = Command> {
    let stranger = Actor("renter01".to_owned());
    let by = prop_oneof![7 => Just(owner()), 1 => Just(stranger)];
    let rental = 1u128..3;
    prop_oneof![
        1 => Just(register()),
        1 => by.clone().prop_map(update),
        1 => by.clone().prop_map(delete),
        6 => (by.clone(), rental.clone()).prop_map(|(by, rental)| lend(by, rental)),
        3 => (by, rental.clone()).prop_map(|(by, rental)| take_back(by, rental)),
        3 => (rental, 1i64..4).prop_map(|(rental, attempt)| withhold(rental, attempt)),
    ]
}

fn any_commands() -> impl Strategy<Value = Vec<Command>> {
    vec(prop_oneof![any_wish(), any_fact()], 0..60)
}

/// What becomes of the payments of the rental that holds the item.
fn any_payments() -> impl Strategy<Value = Vec<Command>> {
    let payment = (0..3, 1i64..6).prop_map(|(what, attempt)| match what {
        0 => paid(1, attempt),
        1 => withhold(1, attempt),
        _ => undo_withhold(1, attempt),
    });
    vec(payment, 0..12)
}

/// An item in any state.
fn any_item() -> impl Strategy<Value = Item> {
    select(states()).prop_map(item)
}

/// An item that no rental holds.
fn any_free_item() -> impl Strategy<Value = Item> {
    any_item().prop_filter("held", |item| item.hold().is_none())
}

/// Each step of a life: before, what was told, after, and the events.
fn steps(first: Item, commands: Vec<Command>) -> Vec<(Item, Command, Item, Vec<Event>)> {
    let mut now = first;
    let mut steps = vec![];
    for command in commands {
        if let Ok((next, events)) = Item::decide(Some(now.clone()), command.clone()) {
            steps.push((now, command, next.clone(), events));
            now = next;
        }
    }
    steps
}

/// The rental that is answered.
fn answered(event: &Event) -> Option<&str> {
    match event {
        Event::ItemReserved(told) => Some(&told.rental_id),
        Event::ItemReservationRefused(told) => Some(&told.rental_id),
        _ => None,
    }
}

fn refuses(events: &[Event]) -> bool {
    matches!(events, [Event::ItemReservationRefused(_)])
}

/// What is known of an item without its state: by what it tells, and by the payments it is told of.
#[derive(Default)]
struct Book {
    holder: Option<String>,
    lent: bool,
    retired: bool,
    paid: i64,
    /// Withholding a payment withholds those before it.
    withheld: BTreeSet<i64>,
}

impl Book {
    fn keeps(&self, rental: &str) -> bool {
        self.holder.as_deref() == Some(rental) && !self.lent
    }

    fn is_paid(&self) -> bool {
        self.paid > self.withheld.last().copied().unwrap_or(0)
    }

    fn counts(&mut self, command: &Command) {
        match command {
            Command::Paid { rental, attempt } if self.keeps(&rental.to_string()) => {
                self.paid = self.paid.max(*attempt);
            }
            Command::Withhold { rental, attempt } if self.keeps(&rental.to_string()) => {
                self.withheld.extend(1..=*attempt);
            }
            Command::UndoWithhold { rental, attempt } if self.keeps(&rental.to_string()) => {
                self.withheld.retain(|earlier| earlier < attempt);
            }
            _ => {}
        }
    }

    fn reads(&mut self, event: &Event) {
        match event {
            Event::ItemReserved(told) => {
                assert!(self.holder.is_none() && !self.retired, "it is had once");
                *self = Self { holder: Some(told.rental_id.clone()), ..Self::default() };
            }
            Event::ItemLent(told) => {
                assert!(self.keeps(&told.rental_id), "it is lent to whoever holds it");
                assert!(self.is_paid(), "paid {}, withheld {:?}", self.paid, self.withheld);
                self.lent = true;
            }
            Event::ItemReleased(told) => {
                assert!(self.keeps(&told.rental_id), "whoever holds it lets it go");
                self.ends();
            }
            Event::ItemReturned(told) => {
                assert!(self.lent && self.holder.as_ref() == Some(&told.rental_id));
                self.ends();
            }
            Event::ItemRetired(_) => {
                assert!(!self.retired, "it is told once");
                self.retired = true;
            }
            Event::ItemDeleted(_) => assert!(self.holder.is_none() && !self.retired),
            Event::ItemRegistered(_) | Event::ItemChanged(_) => {}
            Event::ItemReservationRefused(told) => {
                assert!(self.holder.as_ref() != Some(&told.rental_id), "it has one answer");
            }
        }
    }

    fn ends(&mut self) {
        *self = Self { retired: self.retired, ..Self::default() };
    }

    fn agrees(&self, item: &Item) {
        let holder = item.hold().map(|hold| hold.rental.to_string());
        assert_eq!(holder, self.holder);
        assert_eq!(matches!(item.state, State::Lent(_)), self.lent);
        assert_eq!(item.is_retired(), self.retired);
    }
}

proptest! {
    /// B-F8, B.14: the original lends twice, and unpaid.
    #[test]
    fn one_rental_holds_it_and_has_it_on_a_payment_that_stays(commands in any_commands()) {
        let mut book = Book::default();
        for (_, command, after, events) in steps(item(State::Rentable), commands) {
            book.counts(&command);
            for event in &events {
                book.reads(event);
            }
            book.agrees(&after);
        }
    }

    #[test]
    fn what_is_kept_is_lent_exactly_on_a_payment_that_stays(payments in any_payments()) {
        let mut book = Book { holder: Some(rental(1).to_string()), ..Book::default() };
        let mut now = item(reserved(0, 0));
        for (_, command, after, _) in steps(now.clone(), payments) {
            book.counts(&command);
            now = after;
        }
        prop_assert_eq!(Item::decide(Some(now), lend(owner(), 1)).is_ok(), book.is_paid());
    }

    /// B-F3: a rental asks once.
    #[test]
    fn each_rental_has_one_answer(first in any_free_item(), mut commands in any_commands()) {
        let mut asked = BTreeMap::new();
        commands.retain(|command| match command {
            Command::Reserve { rental, .. } => asked.insert(rental.to_string(), 1).is_none(),
            _ => true,
        });
        let mut answers = BTreeMap::new();
        for (_, _, _, events) in steps(first, commands) {
            for rental in events.iter().filter_map(answered) {
                *answers.entry(rental.to_owned()).or_insert(0) += 1;
            }
        }
        prop_assert_eq!(answers, asked);
    }

    #[test]
    fn what_is_so_cannot_be_refused(item in any_item(), fact in any_fact()) {
        prop_assert!(Item::decide(Some(item), fact).is_ok());
    }

    #[test]
    fn an_end_is_never_left(commands in any_commands()) {
        for end in ENDS {
            for (_, _, after, events) in steps(item(end.clone()), commands.clone()) {
                prop_assert_eq!(&after.state, &end);
                prop_assert!(events.is_empty() || refuses(&events), "{:?}", events);
            }
        }
    }

    #[test]
    fn every_event_tells_of_a_change_or_a_no(first in any_item(), commands in any_commands()) {
        for (before, command, after, events) in steps(first, commands) {
            prop_assert!(events.len() <= 1);
            if refuses(&events) {
                prop_assert_eq!(before, after, "{:?}", command);
            } else {
                prop_assert!(events.is_empty() || before != after, "{:?}", command);
            }
        }
    }

    #[test]
    fn only_payments_change_without_an_event(first in any_item(), commands in any_commands()) {
        for (before, command, after, events) in steps(first, commands) {
            let pays = matches!(
                command,
                Command::Paid { .. } | Command::Withhold { .. } | Command::UndoWithhold { .. }
            );
            prop_assert!(!events.is_empty() || before == after || pays, "{:?}", command);
        }
    }

    #[test]
    fn a_command_given_twice_in_a_row_changes_nothing_more(
        first in any_item(), commands in any_commands()
    ) {
        for (_, command, after, events) in steps(first, commands) {
            if let Ok((again, repeated)) = Item::decide(Some(after.clone()), command) {
                prop_assert_eq!(again, after);
                prop_assert!(repeated.is_empty() || (refuses(&events) && repeated == events));
            }
        }
    }
}
