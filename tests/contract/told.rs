//! What an error says, and what every error must say.

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// What programs read of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) code: Code,
    pub(super) reason: String,
    /// The fields at fault with their reasons, sorted.
    fields: Vec<(String, String)>,
}

/// An error that blames no field.
pub(super) fn refused(code: Code, reason: &str) -> Told {
    Told { code, reason: reason.to_owned(), fields: Vec::new() }
}

/// An error that blames these fields of the request.
pub(super) fn invalid(mut fields: Vec<(String, String)>) -> Told {
    fields.sort();
    Told { code: Code::InvalidArgument, reason: "FIELD_INVALID".to_owned(), fields }
}

/// Reads an error; fails where it lacks what errors of its kind must have.
pub(super) fn told(status: &Status) -> Result<Told, String> {
    let details = status.get_error_details();
    match lacking(status, &details) {
        Some(what) => Err(format!("{what}: {status:?}")),
        None => Ok(read(status, &details)),
    }
}

fn read(status: &Status, details: &ErrorDetails) -> Told {
    let reason = details.error_info().map_or("", |info| &info.reason).to_owned();
    let violations = details.bad_request().map(|it| it.field_violations.as_slice());
    let violations = violations.unwrap_or_default().iter();
    let mut fields: Vec<_> = violations.map(|it| (it.field.clone(), it.reason.clone())).collect();
    fields.sort();
    Told { code: status.code(), reason, fields }
}

/// What an error should say and does not.
fn lacking(status: &Status, details: &ErrorDetails) -> Option<&'static str> {
    let code = status.code();
    let info = details.error_info().filter(|info| is_upper_snake(&info.reason));
    let fields = details.bad_request().map(|it| it.field_violations.as_slice()).unwrap_or_default();
    let waiting_helps = details.retry_info().is_some_and(|it| it.retry_delay.is_some());
    let unmet = details.precondition_failure().is_some_and(|it| !it.violations.is_empty());
    // A message does not become smaller by waiting.
    let too_large = info.is_some_and(|it| it.reason == "MESSAGE_TOO_LARGE");
    let checks = [
        (!matches!(code, Code::Internal | Code::Unknown | Code::DataLoss), "it is our fault"),
        (!status.message().is_empty(), "nothing for people"),
        (info.is_some_and(|info| info.domain == "jangteo.dev"), "no ErrorInfo of ours"),
        (fields.iter().all(|it| is_upper_snake(&it.reason)), "a violation without a reason"),
        (fields.iter().all(|it| !it.field.is_empty()), "a violation without a field"),
        (fields.iter().all(|it| !it.description.is_empty()), "a violation without words"),
        (fields.is_empty() || code == Code::InvalidArgument, "fields blamed with another code"),
        (info.is_none_or(|it| it.reason != "FIELD_INVALID") || !fields.is_empty(), "no BadRequest"),
        (code != Code::Unavailable || waiting_helps, "no RetryInfo"),
        (code != Code::ResourceExhausted || waiting_helps || too_large, "no RetryInfo"),
        (code != Code::FailedPrecondition || unmet, "no PreconditionFailure"),
    ];
    checks.into_iter().find(|(holds, _)| !holds).map(|(_, what)| what)
}

pub(super) fn is_upper_snake(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(fits)
}

#[test]
fn an_error_without_its_details_is_noticed() {
    use jangteo::errors::Refusal;
    let bare = |code| Status::from(Refusal::new(code, "SOME_REASON", "some words"));
    assert_eq!(told(&bare(Code::NotFound)), Ok(refused(Code::NotFound, "SOME_REASON")));
    for code in [
        Code::Unavailable,
        Code::ResourceExhausted,
        Code::FailedPrecondition,
        Code::Internal,
        Code::Unknown,
    ] {
        assert!(told(&bare(code)).is_err(), "{code:?}");
    }
    let cases = [
        Refusal::new(Code::NotFound, "lower", "words"),
        Refusal::new(Code::NotFound, "SOME_REASON", ""),
        Refusal::new(Code::InvalidArgument, "FIELD_INVALID", "words"),
        Refusal::new(Code::NotFound, "SOME_REASON", "words").violation("id", "NO", "words"),
        Refusal::new(Code::InvalidArgument, "SOME_REASON", "words").violation("", "NO", "words"),
    ];
    for flawed in cases {
        assert!(told(&Status::from(flawed.clone())).is_err(), "{flawed:?}");
    }
    assert!(told(&Status::not_found("without any details")).is_err());
}
