//! Bad days: a journal that has forgotten what its stream tells, a stream that has lost what the
//! journal tells, gates that lack both.

mod adopt;
mod audit;
mod compare;
mod refill;
mod serve;

pub(crate) use self::{
    adopt::{adopted, sort},
    audit::audit,
    serve::{Mended, MendingServer},
};
