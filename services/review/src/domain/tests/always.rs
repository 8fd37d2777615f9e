//! What holds whatever people ask and the item answers, in whatever order.

use proptest::{collection::vec, prelude::*};

use super::*;

/// What comes next.
#[derive(Clone, Debug)]
enum Step {
    /// Somebody writes, or the rental's end is told again.
    Told(Command),
    /// The item answers, if it is being asked; in silence it may have heard the question.
    Item { heard: Heard<()>, silently: bool },
}

/// A review and its item.
struct World {
    review: Review,
    retired: bool,
    told: usize,
}

impl World {
    fn new() -> Self {
        Self { review: review(requested()), retired: false, told: 0 }
    }

    fn goes_on(&mut self, step: Step) {
        match step {
            Step::Told(command) => self.decides(command),
            Step::Item { heard, silently } => {
                let Some(pending) = self.review.pending() else {
                    let (review, events) =
                        Review::decide(Some(self.review.clone()), answered(heard)).unwrap();
                    assert_eq!((&review, events), (&self.review, vec![]), "a late answer");
                    return;
                };
                self.retired |= match heard {
                    Heard::Yes(()) | Heard::No(_) => true,
                    Heard::NotSent => false,
                    Heard::Nothing => silently,
                };
                let bytes = heard.and_then(|()| Some(vec![]));
                self.decides(pending.heard(bytes, NOW));
            }
        }
        self.holds();
    }

    fn decides(&mut self, command: Command) {
        let before = self.review.clone();
        let Ok((review, events)) = Review::decide(Some(before.clone()), command.clone()) else {
            assert!(matches!(command, Command::Write { .. }), "what is so cannot be refused");
            return;
        };
        let was_written = matches!(before.state, State::Written { .. });
        let is_written = matches!(review.state, State::Written { .. });
        assert_eq!(
            events.len(),
            usize::from(is_written && !was_written),
            "told exactly when written"
        );
        assert!(!was_written || review == before, "what is written stays");
        if let Ok((again, events)) = Review::decide(Some(review.clone()), command) {
            assert_eq!((&again, events), (&review, vec![]), "the second time it is no news");
        }
        self.told += events.len();
        self.review = review;
    }

    /// What holds after every step.
    fn holds(&self) {
        let is_written = matches!(self.review.state, State::Written { .. });
        assert_eq!(self.told, usize::from(is_written));
        assert!(self.retired || !is_written, "written, and the item is on the lists");
        let rests = self.review.pending().is_none();
        assert!(!rests || is_written || !self.retired, "off the lists, and nothing is written");
    }
}

fn any_heard() -> impl Strategy<Value = Heard<()>> {
    proptest::sample::select(heards().to_vec())
}

fn any_step() -> impl Strategy<Value = Step> {
    let people = ["renter01", "owner01", "renter02"].map(|name| Actor(name.to_owned()));
    let by = proptest::sample::select(people.to_vec());
    let item = (any_heard(), any::<bool>());
    prop_oneof![
        3 => (by, 1..6).prop_map(|(by, score)| Step::Told(Command::Write { by, score })),
        1 => Just(Step::Told(request())),
        3 => item.prop_map(|(heard, silently)| Step::Item { heard, silently }),
    ]
}

proptest! {
    /// B-N5
    #[test]
    fn a_review_is_written_with_the_item_off_the_lists_or_nothing_happened(
        steps in vec(any_step(), 0..20)
    ) {
        let mut world = World::new();
        for step in steps {
            world.goes_on(step);
        }
        world.goes_on(Step::Item { heard: Heard::Yes(()), silently: true });
        prop_assert!(world.review.pending().is_none(), "{:?}", world.review);
    }

    #[test]
    fn only_one_that_waits_for_nothing_comes_to_nothing(heard in any_heard()) {
        for state in states() {
            let (next, _) = after(state, answered(heard.clone())).unwrap();
            let next = review(next);
            prop_assert!(next.outcome().is_ok() || next.pending().is_none());
        }
    }
}
