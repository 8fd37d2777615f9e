//! Makes a world that breaks a promise as small as it can be and still break it.

use std::collections::BTreeSet;

use crate::{Plan, Trouble, run};

/// The same promise is broken, with as few moves and troubles as could be found.
pub fn shrunk(plan: Plan) -> Plan {
    let outcome = run(&plan, false);
    let Some(first) = outcome.broken.first() else { return plan };
    let name = first.invariant;
    let breaks = |plan: &Plan| run(plan, false).broken.iter().any(|one| one.invariant == name);
    let plan = fewer_moves(plan, outcome.figures.moves, &breaks);
    without_moves(without_troubles(plan, &breaks), &breaks)
}

/// It ends earlier.
fn fewer_moves(mut plan: Plan, moves: usize, breaks: &impl Fn(&Plan) -> bool) -> Plan {
    let mut most = moves;
    plan.moves = Some(most);
    let mut step = most / 2;
    while step > 0 {
        let shorter = Plan { moves: Some(most.saturating_sub(step)), ..plan.clone() };
        if breaks(&shorter) {
            most = most.saturating_sub(step);
            plan = shorter;
        } else {
            step /= 2;
        }
    }
    plan
}

/// It is spared troubles.
fn without_troubles(plan: Plan, breaks: &impl Fn(&Plan) -> bool) -> Plan {
    Trouble::ALL.into_iter().fold(plan, |plan, trouble| {
        let mut spared = plan.clone();
        spared.without.push(trouble);
        if breaks(&spared) { spared } else { plan }
    })
}

/// Nobody makes some of the moves.
fn without_moves(mut plan: Plan, breaks: &impl Fn(&Plan) -> bool) -> Plan {
    let moves = plan.moves.unwrap_or_default();
    let mut many = moves / 2;
    while many > 0 {
        for first in (0..moves).step_by(many) {
            let skipped: BTreeSet<usize> = (first..moves.min(first + many)).collect();
            let mut quieter = plan.clone();
            quieter.skipped.extend(skipped);
            if quieter.skipped.len() > plan.skipped.len() && breaks(&quieter) {
                plan = quieter;
            }
        }
        many /= 2;
    }
    plan
}
