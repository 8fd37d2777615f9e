//! Questions between contexts: late, lost, doubled, or answered.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use jangteo_kit::{
    auth::Caller,
    decide::Question,
    peer::{Answer, CORRELATION, Sent, heard},
    server::Deadline,
};
use tokio::sync::oneshot;
use tonic::{Request, Response, Status};

use super::{Action, Name, Who, World, named};
use crate::{faults::Trouble, network::Outgoing, plant, process::Process};

/// A question, until nobody waits for its answer any more.
pub(crate) struct Asking {
    pub(super) by: Who,
    pub(super) of: Name,
    pub(super) sent: Sent,
    reply: Option<oneshot::Sender<Answer>>,
}

/// Replies that have come to the door of whoever was asked, by the number of the question.
pub(super) type Replies = Arc<Mutex<Vec<(usize, Result<Response<Bytes>, Status>)>>>;

const POISON: &str = "nothing panics while it holds this lock";

/// The last part of an RPC's path.
pub(super) fn rpc(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

impl World {
    /// A replica asks another context.
    pub(super) fn ask(&mut self, by: Who, outgoing: Outgoing) {
        let Outgoing { mut sent, reply } = outgoing;
        let peer = sent.question.peer.as_str();
        let Some(of) = self.nodes.keys().find(|name| **name == peer).copied() else { return };
        self.figures.questions += 1;
        let number = self.asking.len();
        self.tell(|| {
            format!("{} asks {of} {} under {}", named(by), rpc(&sent.question.path), sent.key)
        });
        let planted = self.plan.plant.and_then(|bug| plant::on_the_way(bug, &mut sent, number));
        let within = i64::try_from(sent.within.as_millis()).unwrap_or(i64::MAX).min(60_000);
        self.asked.entry(sent.key.clone()).or_insert(self.clock.time());
        self.asking.push(Asking { by, of, sent, reply: Some(reply) });
        if let Some(answer) = planted {
            return self.at(1, Action::Answered(number, answer));
        }
        if !self.nodes[of].is_alive() && self.faults.one_of(2) == 0 {
            return self.at(1, Action::Answered(number, Answer::NotSent));
        }
        if self.strikes(Trouble::Away) {
            self.replica(by).line.set_away(true);
            let back = self.faults.ms(100..=10_000);
            self.at(back, Action::Back(by));
        }
        self.is_asking(by, number);
        self.at(within, Action::Expired(number));
        if !self.strikes(Trouble::Silent) {
            self.leaves(number, within);
        }
    }

    /// Nobody waits for what comes of this question.
    pub(super) fn ask_in_vain(&mut self, of: Name, like: usize, question: Question) {
        let Asking { by, sent, .. } = &self.asking[like];
        let asking = Asking { by: *by, of, sent: Sent { question, ..sent.clone() }, reply: None };
        let number = self.asking.len();
        self.asking.push(asking);
        self.at(0, Action::Asked(number));
    }

    fn leaves(&mut self, number: usize, within: i64) {
        let takes = self.takes(within);
        self.at(takes, Action::Asked(number));
        if self.strikes(Trouble::Echo) {
            let again = takes + self.faults.ms(0..=3_000);
            self.at(again, Action::Asked(number));
        }
    }

    /// How long something is on its way; it may be longer than anybody waits.
    fn takes(&mut self, within: i64) -> i64 {
        let slow = self.strikes(Trouble::Slow);
        if slow { self.faults.ms(within / 2..=within + 5_000) } else { self.faults.ms(1..=15) }
    }

    /// A question comes to the one who is asked.
    pub(super) fn asked(&mut self, number: usize) {
        let Asking { by, of, sent, .. } = &self.asking[number];
        let (of, replies) = (*of, self.replies.clone());
        let mut request = Request::new(Bytes::from(sent.question.message.clone()));
        request.extensions_mut().insert(Caller::Service { context: by.0.to_owned() });
        let correlation = sent.correlation_id.to_string().parse().expect("an id is ASCII");
        request.metadata_mut().insert(CORRELATION, correlation);
        let (path, within) = (sent.question.path.parse().expect("it is a path"), sent.within);
        let path_text = sent.question.path.clone();
        self.within(of, |process| {
            request
                .extensions_mut()
                .insert(Deadline::within(within.max(Duration::from_millis(50))));
            let call = process.driven().call(path, request);
            process.begin(async move {
                let came = call.await;
                replies.lock().expect(POISON).push((number, came));
            });
        });
        self.was_asked(number, rpc(&path_text));
    }

    /// Replies go back.
    pub(super) fn replied(&mut self) {
        let replies = std::mem::take(&mut *self.replies.lock().expect(POISON));
        for (number, replied) in replies {
            let Asking { sent, of, .. } = &self.asking[number];
            let (of, answer) = (*of, heard(replied, &sent.key));
            let within = i64::try_from(sent.within.as_millis()).unwrap_or(i64::MAX).min(60_000);
            self.see(of);
            self.was_answered(number, &answer);
            if !self.strikes(Trouble::Silent) {
                let takes = self.takes(within);
                self.tell(|| format!("  {of} answers {}", said(&answer)));
                self.at(takes, Action::Answered(number, answer));
            }
        }
    }

    /// An answer comes to whoever asked, or he waits no longer.
    pub(super) fn answered(&mut self, number: usize, answer: &Answer) {
        let asking = &mut self.asking[number];
        let Some(reply) = asking.reply.take() else { return };
        let (by, key) = (asking.by, asking.sent.key.clone());
        // Whoever asked may be dead.
        if reply.send(answer.clone()).is_ok() {
            self.tell(|| format!("{} hears {} of {key}", named(by), said(answer)));
            self.within_one(by, Process::go_on);
        }
    }
}

fn said(answer: &Answer) -> String {
    match answer {
        Answer::Yes { .. } => "yes".to_owned(),
        Answer::No(no) => format!("no, {}", no.reason),
        Answer::NotSent => "that it was not sent".to_owned(),
        Answer::Nothing => "nothing".to_owned(),
    }
}
