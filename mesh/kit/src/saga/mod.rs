//! What is begun is brought to its end: questions that nobody asks any more, and timers.

mod sweep;
#[cfg(test)]
mod tests;
mod wake;

pub(crate) use self::{
    sweep::sweep,
    wake::{Saga, of},
};
