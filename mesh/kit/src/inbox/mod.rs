//! The inbox: each event once and in order per aggregate, whatever the broker does.

mod apply;
mod aside;
mod dead;
mod discarded;
mod follower;
mod gates;
mod held;
mod letter;
mod policies;
mod policy;
pub(crate) mod position;
pub(crate) mod simulated;

pub use self::{
    apply::{Applied, Effect, Taken},
    aside::Aside,
    follower::{Consumer, Effects, Follower, remedy, take},
    letter::{Letter, Remedied, Remedy},
    policies::Policies,
};
pub(crate) use self::{
    aside::resume,
    dead::DeadLetterServer,
    follower::remedied,
    gates::{Gates, behind, clear, count, gates_of, load, reached},
    held::{letters, parked_count},
};
