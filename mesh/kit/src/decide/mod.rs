//! What the kit decides, as pure functions: no I/O, no clock, no chance. The database code and the
//! simulation call the same ones.

mod adopt;
mod breaker;
mod compare;
mod fault;
mod gate;
mod page;
mod pending;
mod publish;
mod rebuild;
mod request;
mod retry;
mod wait;

pub use self::{
    adopt::{Adoption, adoption},
    breaker::{Breaker, End, Limits, Pass, Phase},
    compare::{Head, Lack, lack},
    fault::{Fate, Switches},
    gate::{Arrival, BEHIND, Gate, TOGETHER},
    page::{PAGE, Place, Share},
    pending::{Heard, No, Pending, Question, Unanswered},
    publish::settled,
    rebuild::{Progress, may_switch},
    request::{Answer, answer},
    retry::backoff,
    wait::{Asking, Turn, again, begun, left, told, turn},
};
