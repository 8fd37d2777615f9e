//! What every error looks like on the wire; the one place where statuses get their details.

use std::{collections::HashMap, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, PreconditionViolation, StatusExt};

/// The domain of every `google.rpc.ErrorInfo` of ours.
pub const DOMAIN: &str = "jangteo.dev";

/// An error in the making.
///
/// ```
/// use std::time::Duration;
/// use jangteo::errors::{Refusal, reason};
///
/// let status: tonic::Status =
///     Refusal::new(tonic::Code::FailedPrecondition, "POST_RESERVED", "a deal on it is planned")
///         .metadata("deal", "0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3f")
///         .retry_after(Duration::from_secs(60))
///         .into();
/// assert_eq!(reason(&status).as_deref(), Some("POST_RESERVED"));
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Refusal {
    code: Code,
    reason: String,
    message: String,
    metadata: HashMap<String, String>,
    violations: Vec<FieldViolation>,
    preconditions: Vec<PreconditionViolation>,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// An error with the broken rule in `UPPER_SNAKE` for programs and a message for people.
    pub fn new(code: Code, reason: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.to_owned(),
            message: message.into(),
            metadata: HashMap::new(),
            violations: Vec::new(),
            preconditions: Vec::new(),
            retry_after: None,
        }
    }

    /// Adds a fact for programs to `ErrorInfo`.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// Adds a field that is wrong, by its path in the request, to `BadRequest`.
    pub fn violation(
        mut self,
        field: impl Into<String>,
        reason: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        let mut violation = FieldViolation::new(field, description);
        violation.reason = reason.into();
        self.violations.push(violation);
        self
    }

    /// Adds what must be true first, of which subject, to `PreconditionFailure`.
    pub fn precondition(
        mut self,
        kind: impl Into<String>,
        subject: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        self.preconditions.push(PreconditionViolation::new(kind, subject, description));
        self
    }

    /// Says when trying again may help, in `RetryInfo`.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let mut details = ErrorDetails::new();
        details.set_error_info(refusal.reason, DOMAIN, refusal.metadata);
        if !refusal.violations.is_empty() {
            details.set_bad_request(refusal.violations);
        }
        if !refusal.preconditions.is_empty() {
            details.set_precondition_failure(refusal.preconditions);
        }
        if refusal.retry_after.is_some() {
            details.set_retry_info(refusal.retry_after);
        }
        Status::with_error_details(refusal.code, refusal.message, details)
    }
}

/// The broken rule that a status names; `None` if the status is not one of ours.
pub fn reason(status: &Status) -> Option<String> {
    let info = status.get_details_error_info()?;
    (info.domain == DOMAIN).then_some(info.reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_why_in_every_detail() {
        let status: Status = Refusal::new(Code::FailedPrecondition, "POST_SOLD", "it is sold")
            .metadata("post", "p1")
            .violation("price_krw", "OUT_OF_RANGE", "0 or more")
            .precondition("STATE", "posts/p1", "must be available")
            .retry_after(Duration::from_millis(1500))
            .into();
        assert_eq!((status.code(), status.message()), (Code::FailedPrecondition, "it is sold"));
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!((info.domain.as_str(), info.reason.as_str()), (DOMAIN, "POST_SOLD"));
        assert_eq!(info.metadata["post"], "p1");
        let field = &details.bad_request().unwrap().field_violations[0];
        assert_eq!((field.field.as_str(), field.reason.as_str()), ("price_krw", "OUT_OF_RANGE"));
        assert_eq!(field.description, "0 or more");
        let unmet = &details.precondition_failure().unwrap().violations[0];
        assert_eq!((unmet.r#type.as_str(), unmet.subject.as_str()), ("STATE", "posts/p1"));
        let delay = details.retry_info().unwrap().retry_delay;
        assert_eq!(delay, Some(Duration::from_millis(1500)));
    }

    #[test]
    fn a_plain_refusal_carries_no_empty_details() {
        let status: Status = Refusal::new(Code::NotFound, "POST_NOT_FOUND", "no such post").into();
        let details = status.get_error_details_vec();
        assert_eq!(details.len(), 1, "{details:?}");
    }

    #[test]
    fn only_our_own_reasons_are_read() {
        assert_eq!(reason(&Status::not_found("plain")), None);
        let foreign = ErrorDetails::with_error_info("QUOTA", "example.org", HashMap::new());
        let status = Status::with_error_details(Code::Unavailable, "busy", foreign);
        assert_eq!(reason(&status), None);
        let ours: Status = Refusal::new(Code::NotFound, "POST_NOT_FOUND", "no such post").into();
        assert_eq!(reason(&ours).as_deref(), Some("POST_NOT_FOUND"));
    }
}
