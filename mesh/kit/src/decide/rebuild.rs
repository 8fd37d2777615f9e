//! When a new generation of a read model may take over.

/// How far the generation that is being built is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Every source was compared from the beginning.
    pub compared: bool,
    /// Aggregates of which the old generation knows more.
    pub behind: u64,
}

/// It takes over when it has compared every source and knows no less than the one that serves.
pub fn may_switch(progress: Progress) -> bool {
    progress.compared && progress.behind == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_that_knows_less_does_not_take_over() {
        assert!(may_switch(Progress { compared: true, behind: 0 }));
        assert!(!may_switch(Progress { compared: false, behind: 0 }));
        assert!(!may_switch(Progress { compared: true, behind: 1 }));
    }
}
