//! Issuers and tokens for tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use super::{ServiceIdentity, Verifier};
use crate::config::{Auth, Issuer};

pub(super) const USERS: &str = "https://users.example";
pub(super) const SERVICES: &str = "https://services.example";
/// The time in these tests, in seconds since 1970.
pub(super) const NOW: u64 = 2_000_000;
/// The seed of the users' key `a`.
pub(super) const USER_KEY: u8 = 1;
/// The seed of the services' only key.
pub(super) const SERVICE_KEY: u8 = 3;

/// The public half of an RSA key whose private half was thrown away after it had signed
/// [`RSA_TOKEN`].
pub(super) const RSA_MODULUS: &str = concat!(
    "wWJ4zvPKuwuya6EsZPYx64VBFfaD79182L3VvwEmYIpN29nj7GJo5ze0bBVKUoG3XehIv3wzb9UX1KCBptWbLkeKJ0hd",
    "AfRrKWjMqESTmCYCZNJRQLLrcq2FBOk77771rZg2pS9qvX52Vy0G1Q2h4GlL8U17UDgkOTWYO4mTL_sC7EzyXLL2XEAV",
    "0oovGCnhpV7ZhDYVRTxFVwz3qTR0EPo7GhYiSH5q4K9myYd4IbQfirMEA-5BwmjnYXPmg_coS0Pb01W0n07HZ5y9m8YG",
    "wiclwldR-S6Ularl1Qsj11yc-JO3tLrPT10b15XJrjU4T1O30zixsSxbMBR9CQIZ_Q"
);

/// `kim` by the users' issuer, RS256, kid `rsa`, good from 1,000,000 to the year 2100.
pub(super) const RSA_TOKEN: &str = concat!(
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.",
    "eyJpc3MiOiJodHRwczovL3VzZXJzLmV4YW1wbGUiLCJzdWIiOiJraW0iLCJhdWQiOiJqYW5ndGVvIiwibmJmIjoxMDAw",
    "MDAwLCJleHAiOjQxMDI0NDQ4MDB9.",
    "d7lZr7TYW9am9h4di_7Y2Bujkk7EvmMRNlyr8KABDgO-4bDYbQs2P-KMzXFgm_HiqvVSFvEHD7Yt5gXrfbBIyKYOq5Xe",
    "COHo8S0QVHpDWXwLR6MjSKFqv6mH9RruVDWDWblF2pstPY1GiPhD7BKtU9IvAD_IiaMyXCOa3T9B7H6bh06y5JxnX2Qi",
    "eeRyATaPSVHhWMPf-KG1iQmmBf5kkYhRiXcP1tOvqgeuGTJXCHAfKoy0jggt0EOCYL369ZefIDvriSnV9DxsXt7fGgMx",
    "_gOy3lIchFoqXDD5RKzkq7vzksMKXVX_Bgz-4ZwU-1HJFswBu_LkVggs86gU5h_-Ug"
);

pub(super) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(super) fn ed_jwk(kid: &str, seed: u8) -> Value {
    let x = BASE64.encode(key(seed).verifying_key().as_bytes());
    json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "alg": "EdDSA", "x": x })
}

pub(super) fn rsa_jwk(kid: &str) -> Value {
    json!({ "kty": "RSA", "kid": kid, "alg": "RS256", "n": RSA_MODULUS, "e": "AQAB" })
}

pub(super) fn jwks(keys: &[(&str, u8)]) -> String {
    let keys: Vec<Value> = keys.iter().map(|&(kid, seed)| ed_jwk(kid, seed)).collect();
    json!({ "keys": keys }).to_string()
}

/// A token's parts before the signature.
pub(super) fn message(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| BASE64.encode(part.to_string()));
    format!("{header}.{claims}")
}

/// A token signed with Ed25519, whatever its header says.
pub(super) fn signed(seed: u8, header: &Value, claims: &Value) -> String {
    let message = message(header, claims);
    let signature = BASE64.encode(key(seed).sign(message.as_bytes()).to_bytes());
    format!("{message}.{signature}")
}

/// The header of a good token of the users' issuer.
pub(super) fn header() -> Value {
    json!({ "alg": "EdDSA", "typ": "JWT", "kid": "a" })
}

/// The claims of a good token of the users' issuer, good at [`NOW`].
pub(super) fn claims() -> Value {
    json!({ "iss": USERS, "aud": "jangteo", "sub": "kim", "nbf": NOW - 10, "exp": NOW + 600 })
}

/// The good claims with one of them replaced, or left out where the value is null.
pub(super) fn claims_with(claim: &str, value: Value) -> Value {
    let mut claims = claims();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(claim);
    } else {
        claims[claim] = value;
    }
    claims
}

/// The token of a process whose service account is in the namespace `market`.
pub(super) fn own_token() -> String {
    let mut claims = claims_with("iss", json!(SERVICES));
    claims["sub"] = json!("system:serviceaccount:market:post");
    signed(SERVICE_KEY, &json!({ "alg": "EdDSA", "kid": "s" }), &claims)
}

/// Both issuers with their files in a folder.
pub(super) struct World {
    dir: tempfile::TempDir,
    pub(super) verifier: Verifier,
}

impl World {
    /// Users: keys `a` (Ed25519) and `rsa`. Services: one Ed25519 key, service accounts of `market`.
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let users = json!({ "keys": [ed_jwk("a", USER_KEY), rsa_jwk("rsa")] }).to_string();
        fs::write(dir.path().join("users.json"), users).unwrap();
        fs::write(dir.path().join("services.json"), jwks(&[("s", SERVICE_KEY)])).unwrap();
        fs::write(dir.path().join("token"), own_token()).unwrap();
        let (verifier, _) = open(dir.path(), USERS, SERVICES).unwrap();
        Self { dir, verifier }
    }

    pub(super) fn users_file(&self) -> PathBuf {
        self.dir.path().join("users.json")
    }
}

pub(super) fn open(
    dir: &Path,
    users: &str,
    services: &str,
) -> Result<(Verifier, ServiceIdentity), super::KeyError> {
    let issuer = |name: &str, file: &str| Issuer {
        name: name.to_owned(),
        jwks: dir.join(file),
        published: None,
    };
    let auth = Auth {
        users: Some(issuer(users, "users.json")),
        services: Some(issuer(services, "services.json")),
        service_token_file: Some(dir.join("token")),
        ..Auth::default()
    };
    super::open(&auth, dir)
}
