//! The two issuers, and what each may say of a caller.

use std::{fs, path::Path, sync::Arc};

use super::{
    Caller, KeyError, TokenError,
    claims::{self, Claims, Unverified},
    dev, identity,
    keys::KeySet,
    reread::Reread,
};
use crate::config::{self, ServiceAccount};

/// How Kubernetes begins the subject of a service account's token.
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";
const JWKS: &str = "give the path of a JWK set with the issuer's public keys";

/// Somebody whose tokens are believed.
#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) name: String,
    says: Says,
    keys: Keys,
}

/// What an issuer's tokens speak of.
#[derive(Debug)]
enum Says {
    Users,
    /// With a namespace: its service accounts, and no other subjects. A cluster's issuer signs for
    /// all of its namespaces, and in any of them somebody may be called `deal`.
    Services {
        namespace: Option<String>,
        accounts: ServiceAccount,
    },
}

#[derive(Debug)]
enum Keys {
    Local(Arc<KeySet>),
    File(Reread<KeySet>),
}

impl Issuer {
    /// The issuer of people's tokens.
    pub(super) fn users(auth: &config::Auth, local: Option<&dev::Keys>) -> Result<Self, KeyError> {
        Self::of(Says::Users, auth.users.as_ref(), local.map(|keys| &keys.users))
    }

    /// The issuer of services' tokens.
    pub(super) fn services(
        auth: &config::Auth,
        local: Option<&dev::Keys>,
    ) -> Result<Self, KeyError> {
        let own = auth.services.as_ref().and(auth.service_token_file.as_deref());
        let namespace = own.map(namespace).transpose()?.flatten();
        let says = Says::Services { namespace, accounts: auth.service_account.clone() };
        Self::of(says, auth.services.as_ref(), local.map(|keys| &keys.services))
    }

    fn of(
        says: Says,
        configured: Option<&config::Issuer>,
        local: Option<&dev::Key>,
    ) -> Result<Self, KeyError> {
        match (configured, local) {
            (Some(issuer), _) => {
                let keys = Keys::File(Reread::open(&issuer.jwks, KeySet::parse, JWKS)?);
                Ok(Self { name: issuer.name.clone(), says, keys })
            }
            (None, Some(key)) => {
                let keys = Keys::Local(Arc::new(key.public()));
                Ok(Self { name: key.issuer().to_owned(), says, keys })
            }
            (None, None) => Err(KeyError::settings("no issuer", JWKS)),
        }
    }

    /// Its keys at `now`, in seconds since 1970.
    pub(super) fn keys(&self, now: u64) -> Arc<KeySet> {
        match &self.keys {
            Keys::Local(keys) => keys.clone(),
            Keys::File(file) => file.get(now),
        }
    }

    /// Believes a token that one of its keys has signed. Its times are still to be checked.
    pub(super) fn believe(
        &self,
        token: &Unverified<'_>,
        keys: &KeySet,
    ) -> Result<(Caller, Claims), TokenError> {
        let key = keys
            .select(token.header.kid.as_deref())
            .ok_or(TokenError::Invalid("its key (`kid`) is none of its issuer's"))?;
        if token.header.alg != key.alg() {
            return Err(TokenError::Invalid("its algorithm (`alg`) is not that of its key"));
        }
        if !key.verifies(token.message, token.signature) {
            return Err(TokenError::Invalid("its signature is wrong"));
        }
        let mut claims = token.claims()?;
        claims.check()?;
        Ok((self.caller(&mut claims)?, claims))
    }

    fn caller(&self, claims: &mut Claims) -> Result<Caller, TokenError> {
        match &self.says {
            Says::Users => {
                claims::person(&claims.sub)?;
                let roles = std::mem::take(&mut claims.roles);
                Ok(Caller::User { subject: claims.sub.clone(), roles })
            }
            Says::Services { namespace, accounts } => {
                let context = context(&claims.sub, namespace.as_deref(), accounts)?;
                Ok(Caller::Service { context: context.to_owned() })
            }
        }
    }
}

/// The namespace of this process's own service account, if it has one: the other contexts are there.
fn namespace(own: &Path) -> Result<Option<String>, KeyError> {
    let failed = |what: String| KeyError::file(own, what, identity::ADVICE);
    let text = fs::read_to_string(own).map_err(|error| failed(error.to_string()))?;
    let claims = Unverified::read(text.trim()).and_then(|token| token.claims());
    let subject = claims.map_err(|error| failed(error.to_string()))?.sub;
    let account = subject.strip_prefix(SERVICE_ACCOUNT).and_then(|rest| rest.split_once(':'));
    Ok(account.map(|(namespace, _)| namespace.to_owned()))
}

/// The context that a service's subject names.
fn context<'a>(
    subject: &'a str,
    namespace: Option<&str>,
    accounts: &ServiceAccount,
) -> Result<&'a str, TokenError> {
    let name = match namespace {
        None => subject,
        Some(namespace) => subject
            .strip_prefix(SERVICE_ACCOUNT)
            .and_then(|rest| rest.strip_prefix(namespace))
            .and_then(|rest| rest.strip_prefix(':'))
            .and_then(|account| accounts.context(account))
            .ok_or(TokenError::Invalid("its subject (`sub`) is no service account of this mesh"))?,
    };
    claims::context(name)?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_account_of_the_own_namespace_is_a_context() {
        let usual = ServiceAccount::default();
        let of = |subject| context(subject, Some("market"), &usual);
        assert_eq!(of("system:serviceaccount:market:deal"), Ok("deal"));
        for stranger in [
            "system:serviceaccount:other:deal",
            "system:serviceaccount:marketplace:deal",
            "system:serviceaccount:market:a:deal",
            "system:serviceaccount:market:",
            "system:serviceaccount:deal",
            "deal",
        ] {
            assert!(of(stranger).is_err(), "{stranger}");
        }
    }

    #[test]
    fn without_a_namespace_no_service_account_is_a_context() {
        let usual = ServiceAccount::default();
        assert_eq!(context("deal", None, &usual), Ok("deal"));
        assert!(context("system:serviceaccount:market:deal", None, &usual).is_err());
    }

    #[test]
    fn service_accounts_are_called_as_the_setting_says() {
        let accounts: ServiceAccount = "market-{context}".parse().unwrap();
        let of = |subject| context(subject, Some("ns"), &accounts);
        assert_eq!(of("system:serviceaccount:ns:market-deal"), Ok("deal"));
        for stranger in ["system:serviceaccount:ns:deal", "system:serviceaccount:ns:other-deal"] {
            assert!(of(stranger).is_err(), "{stranger}");
        }
    }
}
