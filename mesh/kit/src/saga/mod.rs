//! What is begun is brought to its end: questions that nobody asks any more, and timers.

mod figures;
mod operate;
mod serve;
mod sweep;
#[cfg(test)]
mod tests;
mod wake;

pub(crate) use self::{
    figures::figures,
    operate::Denied,
    serve::SagaServer,
    sweep::sweep,
    wake::{Saga, of},
};
