//! What a refusal says to programs.

use std::fmt::Debug;

use jangteo::errors;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Asserts the code and the reason of a refusal, and answers it for a closer look.
#[track_caller]
pub(crate) fn refused<T: Debug>(answer: Result<T, Status>, code: Code, reason: &str) -> Status {
    let status = answer.expect_err("it should have been refused");
    let told = (status.code(), errors::reason(&status));
    assert_eq!(told, (code, Some(reason.to_owned())), "{status:?}");
    status
}

/// Whether a refusal says when to try again.
pub(crate) fn says_when_to_retry(status: &Status) -> bool {
    let info = status.get_details_retry_info();
    info.and_then(|info| info.retry_delay).is_some_and(|delay| !delay.is_zero())
}
