//! What holds whatever people ask and peers answer, in whatever order.

use jangteo::offer::v1::Offer;
use jangteo_kit::decide::{Heard, Pending};
use proptest::{collection::vec, prelude::*};
use prost::Message;

use super::*;

/// What comes next.
#[derive(Clone, Debug)]
enum Step {
    /// A person asks.
    Asked(Command),
    /// The peer that is being asked answers, or does not.
    Heard(Answer),
    /// An answer to a question that the deal no longer waits for.
    Late(Command),
}

/// What becomes of a question.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Yes,
    No,
    NotSent,
    /// Unheard, or heard and its answer lost.
    Nothing {
        heard: bool,
    },
}

/// A deal, and what its peers have given it.
struct World {
    deal: Deal,
    offer: bool,
    post: bool,
    refused: bool,
    reserved: usize,
}

impl World {
    fn new() -> Self {
        let deal = deal(State::Reserving(super::Step::Taking));
        Self { deal, offer: false, post: false, refused: false, reserved: 0 }
    }

    fn goes_on(&mut self, step: &Step) {
        match step {
            Step::Asked(command) => {
                if let Ok((deal, _)) = Deal::decide(Some(self.deal.clone()), command.clone()) {
                    self.deal = deal;
                }
            }
            Step::Heard(answer) => {
                if let Some(pending) = self.deal.pending() {
                    self.hears(&pending, *answer);
                }
            }
            Step::Late(command) if !self.waits_for(command) => {
                let (deal, events) = Deal::decide(Some(self.deal.clone()), command.clone())
                    .expect("an answer is never refused");
                assert_eq!((&deal, events.len()), (&self.deal, 0), "{command:?}");
            }
            Step::Late(_) => {}
        }
        self.holds();
    }

    fn hears(&mut self, pending: &Pending<Command>, answer: Answer) {
        let was_heard = matches!(answer, Answer::Yes | Answer::Nothing { heard: true });
        let rpc = pending.question.path.rsplit('/').next().unwrap();
        match rpc {
            "TakeOffer" => self.offer = was_heard,
            "ReservePost" => self.post = was_heard,
            "ReleaseOffer" => self.offer &= !was_heard,
            "ReleasePost" => self.post &= !was_heard,
            other => panic!("{other}"),
        }
        self.refused |= !rpc.starts_with("Release") && !matches!(answer, Answer::Yes);
        let command = pending.heard(said(rpc, answer), NOW);
        let (deal, events) = Deal::decide(Some(self.deal.clone()), command).unwrap();
        self.reserved += events.len();
        self.deal = deal;
    }

    fn waits_for(&self, command: &Command) -> bool {
        use super::{Step, Undo};
        matches!(
            (&self.deal.state, command),
            (State::Reserving(Step::Taking), Command::OfferAnswered { .. })
                | (State::Reserving(Step::Holding(_)), Command::PostAnswered { .. })
                | (State::Abandoning { undo: Undo::Post(_), .. }, Command::PostReleased { .. })
                | (State::Abandoning { undo: Undo::Offer, .. }, Command::OfferReleased { .. })
        )
    }

    /// What holds after every step.
    fn holds(&self) {
        let visible = self.deal.terms().is_some();
        assert_eq!(self.reserved, usize::from(visible), "told of once, and only if it is one");
        assert!(!(visible && self.refused), "a deal in spite of a no: {:?}", self.deal);
        let answered = self.deal.pending().is_none() || self.deal.outcome().is_err();
        assert!(answered || !self.refused, "a no is told at once");
        if self.deal.pending().is_none() {
            assert_eq!((self.offer, self.post), (visible, visible), "{:?}", self.deal);
        }
    }

    /// Lets every peer say yes.
    fn comes_to_rest(&mut self) {
        for _ in 0..3 {
            self.goes_on(&Step::Heard(Answer::Yes));
        }
        assert!(self.deal.pending().is_none(), "{:?}", self.deal);
    }
}

fn said(rpc: &str, answer: Answer) -> Heard<Vec<u8>> {
    match answer {
        Answer::Yes if rpc == "TakeOffer" => Heard::Yes(taken().encode_to_vec()),
        Answer::Yes => Heard::Yes(vec![]),
        Answer::No => Heard::No(no()),
        Answer::NotSent => Heard::NotSent,
        Answer::Nothing { .. } => Heard::Nothing,
    }
}

fn taken() -> Offer {
    let Offered { post, buyer, price_krw } = offered();
    Offer { post_id: post.to_string(), buyer, price_krw, ..Offer::default() }
}

fn any_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        4 => Just(Answer::Yes),
        1 => Just(Answer::No),
        1 => Just(Answer::NotSent),
        2 => any::<bool>().prop_map(|heard| Answer::Nothing { heard }),
    ]
}

fn any_request() -> impl Strategy<Value = Command> {
    let stranger = Actor("stranger01".to_owned());
    let by = prop_oneof![Just(seller()), Just(buyer()), Just(stranger)];
    let time = (-2i64..3).prop_map(|hours| Meeting { time: Some(NOW + hours * HOUR), ..meeting() });
    prop_oneof![
        (by.clone(), time).prop_map(|(by, meeting)| reschedule(by, meeting)),
        by.clone().prop_map(cancel),
        by.prop_map(complete),
    ]
}

fn any_late() -> impl Strategy<Value = Command> {
    let heard = prop_oneof![
        Just(Heard::Yes(())),
        Just(Heard::No(no())),
        Just(Heard::NotSent),
        Just(Heard::Nothing)
    ];
    (0..4, heard).prop_map(|(question, heard)| match question {
        0 => Command::OfferAnswered { heard: heard.and_then(|()| Some(offered())) },
        1 => Command::PostAnswered { heard, at: NOW },
        2 => Command::PostReleased { heard },
        _ => Command::OfferReleased { heard },
    })
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => any_answer().prop_map(Step::Heard),
        2 => any_request().prop_map(Step::Asked),
        1 => any_late().prop_map(Step::Late),
    ];
    vec(step, 0..30)
}

proptest! {
    /// A-N1
    #[test]
    fn a_deal_comes_to_rest_with_both_or_with_nothing(steps in any_steps()) {
        let mut world = World::new();
        for step in &steps {
            world.goes_on(step);
        }
        world.comes_to_rest();
    }

    #[test]
    fn what_is_final_is_never_left(steps in any_steps()) {
        for end in [
            State::Abandoned { why: no() }, State::Ended(terms()), State::Cancelled(terms()),
        ] {
            let mut now = deal(end);
            for step in &steps {
                let (Step::Asked(command) | Step::Late(command)) = step else { continue };
                if let Ok((next, events)) = Deal::decide(Some(now.clone()), command.clone()) {
                    prop_assert_eq!((&next, events.len()), (&now, 0));
                    now = next;
                }
            }
            prop_assert!(now.pending().is_none());
        }
    }

    #[test]
    fn a_reserved_deal_changes_exactly_when_an_event_tells_of_it(commands in vec(any_request(), 0..20)) {
        let mut now = deal(State::Reserved(terms()));
        for command in commands {
            if let Ok((next, events)) = Deal::decide(Some(now.clone()), command.clone()) {
                prop_assert_eq!(events.is_empty(), next == now);
                let (_, again) = Deal::decide(Some(next.clone()), command).unwrap();
                prop_assert!(again.is_empty());
                now = next;
            }
        }
    }
}
