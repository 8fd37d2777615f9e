//! The public keys of an issuer.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ed25519_dalek::VerifyingKey;
use jsonwebtoken::{
    Algorithm, DecodingKey, crypto,
    jwk::{
        AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse,
        RSAKeyParameters,
    },
};

/// The sizes of the RSA keys that are used, in bytes of their modulus.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;
/// The longest public exponent that is used, in bytes.
const RSA_EXPONENT_BYTES: usize = 4;

/// The keys of an issuer. Keys that are not for signatures of ours are left out.
#[derive(Debug)]
pub(super) struct KeySet(Vec<Key>);

/// A public key, and the one algorithm it is used with.
#[derive(Debug)]
pub(super) struct Key {
    kid: Option<String>,
    algorithm: Algorithm,
    public: DecodingKey,
}

impl KeySet {
    /// Reads a JWK set.
    pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
        let set: JwkSet = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let keys: Vec<Key> = set.keys.iter().filter_map(Key::of).collect();
        if keys.is_empty() {
            return Err("no Ed25519 or RSA (2048 to 4096 bits) signature key in it".to_owned());
        }
        match twice(&keys) {
            Some(kid) => Err(format!("two keys share the kid {kid:?}")),
            None => Ok(Self(keys)),
        }
    }

    /// The set of one Ed25519 key.
    pub(super) fn one(kid: String, key: &VerifyingKey) -> Self {
        let public = DecodingKey::from_ed_der(key.as_bytes());
        Self(vec![Key { kid: Some(kid), algorithm: Algorithm::EdDSA, public }])
    }

    /// The key that a token names; one that names none means the only one.
    pub(super) fn select(&self, kid: Option<&str>) -> Option<&Key> {
        match (kid, self.0.as_slice()) {
            (Some(kid), keys) => keys.iter().find(|key| key.kid.as_deref() == Some(kid)),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

fn twice(keys: &[Key]) -> Option<&str> {
    let mut kids: Vec<&str> = keys.iter().filter_map(|key| key.kid.as_deref()).collect();
    kids.sort_unstable();
    kids.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

impl Key {
    fn of(jwk: &Jwk) -> Option<Self> {
        let (algorithm, public) = match &jwk.algorithm {
            AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
                (Algorithm::EdDSA, ed25519(&pair.x)?)
            }
            AlgorithmParameters::RSA(parameters) => (Algorithm::RS256, rsa(parameters)?),
            _ => return None,
        };
        signs(jwk, algorithm).then(|| Self { kid: jwk.common.key_id.clone(), algorithm, public })
    }

    /// The only `alg` that a token signed with it may have.
    pub(super) fn alg(&self) -> &'static str {
        match self.algorithm {
            Algorithm::EdDSA => "EdDSA",
            _ => "RS256",
        }
    }

    /// Whether it made this signature.
    pub(super) fn verifies(&self, message: &str, signature: &str) -> bool {
        crypto::verify(signature, message.as_bytes(), &self.public, self.algorithm).unwrap_or(false)
    }
}

/// Whether a key is meant for signatures of this kind, as far as it says.
fn signs(jwk: &Jwk, algorithm: Algorithm) -> bool {
    let common = &jwk.common;
    let wanted = KeyAlgorithm::from(algorithm);
    common.key_algorithm.is_none_or(|alg| alg == wanted)
        && !matches!(common.public_key_use, Some(PublicKeyUse::Encryption))
        && common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify))
}

/// Checked here, as the verifier takes any length on trust and panics on a short key.
fn ed25519(x: &str) -> Option<DecodingKey> {
    let bytes: [u8; 32] = BASE64.decode(x).ok()?.try_into().ok()?;
    let key = VerifyingKey::from_bytes(&bytes).ok().filter(|key| !key.is_weak())?;
    Some(DecodingKey::from_ed_der(key.as_bytes()))
}

fn rsa(parameters: &RSAKeyParameters) -> Option<DecodingKey> {
    let n = BASE64.decode(&parameters.n).ok()?;
    let e = BASE64.decode(&parameters.e).ok()?;
    let fits = RSA_BYTES.contains(&n.len()) && e.len() <= RSA_EXPONENT_BYTES;
    (fits && n[0] != 0).then(|| DecodingKey::from_rsa_raw_components(&n, &e))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{super::sample, *};

    fn set(keys: &[Value]) -> Result<KeySet, String> {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
    }

    #[test]
    fn a_key_is_found_by_its_kid() {
        let keys = set(&[sample::ed_jwk("a", 1), sample::ed_jwk("b", 2)]).unwrap();
        assert_eq!(keys.select(Some("b")).unwrap().kid.as_deref(), Some("b"));
        assert!(keys.select(Some("c")).is_none());
    }

    #[test]
    fn without_a_kid_only_an_only_key_is_meant() {
        assert!(set(&[sample::ed_jwk("a", 1)]).unwrap().select(None).is_some());
        let two = set(&[sample::ed_jwk("a", 1), sample::ed_jwk("b", 2)]).unwrap();
        assert!(two.select(None).is_none());
    }

    #[test]
    fn keys_for_other_uses_are_left_out() {
        let with = |field: &str, value: Value| {
            let mut key = sample::ed_jwk("b", 2);
            key[field] = value;
            key
        };
        let point = sample::key(2).verifying_key().to_bytes();
        let x = |bytes: &[u8]| json!(BASE64.encode(bytes));
        for other in [
            with("use", json!("enc")),
            with("key_ops", json!(["sign"])),
            with("alg", json!("RS256")),
            with("x", x(&point[..31])),
            with("x", x(&[&point[..], &[7]].concat())),
            with("crv", json!("P-256")),
            json!({ "kty": "oct", "kid": "b", "k": "c2VjcmV0" }),
            json!({ "kty": "RSA", "kid": "b", "n": "AQAB", "e": "AQAB" }),
            json!({ "kty": "later", "kid": "b" }),
        ] {
            let keys = set(&[sample::ed_jwk("a", 1), other.clone()]).unwrap();
            assert!(keys.select(Some("b")).is_none(), "{other}");
            assert!(set(&[other]).is_err(), "a set without a usable key is none");
        }
    }

    #[test]
    fn a_weak_point_is_no_key() {
        let mut key = sample::ed_jwk("a", 1);
        key["x"] = json!(BASE64.encode([0; 32]));
        assert!(set(&[key]).is_err());
    }

    #[test]
    fn an_ambiguous_set_is_refused() {
        assert!(set(&[sample::ed_jwk("a", 1), sample::ed_jwk("a", 2)]).is_err());
    }

    #[test]
    fn what_is_no_jwk_set_is_refused() {
        for wrong in ["", "[]", "{}", "{\"keys\":[]}", "{\"keys\":[{}]}"] {
            assert!(KeySet::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
