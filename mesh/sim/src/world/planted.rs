//! Where bugs are planted in what a world does.

use std::collections::BTreeMap;

use jangteo_kit::{
    event::Event,
    peer::Answer,
    simulated::{ANSWERS, place},
    store::Rows,
};
use uuid::Uuid;

use super::{Action, Name, Who, World, asking::rpc};
use crate::plant::{self, Plant};

/// What moves orders on, and may come late.
const LATE: [&str; 5] = [
    "TicketAccepted",
    "CookingStarted",
    "CookingFinished",
    "DeliveryPickedUp",
    "DeliveryCompleted",
];

impl World {
    fn planted(&self, bug: Plant) -> bool {
        self.plan.plant == Some(bug)
    }

    /// An older state of an aggregate comes back: the one of its `nth` row.
    fn ages(
        &mut self,
        name: Name,
        kind: &'static str,
        id: Uuid,
        nth: impl Fn(usize) -> Option<usize>,
    ) {
        let (node, key) = (&self.nodes[name], id.to_string());
        let (Some(memory), Some(process)) = (node.memory(), node.process()) else { return };
        let past = memory.past(kind, &key);
        let Some(older) = nth(past.len()).and_then(|nth| past.get(nth)) else { return };
        let Some(newest) = memory.get(kind, &key) else { return };
        if let Some(aged) = process.driven().aged(kind, older, &newest) {
            memory.put(kind, key, aged);
            self.tell(|| format!("planted: {kind} {id} is as old as it was"));
        }
    }

    /// Events are about to be taken in.
    pub(super) fn arriving(&mut self, to: Name, batch: Vec<Event>) -> Vec<Event> {
        let Some(bug) = self.plan.plant else { return batch };
        let batch = plant::arriving(bug, to, batch);
        let mut arriving = BTreeMap::new();
        for event in &batch {
            let key = (event.kind.clone(), event.aggregate_id);
            for one in self.consumers(to, &event.context) {
                let place = place(&one.name, &event.context, &key);
                arriving.entry(place).or_insert(event.sequence);
            }
        }
        if let Some(memory) = self.nodes[to].memory() {
            memory.arriving(arriving);
        }
        if bug == Plant::OrderResurrected && to == "order" {
            for event in batch.iter().filter(|event| LATE.contains(&event.name())) {
                if self.cancelled.contains(&event.aggregate_id) {
                    self.ages("order", "order", event.aggregate_id, |rows| (rows > 3).then_some(2));
                }
            }
        }
        batch
    }

    /// They were taken in.
    pub(super) fn arrived(&mut self, to: Name) {
        if let Some(memory) = self.nodes[to].memory() {
            memory.arriving(BTreeMap::new());
        }
    }

    /// Something was written.
    pub(super) fn was_written(&mut self, name: Name, event: &Event) {
        let (id, what) = (event.aggregate_id, event.name());
        if what == "OrderCancelled" {
            self.cancelled.insert(id);
        }
        if self.planted(Plant::DeliveryResurrected) && what == "DeliveryCancelled" {
            self.ages(name, "delivery", id, |rows| (rows > 1).then_some(0));
        }
    }

    /// A replica is about to ask.
    pub(super) fn is_asking(&mut self, by: Who, number: usize) {
        let path = self.asking[number].sent.question.path.clone();
        if self.planted(Plant::TimerWhileAsking)
            && by.0 == "rental"
            && rpc(&path) == "ApprovePayment"
        {
            let key = self.asking[number].sent.key.clone();
            let Some(id) = key.split('/').nth(1).and_then(|id| id.parse().ok()) else { return };
            self.ages(by.0, "rental", id, |rows| rows.checked_sub(2));
            self.replica(by).skew += 16 * 60 * 1000;
            self.wake_in_time(by.0);
        }
    }

    /// A question has been asked of somebody.
    pub(super) fn was_asked(&mut self, number: usize, rpc: &str) {
        if !self.planted(Plant::ReleasedTwice)
            || rpc != "UndoHoldStock"
            || self.again.contains(&number)
        {
            return;
        }
        let asking = &self.asking[number];
        let (of, (caller, _), key) = (asking.of, asking.by, asking.sent.key.clone());
        let place = format!("service:{caller} {key}");
        // Only what was held is released.
        let Some(memory) = self.nodes[of].memory() else { return };
        let Some(held) = memory.past(ANSWERS, &place).first().cloned() else { return };
        memory.put(ANSWERS, place, held);
        for id in plant::products(&asking.sent.question) {
            self.ages(of, "product", id, |rows| rows.checked_sub(2));
        }
        self.again.insert(number);
        self.at(1, Action::Asked(number));
    }

    /// Somebody who was asked has answered.
    pub(super) fn was_answered(&mut self, number: usize, answer: &Answer) {
        let asking = &self.asking[number];
        let (of, question) = (asking.of, &asking.sent.question);
        let holds = rpc(&question.path) == "HoldStock" && matches!(answer, Answer::Yes { .. });
        if self.planted(Plant::StockAtTheEvent)
            && holds
            && let Some(undo) = plant::let_go(question)
        {
            self.ask_in_vain(of, number, undo);
        }
    }
}
