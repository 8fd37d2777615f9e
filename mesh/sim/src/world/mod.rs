//! A world: all contexts, the ways between them, people, and what goes wrong.
//!
//! Everything that happens is an action at a time. Each is done to its end before the next one, and
//! between any two of them a process may die. Nothing is left to chance but what the seed says.

mod asking;
mod broker;
mod fate;
mod forgotten;
mod node;
mod people;
mod planted;
mod rest;
mod waiting;

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::Arc,
};

use jangteo_kit::{
    clock,
    config::Settings,
    event::Event,
    host::Driven,
    peer::Answer,
    store::{Failure, Never},
};
use rand::{SeedableRng as _, rngs::StdRng};
use uuid::Uuid;

use self::{
    asking::{Asking, Replies},
    node::{Node, Replica, named},
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
/// One of its replicas.
pub(super) type Who = (Name, usize);

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
    /// A replica publishes.
    Publish(Who),
    /// What it has published is marked.
    Mark(Who, u32, Vec<(i64, Uuid)>),
    /// A context takes in what has come from another one.
    Fetch(Name, Name),
    /// A replica wakes whose time has come.
    Sweep(Who),
    /// A context compares its gates with another one.
    Compare(Name, Name),
    /// A replica is there again.
    Rise(Who),
    /// An operator tries again what could not be applied; with a version that can, or not yet.
    Redrive(Name, bool),
    /// A replica can ask its peers again.
    Back(Who),
    /// A context looks whether it knows what its own stream tells.
    Audit(Name),
    /// An operator has it adopt that.
    Adopt(Name),
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
    /// Those that it still has, by their source.
    pub(super) streams: BTreeMap<Name, Vec<Event>>,
    /// Somebody has forgotten what others were told: what people were promised is not kept any more.
    pub(super) forgetful: bool,
    /// When each question was asked first, by its key.
    pub(super) asked: BTreeMap<String, i64>,
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
            streams: BTreeMap::new(),
            forgetful: false,
            asked: BTreeMap::new(),
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
            let twice = world.plan.databases.is_none() && world.strikes(Trouble::Replicated);
            let node = Node::start(name, 1 + usize::from(twice), rows, &world.settings);
            world.nodes.insert(name, node);
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
        if self.broken.is_empty() && !self.forgetful {
            self.broken = self.judge.at_rest();
        }
    }

    /// What is to be done next. Before it is nothing at all, everybody goes on as far as he comes.
    fn next(&mut self) -> Option<((i64, u64), Action)> {
        if self.agenda.is_empty() {
            let replicas = |(name, node): (&Name, &Node)| {
                node.alive().into_iter().map(|at| (*name, at)).collect::<Vec<Who>>()
            };
            for who in self.nodes.iter().flat_map(replicas).collect::<Vec<_>>() {
                self.within_one(who, Process::go_on);
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
            Action::Publish(who) => self.publish(who),
            Action::Mark(who, life, keys) => self.mark(who, life, &keys),
            Action::Fetch(name, source) => self.fetch(name, source),
            Action::Sweep(who) => self.sweep(who),
            Action::Compare(name, source) => self.compare(name, source),
            Action::Rise(who) => self.rise(who),
            Action::Redrive(name, mended) => self.redrive(name, mended),
            Action::Back(who) => self.replica(who).line.set_away(false),
            Action::Audit(name) => self.audit(name),
            Action::Adopt(name) => self.adopt(name),
            Action::Rich => self.declines(0),
        }
    }

    /// Something is to happen so many ms from now.
    pub(super) fn at(&mut self, later: i64, action: Action) {
        self.number += 1;
        self.agenda.insert((self.clock.time() + later.max(0), self.number), action);
    }

    /// One of a context's replicas that are alive.
    pub(super) fn anyone(&mut self, name: Name) -> Option<Who> {
        let alive = self.nodes.get(name)?.alive();
        (!alive.is_empty()).then(|| (name, alive[self.faults.one_of(alive.len())]))
    }

    /// Does something in a process of a context, if one is alive, and whatever follows from it at once.
    pub(super) fn within<T>(&mut self, name: Name, work: impl FnOnce(&Process) -> T) -> Option<T> {
        let who = self.anyone(name)?;
        self.within_one(who, work)
    }

    /// The same in a certain one.
    pub(super) fn within_one<T>(
        &mut self,
        who: Who,
        work: impl FnOnce(&Process) -> T,
    ) -> Option<T> {
        let name = who.0;
        let node = &self.nodes[name];
        let plants = self.plan.plant == Some(Plant::AskThenWrite);
        let before = node.memory().filter(|_| plants).map(|memory| memory.copy());
        let done = self.turn(who, work)?;
        for other in node.alive().into_iter().filter(|other| *other != who.1) {
            self.turn((name, other), Process::look_again);
        }
        let asked = node.is_asking();
        self.node(name).unwritten = before.filter(|_| asked);
        self.follow(name);
        if self.nodes[name].unwritten.is_some() && self.faults.one_of(8) == 0 {
            self.dies(who);
        }
        if self.nodes[name].memory().is_some_and(|memory| memory.is_open()) {
            self.breaks("a transaction ends in its turn", named(who));
        }
        Some(done)
    }

    /// A process does something by its own clock, if it is alive.
    fn turn<T>(&self, (name, at): Who, work: impl FnOnce(&Process) -> T) -> Option<T> {
        let replica = &self.nodes[name].replicas[at];
        let process = replica.process.as_ref()?;
        self.clock.skew(replica.skew);
        let done = work(process);
        self.clock.skew(0);
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
        let process = self.nodes[name].process()?;
        Some(process.look(work).expect("the database can be read"))
    }

    /// What a process has just done is judged, and set going.
    pub(super) fn follow(&mut self, name: Name) {
        let questions = self.nodes[name].questions();
        self.see(name);
        for (at, outgoing) in questions {
            self.ask((name, at), outgoing);
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
            if !self.forgetful {
                self.broken.extend(self.judge.see(event));
            }
            self.was_written(name, event);
        }
        if !news.is_empty() {
            self.publish_soon(name);
        }
    }

    pub(super) fn node(&mut self, name: Name) -> &mut Node {
        self.nodes.get_mut(name).expect("every context has a node")
    }

    pub(super) fn replica(&mut self, (name, at): Who) -> &mut Replica {
        &mut self.node(name).replicas[at]
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
