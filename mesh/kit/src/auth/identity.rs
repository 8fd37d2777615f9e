//! Who this process is to others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{KeyError, TokenError, dev, reread::Reread};
use crate::config;

/// How long a token of the local key is good.
const LIFETIME: Duration = Duration::from_mins(10);
/// It is renewed when it is so old.
const RENEWAL: Duration = Duration::from_mins(5);

/// What to do about a token file that is of no use.
pub(super) const ADVICE: &str = "mount the process's own service token there, audience `jangteo`";

/// The identity of this process in its calls to others. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ServiceIdentity(Arc<Source>);

#[derive(Debug)]
enum Source {
    /// One token for the process, which whoever runs it keeps fresh.
    File(Reread<String>),
    /// Tokens by context, signed here.
    Local { keys: Box<dev::Keys>, cache: Mutex<HashMap<String, Issued>> },
}

#[derive(Clone, Debug)]
struct Issued {
    token: String,
    renew_at: u64,
}

impl ServiceIdentity {
    pub(super) fn open(auth: &config::Auth, local: Option<dev::Keys>) -> Result<Self, KeyError> {
        let source = match (&auth.service_token_file, &auth.services, local) {
            (Some(file), ..) => Source::File(Reread::open(file, token, ADVICE)?),
            (None, None, Some(keys)) => {
                Source::Local { keys: Box::new(keys), cache: Mutex::default() }
            }
            (None, ..) => {
                return Err(KeyError::settings(
                    "there is an issuer for services, and no token of this process",
                    "set JANGTEO_SERVICE_TOKEN_FILE",
                ));
            }
        };
        Ok(Self(Arc::new(source)))
    }

    /// The token with which `context` calls others; good for minutes, so ask before each call.
    pub fn token(&self, context: &str) -> Result<String, TokenError> {
        self.token_at(context, dev::seconds())
    }

    fn token_at(&self, context: &str, now: u64) -> Result<String, TokenError> {
        match &*self.0 {
            Source::File(file) => Ok(file.get(now).as_ref().clone()),
            Source::Local { keys, cache } => {
                let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(issued) = cache.get(context).filter(|issued| now < issued.renew_at) {
                    return Ok(issued.token.clone());
                }
                let token = dev::service(keys, context, now, LIFETIME)?;
                let renew_at = now + RENEWAL.as_secs();
                let issued = Issued { token: token.clone(), renew_at };
                cache.insert(context.to_owned(), issued);
                Ok(token)
            }
        }
    }
}

fn token(bytes: &[u8]) -> Result<String, String> {
    let text = String::from_utf8_lossy(bytes).trim().to_owned();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it holds no token".to_owned());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File},
        time::SystemTime,
    };

    use super::*;
    use crate::{auth::Caller, config::Auth};

    const NOW: u64 = 1_000_000;

    #[test]
    fn a_token_of_the_local_key_is_kept_and_renewed_in_time() {
        let dir = tempfile::tempdir().unwrap();
        let (verifier, identity) = crate::auth::open(&Auth::default(), dir.path()).unwrap();
        let first = identity.token_at("deal", NOW).unwrap();
        assert_eq!(identity.token_at("deal", NOW + 299).unwrap(), first);
        let renewed = identity.token_at("deal", NOW + 300).unwrap();
        assert_ne!(renewed, first);
        let deal = Caller::Service { context: "deal".to_owned() };
        assert_eq!(verifier.verify(&renewed, NOW + 800), Ok(deal));
    }

    #[test]
    fn each_context_has_its_own_name() {
        let dir = tempfile::tempdir().unwrap();
        let (verifier, identity) = crate::auth::open(&Auth::default(), dir.path()).unwrap();
        for context in ["deal", "offer", "deal"] {
            let token = identity.token_at(context, NOW).unwrap();
            let caller = Caller::Service { context: context.to_owned() };
            assert_eq!(verifier.verify(&token, NOW), Ok(caller));
        }
    }

    #[test]
    fn a_token_file_is_read_again_when_it_rotates() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        let write = |text: &str, at: u64| {
            fs::write(&file, text).unwrap();
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(at);
            File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
        };
        write("first\n", 1);
        let auth = Auth { service_token_file: Some(file.clone()), ..Auth::default() };
        let (_, identity) = crate::auth::open(&auth, dir.path()).unwrap();
        assert_eq!(identity.token_at("deal", NOW).unwrap(), "first");
        write("second\n", 2);
        assert_eq!(identity.token_at("deal", NOW + 1).unwrap(), "second");
    }

    #[test]
    fn with_an_issuer_and_without_a_token_there_is_no_identity() {
        let dir = tempfile::tempdir().unwrap();
        let jwks = dir.path().join("jwks.json");
        fs::write(&jwks, super::super::sample::jwks(&[("a", 1)])).unwrap();
        let services = config::Issuer { name: "https://cluster".to_owned(), jwks, published: None };
        let auth = Auth { services: Some(services), ..Auth::default() };
        let error = crate::auth::open(&auth, dir.path()).unwrap_err().to_string();
        assert!(error.contains("JANGTEO_SERVICE_TOKEN_FILE"), "{error}");
    }
}
