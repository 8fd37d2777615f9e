//! What rejections and failures look like to a caller; the one place that decides it.

use std::{error::Error, time::Duration};

use tonic::{Code, Status};

use jangteo::errors::{DOMAIN, Refusal};

use crate::{
    clock,
    decide::No,
    store::{Failure, Never, is_full},
};

/// How long to wait before trying again where nothing says better.
const SOON: Duration = Duration::from_secs(1);

/// A rule that said no. Its `Display` is the message for people.
pub trait Reject: Error {
    /// How a caller should take it.
    fn kind(&self) -> Kind;

    /// The broken rule in `UPPER_SNAKE`, for programs.
    fn reason(&self) -> &str;

    /// When trying again may help.
    fn retry_after(&self) -> Option<Duration> {
        None
    }

    /// The field of the request that is at fault.
    fn field(&self) -> Option<&'static str> {
        None
    }
}

/// How a caller should take a rejection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request is wrong whatever the state: another request is needed.
    Invalid,
    /// There is no such thing, or none that the caller may know of.
    NotFound,
    /// The caller may see it, and may not do this with it.
    Forbidden,
    /// The state has to change first.
    Precondition,
    /// Somebody was faster: read again, then try again.
    Aborted,
    /// It is there already.
    Exists,
    /// A limit is reached.
    Exhausted,
    /// Something that is needed is away; nothing happened.
    Unavailable,
    /// There is no time left to do it; nothing happened.
    Late,
}

impl From<Kind> for Code {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Invalid => Self::InvalidArgument,
            Kind::NotFound => Self::NotFound,
            Kind::Forbidden => Self::PermissionDenied,
            Kind::Precondition => Self::FailedPrecondition,
            Kind::Aborted => Self::Aborted,
            Kind::Exists => Self::AlreadyExists,
            Kind::Exhausted => Self::ResourceExhausted,
            Kind::Unavailable => Self::Unavailable,
            Kind::Late => Self::DeadlineExceeded,
        }
    }
}

impl From<Code> for Kind {
    /// A peer's code as one of ours; what no rule answers with is a precondition.
    fn from(code: Code) -> Self {
        match code {
            Code::InvalidArgument => Self::Invalid,
            Code::NotFound => Self::NotFound,
            Code::PermissionDenied => Self::Forbidden,
            Code::Aborted => Self::Aborted,
            Code::AlreadyExists => Self::Exists,
            Code::ResourceExhausted => Self::Exhausted,
            Code::Unavailable => Self::Unavailable,
            _ => Self::Precondition,
        }
    }
}

/// A peer's no is told as the peer said it.
impl Reject for No {
    fn kind(&self) -> Kind {
        Code::from(self.code).into()
    }

    fn reason(&self) -> &str {
        &self.reason
    }

    fn retry_after(&self) -> Option<Duration> {
        self.retry_after_ms.map(Duration::from_millis)
    }
}

/// Why a command was refused: by a rule of its aggregate, or by one that holds for all of them.
#[derive(Debug, thiserror::Error)]
pub enum Refused<R> {
    /// The aggregate's rules say no.
    #[error(transparent)]
    Rule(R),
    /// The same request was here before, and its record is gone since.
    #[error("the same request was answered before: ask again with the same request_id")]
    Repeated,
    /// The request id was used before, for another request.
    #[error("this request_id was used for another request: send a new one")]
    RequestIdReused,
    /// The aggregate is not the one that the caller saw.
    #[error("it has changed since: read it again and send its etag")]
    EtagMismatch,
    /// The caller stops waiting before another context could be asked.
    #[error("nothing happened: the deadline leaves no time to ask another context, give it more")]
    NoTime,
    /// It waits for the answer to a question that another request has led to.
    #[error("nothing happened: it waits for another context, try again soon")]
    Asking,
}

impl<R: Reject> Reject for Refused<R> {
    fn kind(&self) -> Kind {
        match self {
            Self::Rule(rule) => rule.kind(),
            Self::RequestIdReused => Kind::Invalid,
            Self::Repeated | Self::EtagMismatch | Self::Asking => Kind::Aborted,
            Self::NoTime => Kind::Late,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Rule(rule) => rule.reason(),
            Self::Repeated => "REQUEST_REPEATED",
            Self::RequestIdReused => "REQUEST_ID_REUSED",
            Self::EtagMismatch => "ETAG_MISMATCH",
            Self::NoTime => "DEADLINE_TOO_SHORT",
            Self::Asking => "STILL_ASKING",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Rule(rule) => rule.retry_after(),
            Self::Repeated | Self::Asking => Some(SOON),
            Self::RequestIdReused | Self::EtagMismatch | Self::NoTime => None,
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Rule(rule) => rule.field(),
            Self::RequestIdReused => Some("request_id"),
            Self::EtagMismatch => Some("etag"),
            Self::Repeated | Self::NoTime | Self::Asking => None,
        }
    }
}

/// What a caller is told when a rule says no.
pub fn refusal(no: &impl Reject) -> Refusal {
    let (kind, message) = (no.kind(), no.to_string());
    let mut refusal = Refusal::new(kind.into(), no.reason(), message.clone());
    if kind == Kind::Precondition {
        refusal = refusal.precondition(no.reason(), DOMAIN, message.clone());
    }
    if let Some(field) = no.field().filter(|_| kind == Kind::Invalid) {
        refusal = refusal.violation(field, no.reason(), message);
    }
    match no.retry_after() {
        Some(delay) => refusal.retry_after(delay),
        None => refusal,
    }
}

/// What a caller is told when a unit of work came to nothing.
pub fn refused<R: Reject>(failure: Failure<R>) -> Status {
    match failure {
        Failure::Rejected(no) => refusal(&no).into(),
        Failure::Raced => contended(),
        Failure::Database(error) => unavailable(&error),
        Failure::Ambiguous(error) => unknown(&error),
        Failure::Inconsistent(what) | Failure::Panicked(what) => bug(&what),
        Failure::Starting => away("STARTING", "this process is starting: try again soon"),
        Failure::Stopping => stopping(),
    }
}

/// What a caller is told whose process goes away.
pub fn stopping() -> Status {
    away("STOPPING", "this process is going away: try again")
}

/// What a caller is told when work failed that no rule can refuse.
pub fn failed(failure: Failure<Never>) -> Status {
    refused(failure)
}

/// What a caller is told of a row that is no state.
pub fn inconsistent(what: String) -> Status {
    failed(Failure::Inconsistent(what))
}

/// What a caller is told when the database could not be read.
pub(crate) fn unread(error: sea_orm::DbErr) -> Status {
    failed(Failure::Database(error))
}

/// What a caller is told who asks for a context that is somewhere else.
pub(crate) fn not_here(context: &str) -> Status {
    let said = format!("this process does not serve `{context}`: ask the one that does");
    Refusal::new(Code::NotFound, "CONTEXT_NOT_HERE", said).into()
}

impl Reject for Never {
    fn kind(&self) -> Kind {
        match *self {}
    }

    fn reason(&self) -> &str {
        match *self {}
    }
}

/// What a caller is told of a bug: an id, under which the log says what happened.
pub fn bug(what: &str) -> Status {
    let id = clock::new_id();
    tracing::error!(error.id = %id, what, "this is a bug");
    Refusal::new(Code::Internal, "BUG", format!("this is our fault; quote {id} when you report it"))
        .metadata("error_id", id)
        .into()
}

/// The database refused to choose between concurrent units, again and again. Nothing was written.
fn contended() -> Status {
    Refusal::new(Code::Aborted, "CONTENTION", "too many change this at once: try again")
        .retry_after(Duration::from_millis(100))
        .into()
}

fn unavailable(error: &sea_orm::DbErr) -> Status {
    tracing::error!(%error, "the database failed");
    if is_full(error) {
        let said = "nothing happened: the database has no room left, try again when there is some";
        return away("DATABASE_FULL", said);
    }
    away("DATABASE_UNAVAILABLE", "nothing happened: the database can't be reached, try again soon")
}

/// Not `UNAVAILABLE`, which would promise that nothing happened.
fn unknown(error: &sea_orm::DbErr) -> Status {
    tracing::error!(%error, "a commit was not answered");
    let said = "it may have happened or not: repeat it with the same request_id";
    Refusal::new(Code::Unknown, "OUTCOME_UNKNOWN", said).retry_after(SOON).into()
}

/// Something has begun, and what comes of it could not be written down yet.
pub(crate) fn undecided() -> Status {
    let said = "it has begun and is not decided: repeat it with the same request_id";
    Refusal::new(Code::Unknown, "OUTCOME_UNKNOWN", said).retry_after(SOON).into()
}

fn away(reason: &'static str, message: &'static str) -> Status {
    Refusal::new(Code::Unavailable, reason, message).retry_after(SOON).into()
}

#[cfg(test)]
mod tests {
    use jangteo::errors::reason;
    use sea_orm::DbErr;
    use tonic_types::{ErrorDetails, StatusExt};

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("it is sold")]
    struct No(Kind);

    impl Reject for No {
        fn kind(&self) -> Kind {
            self.0
        }

        fn reason(&self) -> &'static str {
            "POST_SOLD"
        }

        fn retry_after(&self) -> Option<Duration> {
            (self.0 == Kind::Aborted).then_some(Duration::from_secs(3))
        }

        fn field(&self) -> Option<&'static str> {
            Some("price_krw")
        }
    }

    fn told(kind: Kind) -> (Status, ErrorDetails) {
        let status = refused(Failure::Rejected(No(kind)));
        let details = status.get_error_details();
        (status, details)
    }

    #[test]
    fn each_kind_has_its_own_code() {
        let codes = [
            (Kind::Invalid, Code::InvalidArgument),
            (Kind::NotFound, Code::NotFound),
            (Kind::Forbidden, Code::PermissionDenied),
            (Kind::Precondition, Code::FailedPrecondition),
            (Kind::Aborted, Code::Aborted),
            (Kind::Exists, Code::AlreadyExists),
            (Kind::Exhausted, Code::ResourceExhausted),
            (Kind::Unavailable, Code::Unavailable),
        ];
        for (kind, code) in codes {
            let (status, _) = told(kind);
            assert_eq!((status.code(), status.message()), (code, "it is sold"), "{kind:?}");
            assert_eq!(reason(&status).as_deref(), Some("POST_SOLD"), "{kind:?}");
        }
    }

    #[test]
    fn a_precondition_says_what_must_be_true_first() {
        let (_, details) = told(Kind::Precondition);
        let unmet = &details.precondition_failure().unwrap().violations[0];
        assert_eq!(
            (unmet.r#type.as_str(), unmet.description.as_str()),
            ("POST_SOLD", "it is sold")
        );
        assert!(told(Kind::NotFound).1.precondition_failure().is_none());
    }

    #[test]
    fn an_invalid_request_is_told_its_field() {
        let (_, details) = told(Kind::Invalid);
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, "price_krw");
        assert!(told(Kind::Exists).1.bad_request().is_none());
    }

    #[test]
    fn a_rejection_says_when_to_try_again_if_it_knows() {
        let delay = |kind| told(kind).1.retry_info().and_then(|info| info.retry_delay);
        assert_eq!(delay(Kind::Aborted), Some(Duration::from_secs(3)));
        assert_eq!(delay(Kind::Exhausted), None);
    }

    #[test]
    fn rules_of_all_aggregates_have_codes_of_their_own() {
        let reused = refused(Failure::Rejected(Refused::<No>::RequestIdReused));
        assert_eq!(reused.code(), Code::InvalidArgument);
        assert_eq!(reason(&reused).as_deref(), Some("REQUEST_ID_REUSED"));
        let stale = refused(Failure::Rejected(Refused::<No>::EtagMismatch));
        assert_eq!(stale.code(), Code::Aborted);
        assert_eq!(reason(&stale).as_deref(), Some("ETAG_MISMATCH"));
        let rule = refused(Failure::Rejected(Refused::Rule(No(Kind::Exists))));
        assert_eq!((rule.code(), rule.message()), (Code::AlreadyExists, "it is sold"));
    }

    #[test]
    fn failures_are_not_the_callers_fault() {
        let database = || DbErr::Custom("disk on fire".to_owned());
        let cases = [
            (Failure::Raced, Code::Aborted, "CONTENTION"),
            (Failure::Database(database()), Code::Unavailable, "DATABASE_UNAVAILABLE"),
            (Failure::Ambiguous(database()), Code::Unknown, "OUTCOME_UNKNOWN"),
            (Failure::Inconsistent("row 7".to_owned()), Code::Internal, "BUG"),
            (Failure::Panicked("index".to_owned()), Code::Internal, "BUG"),
            (Failure::Starting, Code::Unavailable, "STARTING"),
            (Failure::Stopping, Code::Unavailable, "STOPPING"),
        ];
        for (failure, code, because) in cases {
            let status = failed(failure);
            assert_eq!((status.code(), reason(&status).as_deref()), (code, Some(because)));
            let retries = status.get_details_retry_info().is_some();
            assert_eq!(retries, code != Code::Internal, "{because}");
        }
    }

    #[test]
    fn what_went_wrong_inside_stays_inside() {
        for failure in [
            Failure::Inconsistent("secret".to_owned()),
            Failure::Ambiguous(DbErr::Custom("secret".to_owned())),
        ] {
            let status = failed(failure);
            assert!(!format!("{status:?}").contains("secret"), "{status:?}");
        }
    }
}
