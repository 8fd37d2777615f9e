//! People in a world: they move, repeat, hang up and give up.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use jangteo::access;
use jangteo_kit::{auth::permit, server::Deadline};
use rand::{Rng as _, rngs::StdRng};
use tonic::{Request, Status};

use super::{Action, Name, World};
use crate::{
    actors::{Known, Move},
    faults::Trouble,
};

/// What a call was answered.
type Replied = Result<Vec<u8>, Status>;

/// Calls that have come back, by the number of the move.
pub(super) type Returned = Arc<Mutex<Vec<(usize, Replied)>>>;

/// Everybody who calls, and all that they know.
pub(crate) struct People {
    known: Known,
    chance: StdRng,
    moves: Vec<Move>,
    most: usize,
    /// The first answer to each move that is one.
    answers: BTreeMap<usize, Vec<u8>>,
    returned: Returned,
}

impl People {
    pub(super) fn new(mut chance: StdRng, most: Option<usize>) -> Self {
        let usual = chance.random_range(40..=160);
        let known = Known::new(&mut chance);
        let most = most.unwrap_or(usual);
        Self {
            known,
            chance,
            most,
            moves: vec![],
            answers: BTreeMap::new(),
            returned: Returned::default(),
        }
    }
}

/// The context that serves an RPC.
fn context_of(path: &str, world: &World) -> Option<Name> {
    let context = path.strip_prefix("/jangteo.")?.split('.').next()?;
    world.nodes.keys().find(|name| **name == context).copied()
}

impl World {
    /// Somebody makes the next move, and then another one; after the last one everything calms down.
    pub(super) fn next_move(&mut self) {
        let number = self.people.moves.len();
        if number == self.people.most {
            return self.calm();
        }
        let next = self.people.known.propose(&mut self.people.chance);
        self.people.moves.push(next);
        self.figures.moves += 1;
        if !self.plan.skipped.contains(&number) {
            self.at(0, Action::Send(number));
            while self.strikes(Trouble::Repeat) {
                let later = [0, 20, 700, 5_000][self.faults.one_of(4)];
                self.at(later, Action::Send(number));
            }
        }
        let leap = self.strikes(Trouble::Leap);
        let pause = match (leap, self.faults.one_of(4)) {
            (true, 0) => 8 * 24 * 3600 * 1000,
            (true, _) => 16 * 60 * 1000,
            (false, 0) => 0,
            (false, _) => self.faults.ms(1..=1500),
        };
        self.at(pause, Action::Move);
    }

    /// A move reaches the context that it is for.
    pub(super) fn send(&mut self, number: usize) {
        let one = self.people.moves[number].clone();
        let Some(name) = context_of(one.path, self) else { return };
        let allowed = access::of(one.path).is_some_and(|access| permit(access, &one.who).is_ok());
        self.tell(|| {
            let rpc = one.path.rsplit('/').next().unwrap_or_default();
            format!("{} calls {rpc} of {name} (move {number})", one.who.principal())
        });
        if !allowed {
            return;
        }
        self.figures.calls += 1;
        let within = [150, 700, 2_000, 30_000][self.faults.one_of(4)];
        let (hangs_up, returned) = (self.strikes(Trouble::HangUp), self.people.returned.clone());
        self.within(name, |process| {
            let mut request = Request::new(Bytes::from(one.message));
            request.extensions_mut().insert(one.who);
            request.extensions_mut().insert(Deadline::within(Duration::from_millis(within)));
            let path = one.path.parse().expect("it is a path");
            let call = process.driven().call(path, request);
            let calling = async move {
                let reply = call.await.map(|reply| reply.into_inner().to_vec());
                returned.lock().expect("nobody panics here").push((number, reply));
            };
            if hangs_up { process.hang_up(calling) } else { process.begin(calling) }
        });
    }

    /// People hear what they were answered.
    pub(super) fn returns(&mut self) {
        let returned =
            std::mem::take(&mut *self.people.returned.lock().expect("nobody panics here"));
        for (number, replied) in returned {
            let one = self.people.moves[number].clone();
            if let Some(name) = context_of(one.path, self) {
                self.see(name);
            }
            self.tell(|| match &replied {
                Ok(_) => format!("  move {number} went well"),
                Err(no) => format!("  move {number}: {:?} {}", no.code(), no.message()),
            });
            match replied {
                Ok(reply) => {
                    let first = self.people.answers.entry(number).or_insert_with(|| reply.clone());
                    let same = *first == reply;
                    self.people.known.heard(&one, &reply);
                    if !same && !self.forgetful {
                        let what = format!("move {number} ({}) has two answers", one.path);
                        self.breaks("I11 a request has one answer", what);
                    }
                }
                Err(no) if no.code() == tonic::Code::Internal => {
                    let what = format!("move {number} ({}): {}", one.path, no.message());
                    self.breaks("no request ends in a bug", what);
                }
                Err(_) => {}
            }
        }
    }
}
