//! The inbox: each event once and in order per aggregate, whatever the broker does.

mod apply;
mod gates;
mod held;

pub use self::apply::Unfit;
pub(crate) use self::{
    apply::{Apply, take_in},
    gates::{behind, clear, gates_of, load},
    held::parked_count,
};
