//! Bugs that are planted on purpose: whoever judges has to find each of them.
//!
//! The code under test has none of them. They are made where a world makes what surrounds it: in its
//! rows, on the ways between contexts, in what its broker does.

use jangteo::{
    descriptors,
    inventory::v1::{HoldStockRequest, UndoHoldStockRequest},
    order::v1::OrderCancelled,
    rental::v1::RentalCancelled,
};
use jangteo_kit::{
    decide::Question,
    event::Event,
    peer::{Answer, Sent},
};
use prost::{Message as _, Name};
use prost_reflect::{DynamicMessage, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Plant {
    /// A consumer does not look whether it has seen an event.
    NoGate,
    /// A read model takes what comes for what is next.
    ArrivalOrder,
    /// A message is acknowledged before what it does is committed.
    AckBeforeCommit,
    /// The relay looks for rows behind the last one that it has seen.
    IdCursor,
    /// Rows are marked before the broker has them.
    MarkBeforeAck,
    /// Rows are marked by the clock of whoever marks them, and compared by another one.
    OwnClock,
    /// A question has another key each time that it is asked.
    CallWithoutKey,
    /// A peer is asked before the state that waits is written.
    AskThenWrite,
    /// What was taken for nothing is never let go.
    UndoForgotten,
    /// A question that was undone may still be answered yes.
    DeadKeyForgotten,
    /// What a request was answered is forgotten.
    RequestForgotten,
    /// An event that comes late brings a cancelled order back.
    OrderResurrected,
    /// A cancelled delivery can be picked up.
    DeliveryResurrected,
    /// A timer fires while a question is out.
    TimerWhileAsking,
    /// A cancelled order or rental is not paid back.
    RefundForgotten,
    /// A post may have two accepted offers.
    TwoAccepted,
    /// What was held is given back twice.
    ReleasedTwice,
    /// Stock is taken when the order is heard of, and not held before.
    StockAtTheEvent,
    /// Orders are cancelled without asking whoever cooks or delivers.
    CancelAlone,
    /// A payment is approved under another key than its order knows.
    WrongKey,
    /// Somebody is told of the same thing twice.
    ToldTwice,
    /// Whoever adopts what his stream tells takes a number that he knows for the event that he knows.
    AdoptedByNumber,
}

impl Plant {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::NoGate,
        Self::ArrivalOrder,
        Self::AckBeforeCommit,
        Self::IdCursor,
        Self::MarkBeforeAck,
        Self::OwnClock,
        Self::CallWithoutKey,
        Self::AskThenWrite,
        Self::UndoForgotten,
        Self::DeadKeyForgotten,
        Self::RequestForgotten,
        Self::OrderResurrected,
        Self::DeliveryResurrected,
        Self::TimerWhileAsking,
        Self::RefundForgotten,
        Self::TwoAccepted,
        Self::ReleasedTwice,
        Self::StockAtTheEvent,
        Self::CancelAlone,
        Self::WrongKey,
        Self::ToldTwice,
        Self::AdoptedByNumber,
    ];
}

impl Plant {
    /// Whether it brings older states back.
    pub(crate) fn ages(self) -> bool {
        let all = [
            Self::OrderResurrected,
            Self::DeliveryResurrected,
            Self::TimerWhileAsking,
            Self::ReleasedTwice,
        ];
        all.contains(&self)
    }
}

/// What becomes of a question on its way; with an answer it never gets there.
pub(crate) fn on_the_way(bug: Plant, sent: &mut Sent, number: usize) -> Option<Answer> {
    let rpc = sent.question.path.rsplit('/').next().unwrap_or_default().to_owned();
    let yes = Answer::Yes { message: vec![], token: String::new(), correlation_id: None };
    match bug {
        Plant::UndoForgotten => {
            let undo = rpc.starts_with("Undo") || rpc.starts_with("Release");
            undo.then_some(yes)
        }
        Plant::CancelAlone => {
            let asks = ["CancelTicket", "CancelDelivery"].contains(&rpc.as_str());
            asks.then_some(yes)
        }
        Plant::CallWithoutKey => {
            rekey(&mut sent.question, &format!("{}/{number}", sent.key));
            None
        }
        Plant::WrongKey if rpc == "ApprovePayment" => {
            rekey(&mut sent.question, &format!("{}9", sent.key));
            None
        }
        _ => None,
    }
}

/// Asks the same under another key.
fn rekey(question: &mut Question, key: &str) {
    let (service, method) = question.path.trim_start_matches('/').split_once('/').expect("a path");
    let service = descriptors().get_service_by_name(service).expect("a known service");
    let method = service.methods().find(|one| one.name() == method).expect("a known RPC");
    let mut message = DynamicMessage::decode(method.input(), question.message.as_slice())
        .expect("contexts ask what their contracts say");
    message.set_field_by_name("call_key", Value::String(key.to_owned()));
    question.message = message.encode_to_vec();
}

/// What becomes of events before they are taken in.
pub(crate) fn arriving(bug: Plant, to: &str, mut batch: Vec<Event>) -> Vec<Event> {
    if bug == Plant::RefundForgotten && to == "payment" {
        let cancels = [OrderCancelled::full_name(), RentalCancelled::full_name()];
        for event in batch.iter_mut().filter(|event| cancels.contains(&event.type_name)) {
            "jangteo.order.v1.Nothing".clone_into(&mut event.type_name);
        }
    }
    if bug == Plant::ToldTwice && to == "notification" {
        let again: Vec<Event> = batch
            .iter()
            .map(|event| Event { kind: format!("{}-again", event.kind), ..event.clone() })
            .collect();
        batch.extend(again);
    }
    batch
}

/// The products whose stock a question gives back.
pub(crate) fn products(undo: &Question) -> Vec<Uuid> {
    let undo = UndoHoldStockRequest::decode(undo.message.as_slice()).unwrap_or_default();
    undo.product_ids.iter().filter_map(|id| id.parse().ok()).collect()
}

/// The question that lets go of what this one takes.
pub(crate) fn let_go(held: &Question) -> Option<Question> {
    let HoldStockRequest { holder_id, lines, call_key, .. } =
        HoldStockRequest::decode(held.message.as_slice()).ok()?;
    let product_ids = lines.into_iter().map(|line| line.product_id).collect();
    let undo = UndoHoldStockRequest { holder_id, product_ids, call_key };
    Some(Question::of("InventoryService/UndoHoldStock", &undo))
}
