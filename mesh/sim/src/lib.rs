//! All contexts of jangteo in one thread, in worlds that seeds make hostile.
//!
//! Their handlers, their rules and the kit's engine are the real ones; what is made here are the rows, the
//! broker, the ways between contexts, time and chance, and people. Whatever happens is judged by
//! invariants of money, stock, order and truth.

mod actors;
mod check;
mod clock;
mod clumsy;
mod faults;
mod figures;
mod memory;
mod network;
mod plan;
mod plant;
mod process;
mod ran;
mod shrink;
mod sql;
mod world;

pub use crate::{
    faults::Trouble,
    figures::Figures,
    plan::Plan,
    plant::Plant,
    ran::{Broken, Outcome, Ran, many, run},
    shrink::shrunk,
};

#[cfg(test)]
mod tests;
