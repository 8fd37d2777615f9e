//! The local development keys: what a laptop has in place of issuers.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ed25519_dalek::{
    SigningKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, spki::der::pem::LineEnding},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rand::TryRngCore;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{AUDIENCE, KeyError, TokenError, claims, keys::KeySet};
use crate::clock;

/// The issuer of people's tokens on a laptop.
pub const USERS: &str = "https://users.jangteo.local";
/// The issuer of services' tokens on a laptop.
pub const SERVICES: &str = "https://services.jangteo.local";

const ADVICE: &str = "make it a folder and files that this user can read and write, or delete the file: a new key is made, older tokens end";

/// The local development keys of a data directory.
#[derive(Clone, Debug)]
pub struct Keys {
    pub(super) users: Key,
    pub(super) services: Key,
}

/// The private key of a local issuer.
#[derive(Clone)]
pub(super) struct Key {
    issuer: &'static str,
    key: SigningKey,
}

impl Keys {
    /// Opens the keys of a folder; makes them where there are none. Processes that start at once
    /// agree on one.
    pub fn open(dir: &Path) -> Result<Self, KeyError> {
        let users = Key::open(USERS, &dir.join("user.pem"))?;
        let services = Key::open(SERVICES, &dir.join("service.pem"))?;
        Ok(Self { users, services })
    }
}

/// Makes a person's token, good from now on.
pub fn sign_user(
    keys: &Keys,
    subject: &str,
    roles: &[String],
    lifetime: Duration,
) -> Result<String, TokenError> {
    claims::person(subject)?;
    Ok(keys.users.sign(subject, roles, seconds(), lifetime))
}

/// Makes a context's token, good from now on.
pub fn sign_service(keys: &Keys, context: &str, lifetime: Duration) -> Result<String, TokenError> {
    service(keys, context, seconds(), lifetime)
}

/// The same, good from `now` on, in seconds since 1970.
pub(super) fn service(
    keys: &Keys,
    context: &str,
    now: u64,
    lifetime: Duration,
) -> Result<String, TokenError> {
    claims::context(context)?;
    Ok(keys.services.sign(context, &[], now, lifetime))
}

/// Seconds since 1970.
pub(super) fn seconds() -> u64 {
    u64::try_from(clock::now_ms() / 1000).unwrap_or(0)
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    nbf: u64,
    exp: u64,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    roles: &'a [String],
}

impl Key {
    fn open(issuer: &'static str, path: &Path) -> Result<Self, KeyError> {
        let failed = |error: io::Error| KeyError::file(path, error, ADVICE);
        let pem = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create(path).and_then(|()| fs::read_to_string(path)).map_err(failed)?
            }
            read => read.map_err(failed)?,
        };
        let key = SigningKey::from_pkcs8_pem(&pem)
            .map_err(|_| KeyError::file(path, "not an Ed25519 key in PKCS#8 PEM", ADVICE))?;
        Ok(Self { issuer, key })
    }

    pub(super) fn issuer(&self) -> &'static str {
        self.issuer
    }

    /// What others verify its tokens with.
    pub(super) fn public(&self) -> KeySet {
        KeySet::one(self.kid(), &self.key.verifying_key())
    }

    /// Names the key by what it is, so that a token of an earlier key is told as such.
    fn kid(&self) -> String {
        let digest = Sha256::digest(self.key.verifying_key().as_bytes());
        BASE64.encode(&digest[..9])
    }

    pub(super) fn sign(&self, sub: &str, roles: &[String], now: u64, lifetime: Duration) -> String {
        let exp = now.saturating_add(lifetime.as_secs());
        let claims = Claims { iss: self.issuer, aud: AUDIENCE, sub, nbf: now, exp, roles };
        let header = Header { kid: Some(self.kid()), ..Header::new(Algorithm::EdDSA) };
        let der = self.key.to_pkcs8_der().expect("an Ed25519 key has a DER form");
        encode(&header, &claims, &EncodingKey::from_ed_der(der.as_bytes()))
            .expect("plain claims and an Ed25519 key make a token")
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// Makes a key and puts it where nobody else has put one: whole or not at all, and never over
/// another's.
fn create(path: &Path) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let draft = path.with_extension(format!("{}.tmp", clock::new_id()));
    let placed = write(&draft, &generate()).and_then(|()| place(&draft, path));
    let removed = fs::remove_file(&draft);
    placed.and(removed)?;
    File::open(dir)?.sync_all()
}

fn write(draft: &Path, key: &SigningKey) -> io::Result<()> {
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(io::Error::other)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()
}

fn place(draft: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

fn generate() -> SigningKey {
    let mut seed = [0; 32];
    rand::rngs::OsRng.try_fill_bytes(&mut seed).expect("the system has randomness");
    SigningKey::from_bytes(&seed)
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt, sync::Barrier, thread};

    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_can_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let keys = dir.path().join("keys");
        let first = Keys::open(&keys).unwrap();
        let again = Keys::open(&keys).unwrap();
        assert_eq!(first.users.kid(), again.users.kid());
        assert_ne!(first.users.kid(), first.services.kid());
        for file in ["user.pem", "service.pem"] {
            let mode = fs::metadata(keys.join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        assert_eq!(fs::read_dir(&keys).unwrap().count(), 2, "nothing else is left behind");
    }

    #[test]
    fn those_who_start_at_once_agree() {
        let dir = tempfile::tempdir().unwrap();
        let together = Barrier::new(8);
        let kids: Vec<String> = thread::scope(|scope| {
            let start = || {
                together.wait();
                Keys::open(dir.path()).unwrap().users.kid()
            };
            let all: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(kids.iter().all(|kid| *kid == kids[0]), "{kids:?}");
    }

    #[test]
    fn a_broken_key_is_named_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("user.pem");
        fs::write(&path, "not a key").unwrap();
        let error = Keys::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("user.pem") && error.contains("delete"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "not a key");
    }

    #[test]
    fn an_unreadable_key_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("service.pem")).unwrap();
        let error = Keys::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("service.pem"), "{error}");
    }

    #[test]
    fn a_key_does_not_show_itself() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::open(dir.path()).unwrap();
        let secret = format!("{:?}", keys.users.key.to_bytes());
        assert!(!format!("{keys:?}").contains(&secret));
        assert!(format!("{keys:?}").len() < 200, "{keys:?}");
    }

    #[test]
    fn names_that_no_token_may_carry_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::open(dir.path()).unwrap();
        assert!(sign_user(&keys, "", &[], Duration::from_mins(1)).is_err());
        assert!(sign_service(&keys, "Deal", Duration::from_mins(1)).is_err());
    }
}
