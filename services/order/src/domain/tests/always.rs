//! What holds whatever people ask, peers answer, and stores and deliveries tell, in whatever order.

use jangteo::payment::v1::Payment;
use jangteo_kit::event::Emitted;
use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

/// What comes next.
#[derive(Clone, Debug)]
enum Step {
    /// A person calls it off.
    Asked(Actor),
    /// The peer that is being asked answers, or does not.
    Answered(Reply),
    /// Its store or its delivery tells something, or an answer comes to a question that the order no
    /// longer waits for.
    Told(Command),
}

/// What becomes of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    Yes,
    No,
    NotSent,
    Nothing,
}

/// An order, what its peers may have taken for it, and all that it has told.
struct World {
    order: Order,
    /// What the stock says it sells.
    sold: Sold,
    stock: bool,
    money: bool,
    told: Vec<Event>,
}

impl World {
    fn new(sold: Sold) -> Self {
        let (order, stock, money) = (order(State::Holding), false, false);
        Self { order, sold, stock, money, told: vec![] }
    }

    fn goes_on(&mut self, step: &Step) {
        match step {
            Step::Asked(by) => {
                let cancel = Command::Cancel { by: by.clone() };
                if let Ok((order, events)) = Order::decide(Some(self.order.clone()), cancel) {
                    self.becomes(order, events);
                }
            }
            Step::Answered(reply) => {
                if let Some(pending) = self.order.pending() {
                    self.hears(&pending, *reply);
                }
            }
            Step::Told(command) if !waits_for(&self.order.state, command) => {
                self.is_told(command);
            }
            Step::Told(_) => {}
        }
        self.holds();
    }

    fn hears(&mut self, pending: &Pending<Command>, reply: Reply) {
        let rpc = pending.question.path.rsplit('/').next().unwrap();
        match rpc {
            "HoldStock" => self.stock = reply != Reply::NotSent,
            "ApprovePayment" => self.money = reply != Reply::NotSent,
            "UndoHoldStock" => self.stock &= reply != Reply::Yes,
            "CancelPayment" => {
                assert!(!self.stock, "stock back first, then money");
                self.money &= reply != Reply::Yes;
            }
            "CancelTicket" => assert!(self.sold.store.is_some(), "a store makes it"),
            "CancelDelivery" => assert!(self.sold.store.is_none(), "no store makes it"),
            other => panic!("{other}"),
        }
        let command = pending.heard(said(rpc, &self.sold, reply), NOW);
        let (order, events) =
            Order::decide(Some(self.order.clone()), command).expect("an answer is never refused");
        self.becomes(order, events);
    }

    /// Late answers change nothing at all.
    fn is_told(&mut self, command: &Command) {
        let (order, events) = Order::decide(Some(self.order.clone()), command.clone())
            .expect("what has happened is never refused");
        if !is_word(command) {
            assert_eq!((&order, events.len()), (&self.order, 0), "{command:?}");
        }
        self.becomes(order, events);
    }

    fn becomes(&mut self, order: Order, events: Vec<Event>) {
        if is_final(&self.order.state) {
            assert_eq!((&order, events.len()), (&self.order, 0));
        }
        assert!(events.len() <= 1, "one thing happens at a time");
        self.told.extend(events);
        self.order = order;
    }

    /// What holds after every step.
    fn holds(&self) {
        let is_bought = self.order.purchase().is_some();
        let is_off = matches!(self.order.state, State::Bought(_, Standing::Cancelled { .. }));
        assert_eq!(self.count("OrderPlaced"), usize::from(is_bought), "{:?}", self.order);
        assert_eq!(self.count("OrderCancelled"), usize::from(is_off), "{:?}", self.order);
        let ends = self.count("OrderCancelled") + self.count("OrderDelivered");
        assert!(ends <= 1, "it is called off or delivered: {:?}", self.told);
        if is_bought {
            assert!(self.stock && self.money, "{:?}", self.order);
        } else if self.order.pending().is_none() {
            assert!(!self.stock && !self.money, "something is left of {:?}", self.order);
        }
    }

    fn count(&self, name: &str) -> usize {
        let suffix = format!(".{name}");
        let names = self.told.iter().map(|event| event.record().type_name);
        names.filter(|it| it.ends_with(&suffix)).count()
    }

    /// Lets every peer say yes.
    fn comes_to_rest(&mut self) {
        for _ in 0..3 {
            self.goes_on(&Step::Answered(Reply::Yes));
        }
        assert!(self.order.pending().is_none(), "{:?}", self.order);
    }
}

fn is_final(state: &State) -> bool {
    matches!(
        state,
        State::Abandoned { .. }
            | State::Bought(
                _,
                Standing::Cancelled { .. } | Standing::Reached { rank: Rank::Delivered, .. }
            )
    )
}

/// Whether its store or its delivery tells it.
fn is_word(command: &Command) -> bool {
    matches!(
        command,
        Command::Preparing { .. }
            | Command::PickedUp { .. }
            | Command::Arrived { .. }
            | Command::CalledOff { .. }
    )
}

fn waits_for(state: &State, command: &Command) -> bool {
    matches!(
        (state, command),
        (State::Holding, Command::StockAnswered { .. })
            | (State::Paying(_), Command::PaymentAnswered { .. })
            | (
                State::Abandoning { undo: Undo::Stock | Undo::StockThenPayment(_), .. },
                Command::StockUndone { .. }
            )
            | (State::Abandoning { undo: Undo::Payment(_), .. }, Command::PaymentUndone { .. })
            | (State::Bought(_, Standing::Cancelling { .. }), Command::CancelAnswered { .. })
    )
}

fn said(rpc: &str, sold: &Sold, reply: Reply) -> Answer {
    match reply {
        Reply::Yes if rpc == "HoldStock" => yes(&placing::holding(sold)),
        Reply::Yes => yes(&Payment { id: PAYMENT.to_string(), ..Payment::default() }),
        Reply::No => Heard::No(no()),
        Reply::NotSent => Heard::NotSent,
        Reply::Nothing => Heard::Nothing,
    }
}

fn any_reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        4 => Just(Reply::Yes),
        1 => Just(Reply::No),
        1 => Just(Reply::NotSent),
        2 => Just(Reply::Nothing),
    ]
}

fn any_actor() -> impl Strategy<Value = Actor> {
    let person = prop_oneof![4 => Just("customer01"), 1 => Just("seller02"), 1 => Just("other01")];
    person.prop_map(|person| Actor(person.to_owned()))
}

fn any_word() -> impl Strategy<Value = Command> {
    let off = select(vec![Why::StoreRejected, Why::StoreCancelled, Why::DeliveryCancelled]);
    prop_oneof![
        2 => Just(preparing()),
        2 => Just(picked_up()),
        1 => Just(arrived()),
        1 => off.prop_map(called_off),
    ]
}

fn any_answer() -> impl Strategy<Value = Command> {
    let heard = select(vec![Heard::Yes(()), Heard::No(no()), Heard::NotSent, Heard::Nothing]);
    (0..5, heard).prop_map(|(question, heard)| match question {
        0 => Command::StockAnswered { heard: heard.and_then(|()| Some(sold())) },
        1 => Command::PaymentAnswered { heard: heard.and_then(|()| Some(PAYMENT)), at: NOW },
        2 => Command::StockUndone { heard },
        3 => Command::PaymentUndone { heard },
        _ => cancel_answered(heard),
    })
}

fn any_fact() -> impl Strategy<Value = Command> {
    prop_oneof![any_word(), any_answer()]
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => any_reply().prop_map(Step::Answered),
        2 => any_actor().prop_map(Step::Asked),
        2 => any_fact().prop_map(Step::Told),
    ];
    vec(step, 0..40)
}

fn any_state() -> impl Strategy<Value = State> {
    select(states())
}

proptest! {
    /// E-N1, E-N3: paid and held, or nothing of either; called off or delivered.
    #[test]
    fn an_order_comes_to_rest_with_both_or_with_nothing(
        sold in select(vec![sold(), made()]), steps in any_steps()
    ) {
        let mut world = World::new(sold);
        for step in &steps {
            world.goes_on(step);
        }
        world.comes_to_rest();
    }

    #[test]
    fn what_is_so_cannot_be_refused(state in any_state(), facts in vec(any_fact(), 0..20)) {
        let mut now = order(state);
        for fact in facts {
            let told = Order::decide(Some(now), fact.clone());
            prop_assert!(told.is_ok(), "{:?}", fact);
            now = told.unwrap().0;
        }
    }

    #[test]
    fn what_is_final_is_never_left(state in any_state(), facts in vec(any_fact(), 0..20)) {
        let mut now = order(state);
        for command in facts.into_iter().chain([cancel()]) {
            let Ok((next, events)) = Order::decide(Some(now.clone()), command) else { continue };
            prop_assert!(!is_final(&now.state) || (now == next && events.is_empty()));
            now = next;
        }
    }

    #[test]
    fn a_command_given_twice_in_a_row_tells_nothing_new(
        state in any_state(),
        commands in vec(prop_oneof![3 => any_fact(), 1 => Just(cancel())], 0..20)
    ) {
        let mut now = order(state);
        for command in commands {
            let Ok((next, _)) = Order::decide(Some(now.clone()), command.clone()) else { continue };
            let again = Order::decide(Some(next.clone()), command);
            prop_assert_eq!(again, Ok((next.clone(), vec![])));
            now = next;
        }
    }
}
