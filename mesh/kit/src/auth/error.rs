//! What is wrong with tokens and keys.

use std::{fmt, path::Path};

use jangteo::errors::Refusal;
use tonic::{Code, Status};

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is none, and one is needed.
    #[error("sign in: send `authorization: Bearer <token>`")]
    Missing,
    /// It can't be trusted, whatever the time.
    #[error("the token is refused: {0}; get a new one from the issuer")]
    Invalid(&'static str),
    /// It was good until its `exp`.
    #[error("the token has expired: get a new one from the issuer")]
    Expired,
    /// It will be good from its `nbf`.
    #[error("the token is not valid yet: use it from its `nbf` on, or set your clock")]
    NotYetValid,
}

impl TokenError {
    fn reason(self) -> &'static str {
        match self {
            Self::Missing => "TOKEN_MISSING",
            Self::Invalid(_) => "TOKEN_INVALID",
            Self::Expired => "TOKEN_EXPIRED",
            Self::NotYetValid => "TOKEN_NOT_YET_VALID",
        }
    }
}

impl From<TokenError> for Status {
    fn from(error: TokenError) -> Self {
        Refusal::new(Code::Unauthenticated, error.reason(), error.to_string()).into()
    }
}

/// A key, a set of keys or a token file that a process needs and can't use.
#[derive(Debug, thiserror::Error)]
#[error("{what}; {advice}")]
pub struct KeyError {
    what: String,
    advice: &'static str,
}

impl KeyError {
    /// What is wrong with a file, and what to do about it.
    pub(super) fn file(path: &Path, what: impl fmt::Display, advice: &'static str) -> Self {
        Self { what: format!("{}: {what}", path.display()), advice }
    }

    /// What is wrong with the settings, and what to do about it.
    pub(super) fn settings(what: impl fmt::Display, advice: &'static str) -> Self {
        Self { what: what.to_string(), advice }
    }
}
