//! What is an answer, and what only looks like one.

use std::error::Error;

use bytes::Bytes;
use tonic::{Code, ConnectError, Response, Status, metadata::MetadataMap};
use tonic_types::StatusExt;
use uuid::Uuid;

use jangteo::errors::DOMAIN;

use super::{Answer, CALL_KEY, CORRELATION};
use crate::{decide::No, token};

/// What was heard of a question that was asked under `key`.
pub fn heard(replied: Result<Response<Bytes>, Status>, key: &str) -> Answer {
    match replied {
        Ok(reply) => yes(reply),
        Err(status) => no(&status, key).map_or(Answer::Nothing, Answer::No),
    }
}

/// A reply as a yes.
pub(super) fn yes(response: Response<Bytes>) -> Answer {
    let (headers, message, _) = response.into_parts();
    Answer::Yes {
        message: message.into(),
        token: header(&headers, token::HEADER).unwrap_or_default().to_owned(),
        correlation_id: header(&headers, CORRELATION).and_then(|id| Uuid::parse_str(id).ok()),
    }
}

fn header<'a>(headers: &'a MetadataMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A status as a no: only one that the peer has stored under `key` is final.
pub(super) fn no(status: &Status, key: &str) -> Option<No> {
    let info = status.get_details_error_info()?;
    let stored = info.metadata.get(CALL_KEY).is_some_and(|of| of == key);
    if info.domain != DOMAIN || !stored {
        return None;
    }
    let delay = status.get_details_retry_info().and_then(|info| info.retry_delay);
    Some(No {
        code: status.code().into(),
        reason: info.reason,
        message: status.message().to_owned(),
        retry_after_ms: delay.map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)),
    })
}

/// Nothing has left: there was no connection and none came about. A connection that breaks may
/// have carried the question to its end.
pub(super) fn never_left(status: &Status) -> bool {
    let mut causes = std::iter::successors(status.source(), |error| (*error).source());
    causes.any(<dyn Error>::is::<ConnectError>)
}

/// The connection broke; a status that the peer sent has no cause here.
pub(super) fn broken(status: &Status) -> bool {
    status.source().is_some()
}

/// The peer or the way to it is at fault, not the question.
pub(super) fn failed(status: &Status) -> bool {
    let theirs = [Code::Unavailable, Code::DeadlineExceeded, Code::Internal, Code::Unknown];
    broken(status) || theirs.contains(&status.code())
}

/// The peer does not take such questions, now or ever: somebody has to mend it.
pub(super) fn hopeless(status: &Status) -> bool {
    let passing = [Code::Aborted, Code::ResourceExhausted, Code::Cancelled];
    !failed(status) && !passing.contains(&status.code())
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, time::Duration};

    use jangteo::errors::Refusal;
    use tonic_types::ErrorDetails;

    use super::*;

    fn refusal(key: &str) -> Refusal {
        Refusal::new(Code::FailedPrecondition, "POST_SOLD", "it is sold").metadata(CALL_KEY, key)
    }

    #[test]
    fn a_stored_no_says_why_and_when_to_try_again() {
        let status = refusal("deals/1").retry_after(Duration::from_millis(1500)).into();
        let told = No {
            code: 9,
            reason: "POST_SOLD".to_owned(),
            message: "it is sold".to_owned(),
            retry_after_ms: Some(1500),
        };
        assert_eq!(no(&status, "deals/1"), Some(told));
    }

    #[test]
    fn a_status_without_the_key_of_the_call_is_no_answer() {
        assert_eq!(no(&refusal("deals/2").into(), "deals/1"), None);
        assert_eq!(no(&Status::failed_precondition("it is sold"), "deals/1"), None);
        let keyless = Refusal::new(Code::FailedPrecondition, "POST_SOLD", "it is sold");
        assert_eq!(no(&keyless.into(), "deals/1"), None);
    }

    #[test]
    fn another_ones_error_is_no_answer() {
        let metadata = [(CALL_KEY.to_owned(), "deals/1".to_owned())];
        let details =
            ErrorDetails::with_error_info("POST_SOLD", "example.org", HashMap::from(metadata));
        let status = Status::with_error_details(Code::FailedPrecondition, "it is sold", details);
        assert_eq!(no(&status, "deals/1"), None);
    }

    #[test]
    fn only_the_peers_own_trouble_is_held_against_it() {
        let blamed: Vec<i32> =
            (1..=16).filter(|code| failed(&Status::new(Code::from(*code), ""))).collect();
        let codes = [Code::Unknown, Code::DeadlineExceeded, Code::Internal, Code::Unavailable];
        assert_eq!(blamed, codes.map(i32::from));
        assert!(failed(&Status::from_error("reset".into())), "a broken connection");
    }

    #[test]
    fn what_passes_is_not_hopeless() {
        let mended: Vec<i32> =
            (1..=16).filter(|code| hopeless(&Status::new(Code::from(*code), ""))).collect();
        assert_eq!(mended, [3, 5, 6, 7, 9, 11, 12, 15, 16]);
    }
}
