//! The answer of a store or a delivery, and the events of both, meet at an order that is being called
//! off, in every order.

use super::*;

/// All orders in which these may come.
fn orders(all: &[Command]) -> Vec<Vec<Command>> {
    if all.is_empty() {
        return vec![vec![]];
    }
    let begun_with = |place: usize| {
        let mut rest = all.to_vec();
        let first = rest.remove(place);
        orders(&rest).into_iter().map(move |others| [vec![first.clone()], others].concat())
    };
    (0..all.len()).flat_map(begun_with).collect()
}

fn is_final(standing: &Standing) -> bool {
    matches!(standing, Standing::Cancelled { .. } | Standing::Reached { rank: Rank::Delivered, .. })
}

/// Where it ends: with whatever was certain first.
fn ends(sold: &Sold, first: Standing, commands: &[Command]) -> (Standing, Vec<Event>) {
    let (mut now, mut told) = (first, vec![]);
    for command in commands {
        let (next, events) = stands_of(sold, now.clone(), command.clone());
        if is_final(&now) {
            assert_eq!((&next, events.len()), (&now, 0), "{command:?} in {commands:?}");
        }
        told.extend(events);
        now = next;
    }
    (now, told)
}

/// When the first of these comes.
fn first_of(these: &[Command], commands: &[Command]) -> usize {
    commands.iter().position(|command| these.contains(command)).unwrap_or(usize::MAX)
}

fn count(told: &[Event], is: fn(&Event) -> bool) -> usize {
    told.iter().filter(|event| is(event)).count()
}

fn is_cancelled(event: &Event) -> bool {
    matches!(event, Event::OrderCancelled(_))
}

fn is_delivered(event: &Event) -> bool {
    matches!(event, Event::OrderDelivered(_))
}

fn is_preparing(event: &Event) -> bool {
    matches!(event, Event::OrderPreparing(_))
}

/// All that is said of what a store makes, by the store and by its delivery, though hardly of one order.
fn is_said_of(sold: &Sold, first: &Standing, heard: &Heard<()>, store: Why) {
    let offs = [called_off(store), delivery_cancelled()];
    let all = [preparing(), picked_up(), arrived(), cancel_answered(heard.clone())];
    let all = [&all[..], &offs[..]].concat();
    // A yes that nobody waits for is none.
    let asked = matches!(first, Standing::Cancelling { .. }) && *heard == Heard::Yes(());
    let yes = asked.then(|| cancel_answered(Heard::Yes(())));
    let off: Vec<_> = offs.into_iter().chain(yes).collect();
    // What is asked again and again waits for its answer, also once it has arrived.
    let is_silent = matches!(heard, Heard::NotSent | Heard::Nothing);
    for commands in orders(&all) {
        let (end, told) = ends(sold, first.clone(), &commands);
        let is_off = first_of(&off, &commands) < first_of(&[arrived()], &commands);
        assert!(is_final(&end) || is_silent, "{commands:?}");
        assert_eq!(matches!(end, Standing::Cancelled { .. }), is_off, "{commands:?}");
        let counts = (count(&told, is_cancelled), count(&told, is_delivered));
        assert_eq!(counts, (usize::from(is_off), usize::from(!is_off)), "{commands:?}");
        assert!(count(&told, is_preparing) <= 1, "{commands:?}");
    }
}

fn meets(heard: Heard<()>, again: bool) {
    let mut off = vec![delivery_cancelled()];
    if heard == Heard::Yes(()) {
        off.push(cancel_answered(Heard::Yes(())));
    }
    let all = [cancel_answered(heard), picked_up(), arrived(), delivery_cancelled()];
    let ways = orders(&all);
    assert_eq!(ways.len(), 24);
    for commands in ways {
        let (end, told) = ends(&sold(), cancelling(Rank::Placed, again), &commands);
        let is_off = first_of(&off, &commands) < first_of(&[arrived()], &commands);
        assert!(is_final(&end), "{commands:?}");
        assert_eq!(matches!(end, Standing::Cancelled { .. }), is_off, "{commands:?}");
        let counts = (count(&told, is_cancelled), count(&told, is_delivered));
        assert_eq!(counts, (usize::from(is_off), usize::from(!is_off)), "{commands:?}");
    }
}

/// E-T5: nothing that is final is left, and an order ends once, called off or delivered.
#[test]
fn of_calling_off_and_arriving_the_first_one_stands() {
    for again in [false, true] {
        meets(Heard::Yes(()), again);
        meets(Heard::No(no()), again);
    }
}

/// What failed or stayed away decides nothing: the events do.
#[test]
fn no_answer_leaves_it_to_the_events() {
    for heard in [Heard::NotSent, Heard::Nothing] {
        for commands in orders(&[cancel_answered(heard), picked_up(), delivery_cancelled()]) {
            let (end, told) = ends(&sold(), cancelling(Rank::Placed, false), &commands);
            assert!(matches!(end, Standing::Cancelled { .. }), "{commands:?}");
            assert_eq!(count(&told, is_cancelled), 1, "{commands:?}");
        }
    }
}

/// D-F3, D-F4: of a kitchen order, whoever speaks first, and whatever is said late.
#[test]
fn of_a_store_and_a_delivery_the_first_one_stands() {
    let firsts = [false, true].map(|again| cancelling(Rank::Placed, again));
    for first in firsts.into_iter().chain([reached(Rank::Placed)]) {
        for heard in [Heard::Yes(()), Heard::No(no()), Heard::NotSent, Heard::Nothing] {
            for store in [Why::StoreRejected, Why::StoreCancelled] {
                is_said_of(&made(), &first, &heard, store);
            }
        }
    }
}

/// Whose word it was is told; while the customer has asked for it, it is his.
#[test]
fn the_first_word_says_why() {
    let all = [Why::StoreRejected, Why::StoreCancelled, Why::DeliveryCancelled].map(called_off);
    for commands in orders(&all) {
        let Command::CalledOff { why, .. } = commands[0] else { panic!("{commands:?}") };
        let (end, _) = ends(&made(), reached(Rank::Preparing), &commands);
        assert_eq!(end, cancelled(why));
        let (end, _) = ends(&made(), cancelling(Rank::Preparing, false), &commands);
        assert_eq!(end, cancelled(Why::ByCustomer));
    }
}
