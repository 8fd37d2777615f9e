//! What holds whatever comes, in whatever order.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

fn any_command() -> impl Strategy<Value = Command> {
    let by = select(vec![seller(), seller(), customer(), stranger()]);
    prop_oneof![
        2 => Just(receive()),
        1 => Just(cancel()),
        1 => Just(call_off()),
        3 => select(heards().to_vec()).prop_map(checked),
        3 => by.clone().prop_map(accept),
        1 => by.clone().prop_map(reject),
        3 => by.clone().prop_map(start),
        3 => by.prop_map(finish),
    ]
}

fn any_commands() -> impl Strategy<Value = Vec<Command>> {
    vec(any_command(), 0..40)
}

/// One step of a life.
struct Step {
    before: Option<Ticket>,
    command: Command,
    now: Ticket,
    events: Vec<Event>,
}

/// The steps of a life, from its first; what is refused is none.
fn steps(commands: Vec<Command>) -> Vec<Step> {
    let (mut now, mut steps) = (None, vec![]);
    for command in commands {
        if let Ok((next, events)) = Ticket::decide(now.clone(), command.clone()) {
            steps.push(Step { before: now, command, now: next.clone(), events });
            now = Some(next);
        }
    }
    steps
}

proptest! {
    /// D-F4
    #[test]
    fn it_ends_once_and_stays_so(commands in any_commands()) {
        let mut told = vec![];
        for Step { before, now, events, .. } in steps(commands) {
            if let Some(before) = before.filter(|before| is_final(before.state)) {
                prop_assert_eq!((before, events.len()), (now, 0));
            }
            told.extend(events);
        }
        let count = |is: fn(&Event) -> bool| told.iter().filter(|event| is(event)).count();
        let started = count(|event| matches!(event, Event::CookingStarted(_)));
        let finished = count(|event| matches!(event, Event::CookingFinished(_)));
        let rejected = count(|event| matches!(event, Event::TicketRejected(_)));
        let cancelled = count(|event| matches!(event, Event::TicketCancelled(_)));
        prop_assert!(started + rejected + cancelled <= 1 && finished <= started, "{:?}", told);
    }

    /// Nobody is told of one that is arriving, so being born so is no news.
    #[test]
    fn every_event_tells_of_where_it_stands_now(commands in any_commands()) {
        for Step { before, now, events, .. } in steps(commands) {
            let moved = before.map_or(State::Arriving, |before| before.state) != now.state;
            prop_assert_eq!(events.len(), usize::from(moved));
        }
    }

    #[test]
    fn it_asks_only_while_it_arrives(commands in any_commands()) {
        for Step { now, .. } in steps(commands) {
            prop_assert_eq!(now.pending().is_some(), now.state == State::Arriving);
        }
    }

    #[test]
    fn nothing_but_where_it_stands_ever_changes(commands in any_commands()) {
        for Step { before, now, .. } in steps(commands) {
            let same = before.unwrap_or_else(|| now.clone());
            prop_assert_eq!(Ticket { state: now.state, ..same }, now);
        }
    }

    #[test]
    fn a_command_given_twice_in_a_row_changes_nothing_more(commands in any_commands()) {
        for Step { command, now, .. } in steps(commands) {
            prop_assert_eq!(Ticket::decide(Some(now.clone()), command), Ok((now, vec![])));
        }
    }
}

#[test]
fn what_is_so_cannot_be_refused() {
    let mut facts = vec![receive(), call_off()];
    facts.extend(heards().map(checked));
    for before in STATES.map(ticket).into_iter().chain([never_came()]) {
        for fact in &facts {
            let told = Ticket::decide(Some(before.clone()), fact.clone());
            assert!(told.is_ok(), "{fact:?} in {:?}", before.state);
        }
    }
}
