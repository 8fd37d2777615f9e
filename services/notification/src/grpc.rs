//! The gRPC face of notifications: requests in, commands out. No rules live here.

pub(crate) mod channels;
pub(crate) mod notifications;
pub(crate) mod sender;

use tonic::{Response, Status};

/// What a method answers.
type Reply<T> = Result<Response<T>, Status>;
