//! The gRPC face of stores and their tickets: requests in, commands out. No rules live here.

pub(crate) mod render;
pub(crate) mod stores;
pub(crate) mod tickets;

use tonic::{Response, Status};

/// What a method answers.
type Reply<T> = Result<Response<T>, Status>;
