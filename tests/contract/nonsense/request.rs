//! A request made by chance: a binding, with something wrong almost everywhere in it.

use std::fmt::Write as _;

use jangteo_testing::grpc;
use serde_json::Value;

use super::json;
use crate::{
    contract::{
        agreed::Rpc,
        requests::{NOTHING, least},
    },
    crash::dice::Dice,
};

/// A request as it is sent.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) bytes: Vec<u8>,
    /// Its answer has no body.
    pub(super) is_head: bool,
    /// Whether it is a request of HTTP, as far as HTTP goes.
    pub(super) is_http: bool,
}

const METHODS: [&str; 9] =
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"];

/// What stands in a path or a query, encoded.
const TEXTS: [&str; 32] = [
    "",
    ".",
    "..",
    "%2e%2e",
    "%2E%2E%2f%2e%2e",
    "..;",
    "%00",
    "%0d%0aset-cookie:%20a=b",
    "%ff",
    "%ED%A0%80",
    "%C0%80",
    "%",
    "%4",
    "%zz",
    "%2F",
    "%252F",
    "%20",
    "+",
    "a:b",
    ":",
    "*",
    "**",
    "{id}",
    "~",
    "null",
    "-1",
    "0",
    "1e400",
    "99999999999999999999",
    "%F0%9F%9A%B2",
    "%EB%B0%A9",
    "true",
];

/// Names that no request has, or not like this.
const NAMES: [&str; 11] = [
    "",
    "a",
    "page_size[]",
    "pageSize.a",
    "meeting_time.seconds",
    "meetingTime",
    "update_mask.paths",
    "updateMask",
    "%00",
    "%ff",
    "__proto__",
];

/// What is no path of HTTP.
const NO_PATHS: [&[u8]; 6] =
    [b"/v1/posts/\0", b"/v1/po sts", b"v1/posts", b"/v1/posts/<\\>", b"/v1/\x01", b"\xff"];

const KINDS: [&str; 6] = [
    "text/plain",
    "",
    "application/grpc",
    "application/x-www-form-urlencoded",
    "application/json; charset=utf-16",
    "APPLICATION/JSON;;;",
];

/// Headers with a meaning, and what may be wrong with it.
const HEADERS: [(&str, &str); 16] = [
    ("idempotency-key", "no-uuid"),
    ("idempotency-key", "0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3f"),
    ("if-match", "\"1\""),
    ("if-match", "W/\"9\", *"),
    ("if-none-match", "*"),
    ("grpc-timeout", "1n"),
    ("grpc-timeout", "99999999H"),
    ("grpc-timeout", "-1S"),
    ("jangteo-token", "AAAA"),
    ("jangteo-token", "\u{e9}"),
    ("traceparent", "00-0-0-00"),
    ("content-encoding", "gzip"),
    ("accept", "image/png"),
    ("last-event-id", "1"),
    ("x-http-method-override", "DELETE"),
    ("te", "trailers"),
];

/// Nobody's.
const TOKENS: [&str; 5] = ["Bearer", "Bearer a.b.c", "Basic eDp5", "\u{e9}", "Bearer Bearer"];

/// Makes requests for ever.
pub(super) struct Maker<'a> {
    /// What there is to ask for.
    pub(super) rpcs: &'a [&'a Rpc],
    /// What is there.
    pub(super) ids: [String; 8],
    pub(super) tokens: [String; 3],
    pub(super) dice: Dice,
}

impl Iterator for Maker<'_> {
    type Item = Request;

    fn next(&mut self) -> Option<Request> {
        let rpc = *self.dice.pick(self.rpcs);
        let (own, template) = bound(rpc);
        let method = if self.dice.once_in(8) { *self.dice.pick(&METHODS) } else { own.as_str() };
        let is_http = !self.dice.once_in(50);
        let target = if is_http {
            format!("{}{}", self.path(template), self.query(rpc)).into_bytes()
        } else {
            self.dice.pick(&NO_PATHS).to_vec()
        };
        let has_body = rpc.http["body"] == "*" || self.dice.once_in(10);
        let body = if has_body { self.body(rpc) } else { vec![] };
        let head = [method.as_bytes(), b" ", &target, b" HTTP/1.1\r\n"].concat();
        let headers = self.headers(body.len()).into_bytes();
        let bytes = [head, headers, b"\r\n".to_vec(), body].concat();
        Some(Request { bytes, is_head: method == "HEAD", is_http })
    }
}

/// The method and the path of a binding.
fn bound(rpc: &Rpc) -> (String, &str) {
    let verbs = ["get", "post", "patch", "put", "delete"].into_iter();
    let mut bound = verbs.filter_map(|verb| Some((verb.to_uppercase(), rpc.http[verb].as_str()?)));
    bound.next().expect("a binding has a method")
}

impl Maker<'_> {
    fn path(&mut self, template: &str) -> String {
        let mut path = String::new();
        for part in template.split_inclusive(['{', '}']) {
            match part.strip_suffix(['{', '}']) {
                Some(_) if part.ends_with('}') => path += &self.segment(),
                Some(literal) => path += literal,
                None => path += part,
            }
        }
        if self.dice.once_in(6) { self.astray(&path) } else { path }
    }

    fn segment(&mut self) -> String {
        match self.dice.below(8) {
            0..=2 => self.dice.pick(&self.ids).clone(),
            3 => NOTHING.to_owned(),
            4 => self.bytes(),
            5 if self.dice.once_in(4) => "a".repeat(self.dice.below(8_000) as usize),
            _ => (*self.dice.pick(&TEXTS)).to_owned(),
        }
    }

    /// Any bytes, percent-encoded.
    fn bytes(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.dice.below(6) {
            write!(text, "%{:02X}", self.dice.below(256)).expect("a text takes text");
        }
        text
    }

    /// A path like this one that leads elsewhere, or nowhere.
    fn astray(&mut self, path: &str) -> String {
        let more = *self.dice.pick(&TEXTS);
        match self.dice.below(7) {
            0 => format!("{path}/"),
            1 => path.replacen("/v1", "/v1/../v1", 1),
            2 => path.to_uppercase(),
            3 => format!("/{path}"),
            4 => format!("{path}/{more}"),
            5 => format!("{path}:{more}"),
            _ => path.replacen("/v1", "/%76%31", 1),
        }
    }

    fn query(&mut self, rpc: &Rpc) -> String {
        let mut query = String::new();
        for _ in 0..*self.dice.pick(&[0, 0, 0, 1, 2, 5]) {
            let (name, value) = (self.name(rpc), self.segment());
            for _ in 0..=u32::from(self.dice.once_in(4)) {
                let mark = if query.is_empty() { '?' } else { '&' };
                write!(query, "{mark}{name}={value}").expect("a text takes text");
            }
        }
        query
    }

    /// A field of the request, by one of its names; or none.
    fn name(&mut self, rpc: &Rpc) -> String {
        if rpc.fields.is_empty() || self.dice.once_in(4) {
            return (*self.dice.pick(&NAMES)).to_owned();
        }
        let field = &self.dice.pick(&rpc.fields).descriptor;
        let is_json = self.dice.once_in(2);
        (if is_json { field.json_name() } else { field.name() }).to_owned()
    }

    fn body(&mut self, rpc: &Rpc) -> Vec<u8> {
        let body = match self.dice.below(16) {
            0 => vec![],
            1 | 2 => json::value(&mut self.dice, 4),
            3 if self.dice.once_in(20) => vec![b' '; (1 << 20) + 1],
            _ => self.object(rpc),
        };
        if self.dice.once_in(8) { json::flawed(&mut self.dice, body) } else { body }
    }

    /// The least that it takes, with something else in its place or beside it.
    fn object(&mut self, rpc: &Rpc) -> Vec<u8> {
        let Value::Object(least) = grpc::json(&least(rpc)) else {
            panic!("a request is an object")
        };
        let mut fields = vec![];
        for (name, value) in least {
            let value = value.to_string().into_bytes();
            fields.push((json::quoted(&name), self.spoilt(value)));
        }
        for _ in 0..*self.dice.pick(&[0, 0, 1, 1, 3]) {
            let name = json::quoted(&self.name(rpc));
            fields.push((name, json::value(&mut self.dice, 3)));
        }
        json::object(&fields)
    }

    fn spoilt(&mut self, value: Vec<u8>) -> Vec<u8> {
        if self.dice.once_in(5) { json::value(&mut self.dice, 3) } else { value }
    }

    fn headers(&mut self, length: usize) -> String {
        let kind = if self.dice.once_in(10) { *self.dice.pick(&KINDS) } else { "application/json" };
        let mut headers =
            format!("host: jangteo\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n");
        let token = match self.dice.below(10) {
            0 => None,
            1 => Some((*self.dice.pick(&TOKENS)).to_owned()),
            _ => Some(format!("Bearer {}", self.dice.pick(&self.tokens))),
        };
        let token = token.iter().map(|token| ("authorization", token.as_str()));
        let more = *self.dice.pick(&[0, 0, 0, 1, 2]);
        let more: Vec<_> = (0..more).map(|_| *self.dice.pick(&HEADERS)).collect();
        for (name, value) in token.chain(more) {
            write!(headers, "{name}: {value}\r\n").expect("a text takes text");
        }
        headers
    }
}
