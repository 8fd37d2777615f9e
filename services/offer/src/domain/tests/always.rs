//! What holds whatever comes, in whatever order.

use jangteo_kit::decide::Heard;
use proptest::{collection::vec, prelude::*};

use super::*;

fn any_heard() -> impl Strategy<Value = Heard<Terms>> {
    let reasons = ["POST_SOLD", "POST_HIDDEN", "POST_DELETED", "POST_NOT_FOUND", "OWN_POST"];
    prop_oneof![
        4 => Just(Heard::Yes(terms())),
        2 => proptest::sample::select(reasons.to_vec()).prop_map(|reason| Heard::No(no(reason))),
        1 => Just(Heard::NotSent),
        1 => Just(Heard::Nothing),
    ]
}

fn any_actor() -> impl Strategy<Value = Actor> {
    let stranger = Actor("buyer02".to_owned());
    prop_oneof![3 => Just(seller()), 3 => Just(buyer()), 1 => Just(stranger)]
}

/// What people and deals ask for, and may be refused.
fn any_wish() -> impl Strategy<Value = Command> {
    let create = |proposed_krw| Command::Create {
        id: ID,
        post: POST,
        buyer: "buyer03".to_owned(),
        proposed_krw,
        at: 1,
    };
    prop_oneof![
        proptest::option::of(Just(510_000)).prop_map(create),
        any_actor().prop_map(|by| Command::Accept { by, at: 2 }),
        any_actor().prop_map(|by| Command::Accept { by, at: 2 }),
        any_actor().prop_map(|by| Command::Refuse { by, at: 2 }),
        any_actor().prop_map(|by| Command::Withdraw { by, at: 2 }),
        (1u128..3).prop_map(take),
        (1u128..3).prop_map(take),
    ]
}

/// What is so, and cannot be refused.
fn any_fact() -> impl Strategy<Value = Command> {
    let deals = || (1u128..3).prop_map(deal);
    let gone = prop_oneof![Just(Gone::Sold), Just(Gone::Deleted)];
    prop_oneof![
        4 => (1i64..4, any_heard()).prop_map(|(check, heard)| Command::Hear { check, heard, at: 3 }),
        2 => deals().prop_map(|deal| Command::Release { deal }),
        2 => deals().prop_map(|deal| Command::Reopen { deal }),
        1 => deals().prop_map(|deal| Command::Complete { deal, at: 3 }),
        1 => gone.prop_map(|why| Command::Close { why, at: 3 }),
        1 => (0..i64::MAX).prop_map(|at| Command::Expire { at }),
    ]
}

fn any_commands() -> impl Strategy<Value = Vec<Command>> {
    vec(prop_oneof![any_wish(), any_fact()], 0..40)
}

/// Any state in which an offer may be.
fn any_offer() -> impl Strategy<Value = Offer> {
    let state = proptest::sample::select(states());
    let price = proptest::option::of(Just(510_000));
    (state, price, 1i64..4).prop_map(|(state, proposed_krw, checks)| Offer {
        proposed_krw,
        checks,
        ..request(state)
    })
}

/// Each step of a life: before, what was told, after, and the events.
fn steps(first: Offer, commands: Vec<Command>) -> Vec<(Offer, Command, Offer, Vec<Event>)> {
    let mut now = first;
    let mut steps = vec![];
    for command in commands {
        if let Ok((next, events)) = Offer::decide(Some(now.clone()), command.clone()) {
            steps.push((now, command, next.clone(), events));
            now = next;
        }
    }
    steps
}

proptest! {
    #[test]
    fn an_end_is_never_left(commands in any_commands()) {
        for end in ends().into_iter().chain([State::Abandoned(no("OWN_POST"))]) {
            for (_, _, after, events) in steps(request(end.clone()), commands.clone()) {
                prop_assert_eq!((&after.state, events), (&end, vec![]));
            }
        }
    }

    #[test]
    fn every_event_tells_of_a_change(first in any_offer(), commands in any_commands()) {
        for (before, command, after, events) in steps(first, commands) {
            prop_assert!(events.len() <= 1);
            prop_assert!(events.is_empty() || before.state != after.state, "{:?}", command);
        }
    }

    #[test]
    fn only_a_deal_and_what_nobody_sees_change_without_an_event(
        first in any_offer(), commands in any_commands()
    ) {
        let unseen = |offer: &Offer| !matches!(offer.state, State::Made(..));
        for (before, command, after, events) in steps(first, commands) {
            if events.is_empty() && before != after && !unseen(&after) {
                let deals = matches!(
                    command,
                    Command::Take { .. } | Command::Release { .. } | Command::Reopen { .. }
                );
                prop_assert!(deals, "{:?}", command);
            }
        }
    }

    #[test]
    fn what_is_so_cannot_be_refused(offer in any_offer(), fact in any_fact()) {
        prop_assert!(Offer::decide(Some(offer), fact).is_ok());
    }

    #[test]
    fn a_post_is_promised_only_by_accepting_or_taking(
        first in any_offer(), commands in any_commands()
    ) {
        for (before, command, after, _) in steps(first, commands) {
            if before.accepted_post() != after.accepted_post() && after.accepted_post().is_some() {
                let promises = matches!(command, Command::Accept { .. } | Command::Take { .. });
                prop_assert!(promises, "{:?}", command);
            }
            let is_over = after.pending().is_none() && after.due().is_none();
            let in_deal = matches!(after.state, State::Made(_, Standing::InDeal { .. }));
            prop_assert!(!is_over || in_deal || after.accepted_post().is_none());
        }
    }

    #[test]
    fn no_timer_runs_while_post_is_asked(first in any_offer(), commands in any_commands()) {
        for (_, _, after, _) in steps(first, commands) {
            prop_assert!(after.pending().is_none() || after.due().is_none());
        }
    }

    #[test]
    fn a_command_given_twice_in_a_row_changes_nothing_more(
        first in any_offer(), commands in any_commands()
    ) {
        for (_, command, after, _) in steps(first, commands) {
            if let Ok((again, events)) = Offer::decide(Some(after.clone()), command) {
                prop_assert_eq!((again, events), (after, vec![]));
            }
        }
    }
}
