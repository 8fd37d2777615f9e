//! Tokens of every caller, and what can be done to them.

use std::path::Path;

use jangteo_testing::{
    scratch,
    tokens::{
        Keys, SERVICE_ISSUER, Signer, USER_ISSUER, claims, header, now, public_pem, unsigned,
    },
};
use serde_json::{Value, json};
use tokio::process::Command;

use super::{
    agreed::Rpc,
    world::{SELLER, World},
};
use crate::mesh::BINARY;

/// A claim, and what it is spoilt with.
type Spoilt = (&'static str, Value);

/// A token that is about to be signed.
pub(super) struct Unsigned<'a> {
    issuers: &'a Issuers,
    /// Who else signs tokens here, and under which name.
    other: (&'a Signer, &'static str),
    signer: &'a Signer,
    public: &'a [u8],
    header: Value,
    claims: Value,
}

impl Unsigned<'_> {
    pub(super) fn token(&self) -> String {
        self.signer.sign(&self.header, &self.claims)
    }

    pub(super) fn claiming(&self, spoilt: &[Spoilt]) -> String {
        self.signer.sign(&self.header, &changed(&self.claims, spoilt))
    }

    fn headed(&self, spoilt: &[Spoilt]) -> String {
        self.signer.sign(&changed(&self.header, spoilt), &self.claims)
    }

    fn signed_by(&self, other: &Signer) -> String {
        other.sign(&self.header, &self.claims)
    }

    /// The old attack: the public key, which everybody has, as a shared secret.
    fn hmac(&self, secret: &[u8]) -> String {
        Signer::hmac(secret).sign(&changed(&self.header, &[("alg", json!("HS256"))]), &self.claims)
    }
}

/// The object with some of its members replaced, or left out where the value is null.
fn changed(object: &Value, by: &[Spoilt]) -> Value {
    let mut object = object.clone();
    for (key, value) in by {
        if value.is_null() {
            object.as_object_mut().expect("an object").remove(*key);
        } else {
            object[*key] = value.clone();
        }
    }
    object
}

/// The node's keys, and those of somebody it does not know.
pub(super) struct Issuers {
    keys: Keys,
    stranger: Keys,
    user_header: Value,
    service_header: Value,
}

impl Issuers {
    pub(super) async fn open(world: &World) -> Self {
        let elsewhere = scratch::directory("stranger").unwrap();
        minted(elsewhere.path(), &[SELLER]).await;
        let data = world.mesh.node.data_dir();
        Self {
            keys: world.mesh.keys.clone(),
            stranger: Keys::open(elsewhere.path().join("keys")).await.unwrap(),
            user_header: header(&minted(data, &[SELLER]).await).unwrap(),
            service_header: header(&minted(data, &["deal", "--service"]).await).unwrap(),
        }
    }

    /// A token of whoever may call an RPC.
    pub(super) fn good(&self, rpc: &Rpc) -> Unsigned<'_> {
        let first =
            |what, otherwise| rpc.named(what).first().map_or(otherwise, |it| *it).to_owned();
        match rpc.level() {
            "LEVEL_SERVICE" => self.service(&first("callers", "deal")),
            "LEVEL_OPERATOR" => self.user("operator01", &["operator"]),
            _ => self.user(SELLER, &[&first("roles", "courier")]),
        }
    }

    pub(super) fn user(&self, subject: &str, roles: &[&str]) -> Unsigned<'_> {
        let claims = changed(&claims(USER_ISSUER, subject), &[("roles", json!(roles))]);
        let (signer, public) = (&self.keys.users, self.keys.user_public());
        let other = (&self.keys.services, SERVICE_ISSUER);
        Unsigned { issuers: self, other, signer, public, header: self.user_header.clone(), claims }
    }

    pub(super) fn service(&self, context: &str) -> Unsigned<'_> {
        let claims = claims(SERVICE_ISSUER, context);
        let (signer, public) = (&self.keys.services, self.keys.service_public());
        let other = (&self.keys.users, USER_ISSUER);
        Unsigned {
            issuers: self,
            other,
            signer,
            public,
            header: self.service_header.clone(),
            claims,
        }
    }
}

/// A token as `jangteo token` makes it.
async fn minted(data: &Path, args: &[&str]) -> String {
    let mut command = Command::new(BINARY);
    command.arg("token").args(args).env("JANGTEO_DATA_DIR", data);
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// What is wrong with a token, the token, and the reason to be told.
type Unbelievable = (&'static str, String, &'static str);

/// Tokens that nobody should believe, made of a good one.
pub(super) fn unbelievable(good: &Unsigned<'_>) -> Vec<Unbelievable> {
    let invalid = [broken(good), badly_signed(good), wrongly_headed(good), wrongly_claimed(good)];
    let invalid = invalid.into_iter().flatten();
    let invalid = invalid.map(|(what, token)| (what, token, "TOKEN_INVALID"));
    let now = now();
    invalid
        .chain([
            ("expired", good.claiming(&[("exp", json!(now - 60))]), "TOKEN_EXPIRED"),
            ("not yet valid", good.claiming(&[("nbf", json!(now + 600))]), "TOKEN_NOT_YET_VALID"),
        ])
        .collect()
}

fn broken(good: &Unsigned<'_>) -> Vec<(&'static str, String)> {
    let token = good.token();
    let (content, signature) = token.rsplit_once('.').expect("a token has parts");
    vec![
        ("garbage", "let me in".to_owned()),
        ("dots", "..".to_owned()),
        ("9 KiB", good.claiming(&[("pad", json!("x".repeat(7 * 1024)))])),
        ("without a signature", format!("{content}.")),
        ("without its last letter", token[..token.len() - 1].to_owned()),
        ("a signature of nothing", format!("{content}.{}", "A".repeat(signature.len()))),
    ]
}

fn badly_signed(good: &Unsigned<'_>) -> Vec<(&'static str, String)> {
    let none = changed(&good.header, &[("alg", json!("none"))]);
    vec![
        ("forged by a stranger", good.signed_by(&good.issuers.stranger.users)),
        ("forged with the other issuer's key", good.signed_by(good.other.0)),
        ("in the name of the other issuer", good.claiming(&[("iss", json!(good.other.1))])),
        ("alg none", unsigned(&none, &good.claims)),
        ("HS256 with the public key", good.hmac(good.public)),
        ("HS256 with the public key's PEM", good.hmac(public_pem(good.public).as_bytes())),
    ]
}

fn wrongly_headed(good: &Unsigned<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("alg none, signed", good.headed(&[("alg", json!("none"))])),
        ("alg RS256", good.headed(&[("alg", json!("RS256"))])),
        ("an unknown kid", good.headed(&[("kid", json!("unknown"))])),
        ("a critical header", good.headed(&[("crit", json!(["b64"])), ("b64", json!(false))])),
    ]
}

fn wrongly_claimed(good: &Unsigned<'_>) -> Vec<(&'static str, String)> {
    let (with, now) = (|claim, value: Value| good.claiming(&[(claim, value)]), now());
    let mut tokens = vec![
        ("wrong issuer", with("iss", json!("https://elsewhere.example"))),
        ("wrong audience", with("aud", json!("elsewhere"))),
        ("wrong audiences", with("aud", json!(["a", "b"]))),
        ("exp as text", with("exp", json!((now + 600).to_string()))),
        ("nbf as text", with("nbf", json!((now - 600).to_string()))),
        ("an empty subject", with("sub", json!(""))),
        ("a subject of two lines", with("sub", json!("a\nb"))),
    ];
    for claim in ["iss", "aud", "exp", "nbf", "sub"] {
        tokens.push(("without a claim", with(claim, json!(null))));
    }
    tokens
}
