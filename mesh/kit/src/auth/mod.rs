//! Who calls, and whether he may.
//!
//! A caller is what a verified token says: a person by the issuer of people's tokens, a context by
//! the issuer of services' tokens, never by a claim. On a laptop both issuers are local keys
//! ([`dev`]); in a cluster they are JWKS files that are read again when they change, and that a process
//! fetches itself where it is told a URL.

#[cfg(test)]
mod attacks;
mod bearer;
mod caller;
mod claims;
pub mod dev;
mod error;
mod fetch;
mod identity;
mod issuer;
mod keys;
mod permit;
mod reread;
#[cfg(test)]
mod sample;
mod verify;

use std::path::{Path, PathBuf};

use crate::config;

pub use caller::Caller;
pub use error::{KeyError, TokenError};
pub(crate) use fetch::keep;
pub use identity::ServiceIdentity;
pub use permit::permit;
pub use verify::Verifier;

/// What every token must be meant for.
pub const AUDIENCE: &str = "jangteo";

/// The role of those who run the market.
pub const OPERATOR: &str = "operator";

/// Opens the keys that a process trusts and its own identity. Where an issuer is not configured,
/// local development keys take its place, made on the first start.
pub fn open(auth: &config::Auth, data_dir: &Path) -> Result<(Verifier, ServiceIdentity), KeyError> {
    let local = match (&auth.users, &auth.services) {
        (Some(_), Some(_)) => None,
        _ => Some(local_keys(&key_dir(auth, data_dir))?),
    };
    let users = issuer::Issuer::users(auth, local.as_ref())?;
    let services = issuer::Issuer::services(auth, local.as_ref())?;
    let identity = ServiceIdentity::open(auth, local)?;
    Ok((Verifier::new(users, services)?, identity))
}

fn local_keys(dir: &Path) -> Result<dev::Keys, KeyError> {
    tracing::info!(dir = %dir.display(), "who holds the local development keys can sign in as anybody");
    dev::Keys::open(dir)
}

/// Where the local development keys are.
pub fn key_dir(auth: &config::Auth, data_dir: &Path) -> PathBuf {
    auth.key_dir.clone().unwrap_or_else(|| data_dir.join("keys"))
}
