//! Which rows of a published window may be marked as acknowledged.

use std::collections::HashSet;
use std::hash::Hash;

/// The positions that count as published: of each aggregate those before its first failure, so
/// that publishing resumes there and the marked rows of an aggregate have no gap.
pub fn settled<A: Eq + Hash + Copy>(window: &[(A, bool)]) -> Vec<usize> {
    let mut failed = HashSet::new();
    let mut settled = Vec::with_capacity(window.len());
    for (position, &(aggregate, acked)) in window.iter().enumerate() {
        if !acked {
            failed.insert(aggregate);
        } else if !failed.contains(&aggregate) {
            settled.push(position);
        }
    }
    settled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aggregate_resumes_at_its_first_failure_while_others_go_on() {
        let window = [('a', true), ('b', false), ('a', true), ('b', true), ('c', true)];
        assert_eq!(settled(&window), [0, 2, 4]);
    }
}
