//! What holds whatever comes, in whatever order.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

fn any_command() -> impl Strategy<Value = Command> {
    let by = select(vec![courier(), other()]);
    prop_oneof![
        2 => Just(start()),
        1 => Just(cancel()),
        1 => Just(call_off()),
        3 => by.clone().prop_map(pick_up),
        3 => by.prop_map(complete),
        2 => select(heards().to_vec()).prop_map(answered),
    ]
}

fn any_commands() -> impl Strategy<Value = Vec<Command>> {
    vec(any_command(), 0..30)
}

/// One step of a life.
struct Step {
    before: Option<Delivery>,
    command: Command,
    now: Delivery,
    events: Vec<Event>,
}

/// The steps of a life, from its first; what is refused is none.
fn steps(commands: Vec<Command>) -> Vec<Step> {
    let (mut now, mut steps) = (None, vec![]);
    for command in commands {
        if let Ok((next, events)) = Delivery::decide(now.clone(), command.clone()) {
            steps.push(Step { before: now, command, now: next.clone(), events });
            now = Some(next);
        }
    }
    steps
}

proptest! {
    /// E-T5, E-T7
    #[test]
    fn it_ends_once_and_stays_so(commands in any_commands()) {
        let mut told = vec![];
        for Step { before, now, events, .. } in steps(commands) {
            if let Some(before) = before.filter(|before| is_final(&before.state)) {
                prop_assert_eq!((before, events.len()), (now, 0));
            }
            told.extend(events);
        }
        let (picked_up, completed, cancelled) = counted(&told);
        prop_assert!(picked_up + cancelled <= 1 && completed <= picked_up, "{:?}", told);
    }

    #[test]
    fn every_event_tells_of_where_it_stands_now(commands in any_commands()) {
        for Step { before, now, events, .. } in steps(commands) {
            let moved = before.is_none_or(|before| before.state != now.state);
            prop_assert_eq!(events.len(), usize::from(moved));
        }
    }

    #[test]
    fn it_asks_where_it_goes_until_it_knows_or_ends(commands in any_commands()) {
        for Step { now, .. } in steps(commands) {
            let (asks, knows) = (now.pending().is_some(), now.destination.is_some());
            let expected = usize::from(!is_final(&now.state));
            prop_assert_eq!(usize::from(asks) + usize::from(knows), expected, "{:?}", now);
        }
    }

    #[test]
    fn a_command_given_twice_in_a_row_changes_nothing_more(commands in any_commands()) {
        for Step { command, now, .. } in steps(commands) {
            prop_assert_eq!(Delivery::decide(Some(now.clone()), command), Ok((now, vec![])));
        }
    }
}

#[test]
fn what_is_so_cannot_be_refused() {
    let mut facts = vec![start(), call_off()];
    facts.extend(heards().map(answered));
    for state in states() {
        for before in [delivery, bound] {
            for fact in &facts {
                let told = Delivery::decide(Some(before(state.clone())), fact.clone());
                assert!(told.is_ok(), "{fact:?} in {state:?}");
            }
        }
    }
}
