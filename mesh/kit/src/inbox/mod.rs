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

pub(crate) use self::{
    apply::{Applied, Apply, take_in},
    aside::{go_on, resume},
    dead::DeadLetterServer,
    gates::{behind, clear, count, gates_of, load},
    held::parked_count,
    letter::remedy,
};
pub use self::{
    apply::{Rest, Taken},
    aside::Aside,
    follower::{Consumer, Follower, take},
    letter::{Letter, Remedied, Remedy},
    policies::Policies,
};
