//! What a token says, before and after it is believed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, de::DeserializeOwned};

use super::{AUDIENCE, TokenError};

/// How far clocks may differ, in seconds.
const LEEWAY: u64 = 5;
/// The last second of the year 9999; what lies beyond was not meant in seconds.
const LATEST: u64 = 253_402_300_799;
/// The longest subject of a person.
const LONGEST_SUBJECT: usize = 64;

/// A token taken apart; nothing in it is to be believed yet.
#[derive(Debug)]
pub(super) struct Unverified<'a> {
    pub(super) header: Header,
    /// What is signed: header and payload as they were sent.
    pub(super) message: &'a str,
    pub(super) signature: &'a str,
    payload: Vec<u8>,
}

/// The part of the header that matters. Keys that a token brings along do not.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) kid: Option<String>,
    crit: Option<serde_json::Value>,
}

/// The claims that every token must have, beside its issuer.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    pub(super) exp: u64,
    pub(super) nbf: u64,
    aud: Audience,
    #[serde(default)]
    pub(super) roles: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The one claim that is read before the signature: it says whose key to try.
#[derive(Deserialize)]
struct Issuer {
    iss: String,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart.
    pub(super) fn read(token: &'a str) -> Result<Self, TokenError> {
        let malformed = TokenError::Invalid("it is not three parts of base64url JSON");
        let (message, signature) = token.rsplit_once('.').ok_or(malformed)?;
        let (header, payload) = message.split_once('.').ok_or(malformed)?;
        let header: Header = json(header).ok_or(malformed)?;
        if header.crit.is_some() {
            return Err(TokenError::Invalid(
                "it has critical header fields that are not known here",
            ));
        }
        let payload = BASE64.decode(payload).map_err(|_| malformed)?;
        Ok(Self { header, message, signature, payload })
    }

    /// Who claims to have issued it.
    pub(super) fn issuer(&self) -> Result<String, TokenError> {
        let issuer = serde_json::from_slice(&self.payload).map(|Issuer { iss }| iss);
        issuer.map_err(|_| TokenError::Invalid("it does not name one issuer (`iss`)"))
    }

    /// What it says; to be asked for once the signature has been checked.
    pub(super) fn claims(&self) -> Result<Claims, TokenError> {
        serde_json::from_slice(&self.payload).map_err(|_| {
            TokenError::Invalid("it needs iss, sub, aud, exp and nbf, times in whole seconds")
        })
    }
}

fn json<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64.decode(part).ok()?).ok()
}

impl Claims {
    /// Checks what does not change with time.
    pub(super) fn check(&self) -> Result<(), TokenError> {
        let meant = match &self.aud {
            Audience::One(one) => one == AUDIENCE,
            Audience::Many(many) => many.iter().any(|one| one == AUDIENCE),
        };
        if !meant {
            return Err(TokenError::Invalid("its audience (`aud`) is not `jangteo`"));
        }
        if self.exp.max(self.nbf) > LATEST {
            return Err(TokenError::Invalid("its times are not in seconds since 1970"));
        }
        Ok(())
    }
}

/// Checks that a token is good at `now`, in seconds since 1970.
pub(super) fn timely(nbf: u64, exp: u64, now: u64) -> Result<(), TokenError> {
    if now >= exp.saturating_add(LEEWAY) {
        return Err(TokenError::Expired);
    }
    if now.saturating_add(LEEWAY) < nbf {
        return Err(TokenError::NotYetValid);
    }
    Ok(())
}

/// Checks the name of a person.
pub(super) fn person(subject: &str) -> Result<(), TokenError> {
    let length = subject.chars().count();
    if !(1..=LONGEST_SUBJECT).contains(&length) || subject.chars().any(char::is_control) {
        return Err(TokenError::Invalid(
            "its subject (`sub`) must be 1 to 64 printable characters",
        ));
    }
    Ok(())
}

/// Checks the name of a context: lower-case letters, digits and hyphens.
pub(super) fn context(name: &str) -> Result<(), TokenError> {
    let fine =
        |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    if !(1..=LONGEST_SUBJECT).contains(&name.len()) || !name.bytes().all(fine) {
        return Err(TokenError::Invalid("its subject (`sub`) is not the name of a context"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_from_nbf_to_exp_give_or_take_the_leeway() {
        let at = |now| timely(100, 200, now);
        assert_eq!(at(94), Err(TokenError::NotYetValid));
        assert_eq!(at(95), Ok(()));
        assert_eq!(at(204), Ok(()));
        assert_eq!(at(205), Err(TokenError::Expired));
    }

    #[test]
    fn the_largest_times_do_not_overflow() {
        assert_eq!(timely(0, u64::MAX, u64::MAX - 1), Ok(()));
        assert_eq!(timely(u64::MAX, u64::MAX, 0), Err(TokenError::NotYetValid));
    }

    #[test]
    fn people_have_short_printable_names_in_any_script() {
        for good in ["seller01", "김철수", &"가".repeat(64), "a b"] {
            assert!(person(good).is_ok(), "{good:?}");
        }
        for bad in ["", &"가".repeat(65), "a\nb", "a\u{0}", "a\u{85}"] {
            assert!(person(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn contexts_have_plain_names() {
        assert!(context("deal").is_ok());
        for bad in ["", "Deal", "a:b", "a/b", "거래", &"a".repeat(65)] {
            assert!(context(bad).is_err(), "{bad:?}");
        }
    }
}
