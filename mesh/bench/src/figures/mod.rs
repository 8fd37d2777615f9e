//! The figures, by their numbers.

mod acknowledged;
mod apart;
mod board_lag;
mod commands;
mod footprint;
mod gateway;
mod group_commit;
mod lag;
mod open_breaker;
mod overload;
mod reads;
mod relay;
mod start;
mod streams;
mod view_lag;

use crate::figure::Figure;

/// All that can be measured.
pub(crate) fn all() -> Vec<Box<dyn Figure>> {
    vec![
        Box::new(reads::Reads),
        Box::new(commands::Commands),
        Box::new(group_commit::GroupCommit),
        Box::new(relay::Relay),
        Box::new(streams::Streams),
        Box::new(acknowledged::Acknowledged),
        Box::new(view_lag::ViewLag),
        Box::new(board_lag::BoardLag),
        Box::new(apart::Apart),
        Box::new(gateway::Gateway),
        Box::new(overload::Overload),
        Box::new(open_breaker::OpenBreaker),
        Box::new(footprint::Footprint),
        Box::new(start::Start),
    ]
}
