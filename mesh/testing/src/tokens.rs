//! Bearer tokens, good ones and any kind of bad ones.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ed25519_dalek::{SigningKey, pkcs8::DecodePrivateKey as _};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use crate::until::within;

/// Who signs for people on a laptop.
pub const USER_ISSUER: &str = "https://users.jangteo.local";
/// Who signs for services on a laptop.
pub const SERVICE_ISSUER: &str = "https://services.jangteo.local";
/// For whom all tokens are.
pub const AUDIENCE: &str = "jangteo";

/// Signs whatever it is given.
#[derive(Clone, Debug)]
pub struct Signer {
    key: EncodingKey,
    algorithm: Algorithm,
}

impl Signer {
    /// Signs `EdDSA` with a PKCS#8 private key.
    pub fn ed25519(pem: &str) -> Result<Self> {
        Ok(Self { key: EncodingKey::from_ed_pem(pem.as_bytes())?, algorithm: Algorithm::EdDSA })
    }

    /// Signs `RS256` with a private key.
    pub fn rsa(pem: &str) -> Result<Self> {
        Ok(Self { key: EncodingKey::from_rsa_pem(pem.as_bytes())?, algorithm: Algorithm::RS256 })
    }

    /// Signs `HS256`; with somebody's public key as the secret it is an old attack.
    pub fn hmac(secret: &[u8]) -> Self {
        Self { key: EncodingKey::from_secret(secret), algorithm: Algorithm::HS256 }
    }

    /// The header of an honest token.
    pub fn header(&self) -> Value {
        json!({ "typ": "JWT", "alg": self.algorithm })
    }

    /// The token of these claims, with an honest header.
    pub fn token(&self, claims: &Value) -> String {
        self.sign(&self.header(), claims)
    }

    /// The token of any header and claims, sensible or not; the signature is good.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let content = content(header, claims);
        let signature = crypto::sign(content.as_bytes(), &self.key, self.algorithm)
            .expect("the key was made for the algorithm");
        format!("{content}.{signature}")
    }
}

/// A token without a signature.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.", content(header, claims))
}

/// Good claims for the next hour, to be spoilt where a test wants to.
pub fn claims(issuer: &str, subject: &str) -> Value {
    let now = now();
    json!({
        "iss": issuer, "sub": subject, "aud": AUDIENCE,
        "iat": now, "nbf": now, "exp": now + 3600,
    })
}

/// Seconds since 1970.
pub fn now() -> i64 {
    jsonwebtoken::get_current_timestamp().try_into().expect("the year 292 277 026 596 is far")
}

fn content(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{header}.{claims}")
}

/// The local development keys of a node.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Signs for people.
    pub users: Signer,
    /// Signs for services.
    pub services: Signer,
    user_public: Vec<u8>,
    service_public: Vec<u8>,
}

impl Keys {
    /// Reads them, once a node has written them.
    pub async fn open(dir: impl AsRef<Path>) -> Result<Self> {
        let dir = dir.as_ref();
        let read = || async { Self::read(dir).ok() };
        match within(Duration::from_secs(20), read).await {
            Some(keys) => Ok(keys),
            None => Self::read(dir),
        }
    }

    /// A person's token.
    pub fn user(&self, subject: &str) -> String {
        self.users.token(&claims(USER_ISSUER, subject))
    }

    /// The token of a person with roles.
    pub fn user_with_roles(&self, subject: &str, roles: &[&str]) -> String {
        let mut claims = claims(USER_ISSUER, subject);
        claims["roles"] = json!(roles);
        self.users.token(&claims)
    }

    /// The token of somebody who runs the market.
    pub fn operator(&self) -> String {
        self.user_with_roles("operator01", &["operator"])
    }

    /// The token of a context.
    pub fn service(&self, context: &str) -> String {
        self.services.token(&claims(SERVICE_ISSUER, context))
    }

    /// The public half of the people's key, its 32 bytes.
    pub fn user_public(&self) -> &[u8] {
        &self.user_public
    }

    /// The public half of the services' key, its 32 bytes.
    pub fn service_public(&self) -> &[u8] {
        &self.service_public
    }

    fn read(dir: &Path) -> Result<Self> {
        let pem = |name: &str| {
            let file = dir.join(name);
            fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))
        };
        let (users, services) = (pem("user.pem")?, pem("service.pem")?);
        Ok(Self {
            users: Signer::ed25519(&users)?,
            services: Signer::ed25519(&services)?,
            user_public: public(&users)?,
            service_public: public(&services)?,
        })
    }
}

fn public(pem: &str) -> Result<Vec<u8>> {
    Ok(SigningKey::from_pkcs8_pem(pem)?.verifying_key().to_bytes().into())
}

/// The 32 bytes of an Ed25519 public key as PEM, the form in which most people pass them on.
pub fn public_pem(key: &[u8]) -> String {
    /// What precedes them in DER: the algorithm, and how many they are.
    const ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
    let body = STANDARD.encode([ED25519, key].concat());
    format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
}

/// The header of a token, whoever has signed it.
pub fn header(token: &str) -> Result<Value> {
    let (header, _) = token.split_once('.').context("a token has parts")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header)?)?)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use ed25519_dalek::pkcs8::{
        DecodePublicKey as _, EncodePrivateKey as _, spki::der::pem::LineEnding,
    };
    use jsonwebtoken::{DecodingKey, Validation, decode};

    use super::*;

    async fn keys() -> Keys {
        let dir = tempfile::tempdir().unwrap();
        for (name, seed) in [("user.pem", 1), ("service.pem", 2)] {
            let key = SigningKey::from_bytes(&[seed; 32]);
            fs::write(dir.path().join(name), key.to_pkcs8_pem(LineEnding::LF).unwrap()).unwrap();
        }
        Keys::open(dir.path()).await.unwrap()
    }

    fn accepts(keys: &Keys, token: &str) -> Option<Value> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_nbf = true;
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[USER_ISSUER]);
        validation.required_spec_claims =
            HashSet::from(["iss", "aud", "exp", "nbf", "sub"].map(Into::into));
        let key = DecodingKey::from_ed_der(keys.user_public());
        decode(token, &key, &validation).ok().map(|token| token.claims)
    }

    #[tokio::test]
    async fn good_tokens_verify() {
        let keys = keys().await;
        assert_eq!(accepts(&keys, &keys.user("seller01")).unwrap()["sub"], "seller01");
        assert_eq!(accepts(&keys, &keys.operator()).unwrap()["roles"], json!(["operator"]));
    }

    #[tokio::test]
    async fn bad_tokens_do_not() {
        let keys = keys().await;
        let good = claims(USER_ISSUER, "seller01");
        let mut expired = good.clone();
        expired["exp"] = json!(now() - 3600);
        let none = unsigned(&json!({ "typ": "JWT", "alg": "none" }), &good);
        let confused = Signer::hmac(keys.user_public()).token(&good);
        for token in [keys.service("deal"), keys.users.token(&expired), none, confused] {
            assert_eq!(accepts(&keys, &token), None, "{token}");
        }
    }

    #[tokio::test]
    async fn a_public_key_is_passed_on_as_pem() {
        let keys = keys().await;
        let pem = public_pem(keys.service_public());
        let read = ed25519_dalek::VerifyingKey::from_public_key_pem(&pem).unwrap();
        assert_eq!(read.as_bytes(), keys.service_public());
        assert_eq!(header(&keys.user("seller01")).unwrap()["alg"], "EdDSA");
    }
}
