//! Verifies tokens.

use std::sync::Arc;

use http::HeaderMap;
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use super::{
    Caller, KeyError, TokenError, bearer,
    claims::{Unverified, timely},
    issuer::Issuer,
    keys::KeySet,
};

/// How many verified tokens are remembered.
const REMEMBERED: u64 = 10_000;

/// Tells callers by their tokens.
#[derive(Debug)]
pub struct Verifier {
    users: Issuer,
    services: Issuer,
    seen: Cache<[u8; 32], Arc<Verified>>,
}

/// What a token is worth, as long as its issuer's keys are the same.
#[derive(Debug)]
struct Verified {
    caller: Caller,
    nbf: u64,
    exp: u64,
    service: bool,
    keys: Arc<KeySet>,
}

impl Verifier {
    pub(super) fn new(users: Issuer, services: Issuer) -> Result<Self, KeyError> {
        if users.name == services.name {
            return Err(KeyError::settings(
                format!("{} is the issuer of users and of services", users.name),
                "give services an issuer of their own: the issuer tells them from people",
            ));
        }
        Ok(Self { users, services, seen: Cache::new(REMEMBERED) })
    }

    /// Who sent a request with these headers, at `now` in seconds since 1970. A token that is there
    /// must be good, even where none is needed.
    pub fn identify(&self, headers: &HeaderMap, now: u64) -> Result<Caller, TokenError> {
        match bearer::token(headers)? {
            Some(token) => self.verify(token, now),
            None => Ok(Caller::Anonymous),
        }
    }

    /// Whom a token speaks for, at `now` in seconds since 1970.
    pub fn verify(&self, token: &str, now: u64) -> Result<Caller, TokenError> {
        let id = Sha256::digest(token).into();
        let verified = if let Some(seen) = self.remembered(&id, now) {
            seen
        } else {
            let verified = Arc::new(self.examine(token, now)?);
            self.seen.insert(id, verified.clone());
            verified
        };
        match timely(verified.nbf, verified.exp, now) {
            Ok(()) => Ok(verified.caller.clone()),
            Err(error) => {
                self.seen.invalidate(&id);
                Err(error)
            }
        }
    }

    /// What was found earlier, if it was found with the keys of today.
    fn remembered(&self, id: &[u8; 32], now: u64) -> Option<Arc<Verified>> {
        let seen = self.seen.get(id)?;
        let issuer = if seen.service { &self.services } else { &self.users };
        Arc::ptr_eq(&seen.keys, &issuer.keys(now)).then_some(seen)
    }

    /// Everything but the time.
    fn examine(&self, token: &str, now: u64) -> Result<Verified, TokenError> {
        let token = Unverified::read(token)?;
        let issuer = self.issuer(&token.issuer()?)?;
        let keys = issuer.keys(now);
        let (caller, claims) = issuer.believe(&token, &keys)?;
        let service = matches!(caller, Caller::Service { .. });
        Ok(Verified { caller, nbf: claims.nbf, exp: claims.exp, service, keys })
    }

    fn issuer(&self, name: &str) -> Result<&Issuer, TokenError> {
        [&self.users, &self.services]
            .into_iter()
            .find(|issuer| issuer.name == name)
            .ok_or(TokenError::Invalid("its issuer (`iss`) is not trusted here"))
    }
}
