//! A world: all contexts, the ways between them, people, and what goes wrong.
//!
//! Everything that happens is an action at a time. Each is done to its end before the next one, and
//! between any two of them a process may die. Nothing is left to chance but what the seed says.

mod asking;
mod broker;
mod fate;
mod node;
mod people;
mod planted;
mod rest;

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::Arc,
};

use jangteo_kit::{
    clock,
    config::Settings,
    host::Driven,
    peer::Answer,
    store::{Failure, Never},
};
use rand::{SeedableRng as _, rngs::StdRng};
use uuid::Uuid;

use self::{
    asking::{Asking, Replies},
    node::Node,
    people::People,
};
use crate::{
    check::{Judge, Violation},
    clock::Clock,
    faults::{Faults, Trouble},
    figures::Figures,
    memory::Memory,
    plan::Plan,
    plant::Plant,
    process::{Process, Rows, services, settings},
};

/// A context by its name.
pub(crate) type Name = &'static str;

/// What can happen.
#[derive(Debug)]
pub(super) enum Action {
    /// Somebody makes the next move.
    Move,
    /// A move is made, for the first time or again.
    Send(usize),
    /// A question comes to the one who is asked.
    Asked(usize),
    /// An answer comes to the one who has asked.
    Answered(usize, Answer),
    /// Nobody waits for it any longer.
    Expired(usize),
    /// A context publishes.
    Publish(Name),
    /// What it has published is marked.
    Mark(Name, u32, Vec<(i64, Uuid)>),
    /// A context takes in what has come from another one.
    Fetch(Name, Name),
    /// A context wakes whose time has come.
    Sweep(Name),
    /// A context compares its gates with another one.
    Compare(Name, Name),
    /// It is there again.
    Rise(Name),
    /// An operator tries again what could not be applied; with a version that can, or not yet.
    Redrive(Name, bool),
    /// A peer can be asked again.
    Back(Name),
    /// The provider has money to take again.
    Rich,
}

/// A world, while it goes on.
pub(crate) struct World {
    pub(super) plan: Plan,
    pub(super) clock: Rc<Clock>,
    pub(super) faults: Faults,
    pub(super) settings: Arc<Settings>,
    pub(super) nodes: BTreeMap<Name, Node>,
    agenda: BTreeMap<(i64, u64), Action>,
    number: u64,
    pub(super) people: People,
    pub(super) asking: Vec<Asking>,
    pub(super) queues: broker::Queues,
    /// What has come to the doors of those who were asked.
    pub(super) replies: Replies,
    /// The events that the broker has had, by their ids.
    pub(super) taken: BTreeSet<Uuid>,
    /// Orders that were cancelled, and undos that were asked twice by a bug.
    pub(super) cancelled: BTreeSet<Uuid>,
    pub(super) again: BTreeSet<usize>,
    judge: Judge,
    pub(super) broken: Vec<Violation>,
    pub(crate) figures: Figures,
    history: Option<Vec<String>>,
}

/// More than anything that ends by itself takes.
const ACTIONS: u64 = 60_000;

impl World {
    /// A world from its plan, with everything alive. `told`: it writes down what happens.
    pub(crate) fn new(plan: Plan, told: bool) -> Self {
        let stream =
            |number: u64| StdRng::seed_from_u64(plan.seed.wrapping_mul(31) ^ (number << 56));
        let clock = Rc::new(Clock::new(plan.seed));
        clock::enter(Some(clock.clone()));
        let mut world = Self {
            clock,
            faults: Faults::new(stream(1), &plan.without),
            settings: settings(),
            nodes: BTreeMap::new(),
            agenda: BTreeMap::new(),
            number: 0,
            people: People::new(stream(2), plan.moves),
            asking: vec![],
            queues: broker::Queues::default(),
            replies: Replies::default(),
            taken: BTreeSet::new(),
            cancelled: BTreeSet::new(),
            again: BTreeSet::new(),
            judge: Judge::default(),
            broken: vec![],
            figures: Figures::default(),
            history: told.then(Vec::new),
            plan,
        };
        if let Some(folder) = &world.plan.databases {
            std::fs::create_dir_all(folder).expect("the folder of the databases can be made");
        }
        // Read models take as long as all the rest: every third world has them.
        let viewed = world.plan.seed.is_multiple_of(3);
        for service in services().into_iter().filter(|one| viewed || one.context() != "view") {
            let name = service.context();
            let rows = match &world.plan.databases {
                Some(folder) => Rows::Sql(format!("sqlite://{}/{name}.db", folder.display())),
                None => Rows::Memory(Arc::new(Memory::new(world.plan.plant))),
            };
            world.nodes.insert(name, Node::start(service, rows, &world.settings));
        }
        world
    }

    /// Runs until nothing is left to be done, or something is broken.
    pub(crate) fn run(&mut self) {
        self.at(0, Action::Move);
        let mut actions = 0;
        while self.broken.is_empty()
            && let Some(((time, _), action)) = self.next()
        {
            self.clock.set(time);
            self.fates();
            self.act(action);
            actions += 1;
            if actions > ACTIONS {
                self.breaks("I13 it comes to rest", "it goes on for ever".to_owned());
            }
        }
        if self.broken.is_empty() {
            self.at_rest();
        }
        if self.broken.is_empty() {
            self.broken = self.judge.at_rest();
        }
    }

    /// What is to be done next. Before it is nothing at all, everybody goes on as far as he comes.
    fn next(&mut self) -> Option<((i64, u64), Action)> {
        if self.agenda.is_empty() {
            let names: Vec<Name> = self.nodes.keys().copied().collect();
            for name in names {
                self.within(name, Process::go_on);
            }
        }
        self.agenda.pop_first()
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Move => self.next_move(),
            Action::Send(number) => self.send(number),
            Action::Asked(number) => self.asked(number),
            Action::Answered(number, answer) => self.answered(number, &answer),
            Action::Expired(number) => self.answered(number, &Answer::Nothing),
            Action::Publish(name) => self.publish(name),
            Action::Mark(name, life, keys) => self.mark(name, life, &keys),
            Action::Fetch(name, source) => self.fetch(name, source),
            Action::Sweep(name) => self.sweep(name),
            Action::Compare(name, source) => self.compare(name, source),
            Action::Rise(name) => self.rise(name),
            Action::Redrive(name, mended) => self.redrive(name, mended),
            Action::Back(name) => self.nodes[name].line.set_away(false),
            Action::Rich => self.declines(0),
        }
    }

    /// Something is to happen so many ms from now.
    pub(super) fn at(&mut self, later: i64, action: Action) {
        self.number += 1;
        self.agenda.insert((self.clock.time() + later.max(0), self.number), action);
    }

    /// Does something in a process, if it is alive, and whatever follows from it at once.
    pub(super) fn within<T>(&mut self, name: Name, work: impl FnOnce(&Process) -> T) -> Option<T> {
        let node = self.nodes.get_mut(name)?;
        let process = node.process.take()?;
        self.clock.skew(node.skew);
        let plants = self.plan.plant == Some(Plant::AskThenWrite);
        let before = node.memory().filter(|_| plants).map(|memory| memory.copy());
        let done = work(&process);
        self.clock.skew(0);
        node.process = Some(process);
        node.unwritten = before.filter(|_| node.line.is_asking());
        self.follow(name);
        if self.nodes[name].unwritten.is_some() && self.faults.one_of(8) == 0 {
            self.die(name);
        }
        Some(done)
    }

    /// Reads something of a context, if it is alive.
    pub(super) fn look<'a, T, F>(
        &'a self,
        name: Name,
        work: impl FnOnce(&'a Driven) -> F,
    ) -> Option<T>
    where
        F: Future<Output = Result<T, Failure<Never>>>,
    {
        let process = self.nodes[name].process.as_ref()?;
        Some(process.look(work).expect("the database can be read"))
    }

    /// What a process has just done is judged, and set going.
    pub(super) fn follow(&mut self, name: Name) {
        let questions = self.nodes[name].line.taken();
        self.see(name);
        for outgoing in questions {
            self.ask(name, outgoing);
        }
        self.wake_in_time(name);
        self.returns();
        self.replied();
    }

    /// What a process has written is judged, before anything that follows from it.
    pub(super) fn see(&mut self, name: Name) {
        let node = self.node(name);
        let news = node.news();
        let arrows = node.memory().map(|memory| memory.arrows());
        for (arrow, many) in arrows.unwrap_or_default() {
            *self.figures.arrows.entry(arrow).or_default() += many;
        }
        for event in &news {
            self.figures.events += 1;
            self.tell(|| {
                let what = event.type_name.rsplit('.').next().unwrap_or_default();
                format!("{name}: {what} #{} of {}", event.sequence, event.aggregate_id)
            });
            self.broken.extend(self.judge.see(event));
            self.was_written(name, event);
        }
        if !news.is_empty() {
            self.publish_soon(name);
        }
    }

    /// Sees to it that a context is swept when the first that waits has to be.
    pub(super) fn wake_in_time(&mut self, name: Name) {
        let waits = self.look(name, Driven::waits).unwrap_or_default();
        let Some(first) = waits.iter().map(|one| one.wake_time).min() else { return };
        let node = &self.nodes[name];
        let time = (first - node.skew).max(self.clock.time());
        if node.sweep.is_none_or(|planned| time < planned) {
            self.node(name).sweep = Some(time);
            let late = self.faults.ms(1..=400);
            self.at(time - self.clock.time() + late, Action::Sweep(name));
        }
    }

    fn sweep(&mut self, name: Name) {
        self.node(name).sweep = None;
        let now = self.clock.time() + self.nodes[name].skew;
        let mut due = self.look(name, Driven::waits).unwrap_or_default();
        due.retain(|one| one.wake_time <= now);
        for one in due {
            let woken =
                self.within(name, |process| process.run(|driven| driven.wake(&one.kind, one.id)));
            match woken {
                None => return,
                Some(Ok(Some(asking))) => {
                    self.within(name, |process| process.begin(asking));
                }
                Some(Ok(None)) => {}
                Some(Err(failure)) => {
                    self.breaks(
                        "what is due can be done",
                        format!("{} {}: {failure}", one.kind, one.id),
                    );
                    return;
                }
            }
        }
        self.wake_in_time(name);
    }

    pub(super) fn node(&mut self, name: Name) -> &mut Node {
        self.nodes.get_mut(name).expect("every context has a node")
    }

    /// A promise is broken.
    pub(super) fn breaks(&mut self, invariant: &'static str, what: String) {
        self.broken.push(Violation { invariant, what });
    }

    /// A trouble strikes, perhaps.
    pub(super) fn strikes(&mut self, trouble: Trouble) -> bool {
        let strikes = self.faults.strikes(trouble);
        if strikes {
            *self.figures.troubles.entry(trouble).or_default() += 1;
        }
        strikes
    }

    /// Writes down what happens, if anybody wants to read it.
    pub(super) fn tell(&mut self, what: impl FnOnce() -> String) {
        if let Some(history) = &mut self.history {
            let ms = self.clock.time() - crate::clock::BEGIN;
            history.push(format!("{:>9}.{:03}  {}", ms / 1000, ms % 1000, what()));
        }
    }

    /// What has happened.
    pub(crate) fn history(&mut self) -> Vec<String> {
        self.history.take().unwrap_or_default()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.nodes.clear();
        clock::enter(None);
    }
}
