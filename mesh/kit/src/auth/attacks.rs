//! What is tried with tokens, and what becomes of it.

use std::{
    fs::{self, File},
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use http::{HeaderMap, header::AUTHORIZATION};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use super::{
    Caller, TokenError, dev,
    sample::{
        NOW, RSA_MODULUS, RSA_TOKEN, SERVICE_KEY, SERVICES, USER_KEY, USERS, World, claims,
        claims_with, ed_jwk, header, jwks, key, message, open, own_token, signed,
    },
};

fn kim() -> Caller {
    Caller::User { subject: "kim".to_owned(), roles: vec![] }
}

fn good() -> String {
    signed(USER_KEY, &header(), &claims())
}

/// Asserts that a token is refused, and that the reason given speaks of `because`.
fn refused(what: &str, token: &str, because: &str) {
    let told = World::new().verifier.verify(token, NOW);
    match told {
        Err(TokenError::Invalid(told)) => assert!(told.contains(because), "{what}: {told}"),
        other => panic!("{what}: {other:?}"),
    }
}

fn hmac(secret: &[u8], kid: &str) -> String {
    let message = message(&json!({ "alg": "HS256", "kid": kid }), &claims());
    let secret = EncodingKey::from_secret(secret);
    let signature = crypto::sign(message.as_bytes(), &secret, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

#[test]
fn good_tokens_pass() {
    let world = World::new();
    assert_eq!(world.verifier.verify(&good(), NOW), Ok(kim()));
    assert_eq!(world.verifier.verify(RSA_TOKEN, NOW), Ok(kim()));
    let many = signed(USER_KEY, &header(), &claims_with("aud", json!(["other", "jangteo"])));
    assert_eq!(world.verifier.verify(&many, NOW), Ok(kim()));
}

#[test]
fn roles_are_taken_from_the_users_issuer() {
    let token = signed(USER_KEY, &header(), &claims_with("roles", json!(["courier"])));
    let courier = Caller::User { subject: "kim".to_owned(), roles: vec!["courier".to_owned()] };
    assert_eq!(World::new().verifier.verify(&token, NOW), Ok(courier));
}

#[test]
fn no_header_is_an_anonymous_caller_and_two_are_none() {
    let verifier = World::new().verifier;
    let mut headers = HeaderMap::new();
    assert_eq!(verifier.identify(&headers, NOW), Ok(Caller::Anonymous));
    headers.append(AUTHORIZATION, format!("Bearer {}", good()).parse().unwrap());
    assert_eq!(verifier.identify(&headers, NOW), Ok(kim()));
    headers.append(AUTHORIZATION, format!("Bearer {}", good()).parse().unwrap());
    assert!(matches!(verifier.identify(&headers, NOW), Err(TokenError::Invalid(_))));
}

#[test]
fn a_token_that_is_not_there_is_not_the_same_as_an_empty_one() {
    let verifier = World::new().verifier;
    for empty in ["", "Bearer", "Bearer "] {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, empty.parse().unwrap())]);
        let told = verifier.identify(&headers, NOW);
        assert!(matches!(told, Err(TokenError::Invalid(_))), "{empty:?}: {told:?}");
    }
}

#[test]
fn a_huge_token_is_refused_though_it_is_signed() {
    let token = signed(USER_KEY, &header(), &claims_with("pad", json!("x".repeat(9 * 1024))));
    let value = format!("Bearer {token}").parse().unwrap();
    let told = World::new().verifier.identify(&HeaderMap::from_iter([(AUTHORIZATION, value)]), NOW);
    assert_eq!(told, Err(TokenError::Invalid("it is longer than 8 KiB")));
}

#[test]
fn garbage_is_refused() {
    let parts = good();
    let [head, payload, signature] = parts.split('.').collect::<Vec<_>>()[..] else { panic!() };
    for (what, token) in [
        ("empty", String::new()),
        ("dots", "..".to_owned()),
        ("words", "let me in".to_owned()),
        ("one part", head.to_owned()),
        ("two parts", format!("{head}.{payload}")),
        ("four parts", format!("{parts}.{signature}")),
        ("padded", format!("{head}=.{payload}.{signature}")),
        ("no JSON", format!("{}.{payload}.{signature}", BASE64.encode("no"))),
        ("empty payload", format!("{head}..{signature}")),
        ("a string for a header", format!("{}.{payload}.{signature}", BASE64.encode("\"EdDSA\""))),
    ] {
        refused(what, &token, "");
    }
}

#[test]
fn a_signature_must_be_there_and_fit() {
    let token = good();
    let (message, signature) = token.rsplit_once('.').unwrap();
    refused("none", &format!("{message}."), "signature");
    refused("short", &format!("{message}.{}", &signature[..40]), "signature");
    refused("zeros", &format!("{message}.{}", BASE64.encode([0; 64])), "signature");
    let other = signed(USER_KEY, &header(), &claims_with("sub", json!("lee")));
    let (_, foreign) = other.rsplit_once('.').unwrap();
    refused("of another token", &format!("{message}.{foreign}"), "signature");
    refused("of another key", &signed(2, &header(), &claims()), "signature");
}

#[test]
fn what_is_signed_cannot_be_changed() {
    let token = good();
    let signature = token.rsplit_once('.').unwrap().1;
    let forged = message(&header(), &claims_with("roles", json!(["operator"])));
    refused("promoted", &format!("{forged}.{signature}"), "signature");
}

#[test]
fn the_algorithm_is_the_keys() {
    for alg in ["none", "None", "NONE", "", "HS256", "RS256", "ES256", "eddsa", "RS512"] {
        let header = json!({ "alg": alg, "kid": "a" });
        refused(alg, &signed(USER_KEY, &header, &claims()), "alg");
        refused(alg, &format!("{}.", message(&header, &claims())), "alg");
    }
    let header = json!({ "alg": "EdDSA", "kid": "rsa" });
    refused("Ed25519 under an RSA key", &signed(USER_KEY, &header, &claims()), "alg");
}

#[test]
fn a_public_key_is_no_secret() {
    let modulus = BASE64.decode(RSA_MODULUS).unwrap();
    for secret in [modulus.as_slice(), RSA_MODULUS.as_bytes()] {
        refused("HS256 with the RSA key", &hmac(secret, "rsa"), "alg");
    }
    let public = key(USER_KEY).verifying_key().to_bytes();
    for secret in [public.as_slice(), BASE64.encode(public).as_bytes()] {
        refused("HS256 with the Ed25519 key", &hmac(secret, "a"), "alg");
    }
}

#[test]
fn the_key_is_one_of_the_issuers() {
    let with = |header: Value| signed(USER_KEY, &header, &claims());
    refused("unknown kid", &with(json!({ "alg": "EdDSA", "kid": "b" })), "kid");
    refused("no kid among two keys", &with(json!({ "alg": "EdDSA" })), "kid");
    refused("a kid of the other issuer", &with(json!({ "alg": "EdDSA", "kid": "s" })), "kid");
    refused("a kid that is no string", &with(json!({ "alg": "EdDSA", "kid": ["a"] })), "");
    let brought = json!({ "alg": "EdDSA", "kid": "b", "jwk": ed_jwk("b", 9) });
    refused("a key that it brings along", &signed(9, &brought, &claims()), "kid");
}

#[test]
fn critical_headers_are_not_passed_over() {
    let header = json!({ "alg": "EdDSA", "kid": "a", "crit": ["b64"], "b64": false });
    refused("crit", &signed(USER_KEY, &header, &claims()), "critical");
}

#[test]
fn every_claim_is_needed() {
    for claim in ["iss", "sub", "aud", "exp", "nbf"] {
        refused(claim, &signed(USER_KEY, &header(), &claims_with(claim, Value::Null)), claim);
    }
}

#[test]
fn times_are_whole_seconds() {
    for claim in ["exp", "nbf"] {
        for wrong in [
            json!(NOW.to_string()),
            json!(2_000_000.5),
            json!(-1),
            json!(1e30),
            json!(u64::MAX),
            json!(253_402_300_800_u64),
            json!([NOW]),
            json!(true),
        ] {
            let what = format!("{claim} {wrong}");
            refused(&what, &signed(USER_KEY, &header(), &claims_with(claim, wrong)), "seconds");
        }
    }
}

#[test]
fn a_claim_that_comes_twice_is_refused() {
    let twice = claims().to_string().replacen('{', "{\"sub\":\"lee\",", 1);
    let [header, payload] = [header().to_string(), twice].map(|part| BASE64.encode(part));
    let message = format!("{header}.{payload}");
    let signature = ed25519_dalek::Signer::sign(&key(USER_KEY), message.as_bytes()).to_bytes();
    refused("two subjects", &format!("{message}.{}", BASE64.encode(signature)), "sub");
}

#[test]
fn the_issuer_and_the_audience_must_be_ours() {
    for (claim, wrong) in [
        ("iss", json!("https://elsewhere.example")),
        ("iss", json!(format!("{USERS}/"))),
        ("iss", json!("")),
        ("iss", json!([USERS])),
        ("aud", json!("other")),
        ("aud", json!("Jangteo")),
        ("aud", json!([])),
        ("aud", json!(["other"])),
        ("aud", json!({ "jangteo": true })),
    ] {
        refused(claim, &signed(USER_KEY, &header(), &claims_with(claim, wrong)), claim);
    }
}

#[test]
fn a_subject_is_a_name() {
    for wrong in [json!(""), json!("a".repeat(65)), json!("kim\n"), json!("k\u{0}m"), json!(7)] {
        refused("sub", &signed(USER_KEY, &header(), &claims_with("sub", wrong)), "sub");
    }
}

#[test]
fn roles_are_a_list_of_words() {
    for wrong in [json!("operator"), json!([1]), json!({ "operator": true })] {
        refused("roles", &signed(USER_KEY, &header(), &claims_with("roles", wrong)), "");
    }
}

#[test]
fn a_token_has_its_time() {
    let verifier = World::new().verifier;
    let token = good();
    assert_eq!(verifier.verify(&token, NOW - 16), Err(TokenError::NotYetValid));
    assert_eq!(verifier.verify(&token, NOW - 15), Ok(kim()));
    assert_eq!(verifier.verify(&token, NOW + 604), Ok(kim()));
    assert_eq!(verifier.verify(&token, NOW + 605), Err(TokenError::Expired));
    assert_eq!(verifier.verify(&token, NOW), Ok(kim()), "what is remembered keeps its times");
}

#[test]
fn only_the_services_issuer_makes_services() {
    let verifier = World::new().verifier;
    let account = |namespace: &str| format!("system:serviceaccount:{namespace}:deal");
    let service = |seed, iss: &str, sub: String| {
        let mut claims = claims_with("iss", json!(iss));
        claims["sub"] = json!(sub);
        verifier.verify(&signed(seed, &json!({ "alg": "EdDSA" }), &claims), NOW)
    };
    let deal = Caller::Service { context: "deal".to_owned() };
    assert_eq!(service(SERVICE_KEY, SERVICES, account("market")), Ok(deal));
    assert!(service(SERVICE_KEY, SERVICES, account("other")).is_err(), "another namespace");
    assert!(service(SERVICE_KEY, SERVICES, "deal".to_owned()).is_err(), "no service account");
    assert!(service(USER_KEY, SERVICES, account("market")).is_err(), "the users' key");
    assert!(service(SERVICE_KEY, USERS, account("market")).is_err(), "as a user");
    let claims = claims_with("sub", json!(account("market")));
    let user = verifier.verify(&signed(USER_KEY, &header(), &claims), NOW);
    assert!(matches!(user, Ok(Caller::User { .. })), "a user stays one: {user:?}");
}

#[test]
fn local_issuers_do_not_stand_in_for_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let (verifier, _) = super::open(&crate::config::Auth::default(), dir.path()).unwrap();
    let keys = dev::Keys::open(&dir.path().join("keys")).unwrap();
    let (hour, now) = (Duration::from_hours(1), dev::seconds());
    let user = dev::sign_user(&keys, "kim", &["courier".to_owned()], hour).unwrap();
    let caller = verifier.verify(&user, now).unwrap();
    assert_eq!((caller.principal(), caller.has_role("courier")), ("user:kim".to_owned(), true));
    let service = dev::sign_service(&keys, "deal", hour).unwrap();
    assert_eq!(verifier.verify(&service, now).unwrap().principal(), "service:deal");
    let (_, payload) = user.split_once('.').unwrap();
    let (head, _) = service.split_once('.').unwrap();
    assert!(verifier.verify(&format!("{head}.{payload}"), now).is_err());
}

#[test]
fn one_issuer_cannot_be_both() {
    let dir = tempfile::tempdir().unwrap();
    for file in ["users.json", "services.json"] {
        fs::write(dir.path().join(file), jwks(&[("a", 1)])).unwrap();
    }
    fs::write(dir.path().join("token"), own_token()).unwrap();
    assert!(open(dir.path(), USERS, SERVICES).is_ok());
    assert!(open(dir.path(), USERS, USERS).is_err());
}

#[test]
fn a_key_that_is_taken_away_takes_its_tokens_along() {
    let world = World::new();
    assert_eq!(world.verifier.verify(&good(), NOW), Ok(kim()));
    replace(&world, &jwks(&[("b", 2)]));
    assert!(matches!(world.verifier.verify(&good(), NOW + 1), Err(TokenError::Invalid(_))));
    let next = signed(2, &json!({ "alg": "EdDSA", "kid": "b" }), &claims());
    assert_eq!(world.verifier.verify(&next, NOW + 1), Ok(kim()));
}

#[test]
fn keys_that_cannot_be_read_leave_the_old_ones() {
    let world = World::new();
    replace(&world, "not yet written");
    assert_eq!(world.verifier.verify(&good(), NOW), Ok(kim()));
    fs::remove_file(world.users_file()).unwrap();
    assert_eq!(world.verifier.verify(&good(), NOW + 1), Ok(kim()));
}

/// Writes the users' keys with a time of their own: two writes may fall into one tick of the clock.
fn replace(world: &World, text: &str) {
    fs::write(world.users_file(), text).unwrap();
    let file = File::options().write(true).open(world.users_file()).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1)).unwrap();
}
