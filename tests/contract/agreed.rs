//! The contracts as they were last agreed on, in `agreed.txt`: who may call each RPC, and what each
//! field of its request may hold. The tables expect what stands there, not what the contracts say
//! today: a rule that is taken out of a contract is missed twice, by this text and by the server's
//! answers.

use std::fs;

use jangteo::descriptors;
use jangteo_testing::grpc;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor,
};
use serde_json::Value;

const TEXT: &str = include_str!("agreed.txt");
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/contract/agreed.txt");
/// Set, the contracts as they are today become what is agreed on.
const REWRITE: &str = "JANGTEO_TEST_REWRITE";

const HEAD: [&str; 3] = [
    "# Who may call each RPC, and what each field of its request may hold.",
    "# If a change is meant, and read again in review, it is written here by",
    "# JANGTEO_TEST_REWRITE=1 cargo test --workspace the_contracts_say_what_was_agreed_on",
];

/// An RPC, and what was agreed on for it.
#[derive(Debug)]
pub(super) struct Rpc {
    pub(super) path: String,
    /// Whether it answers with a stream.
    pub(super) streaming: bool,
    pub(super) request: MessageDescriptor,
    pub(super) access: Value,
    /// Its HTTP binding; null if it has none.
    pub(super) http: Value,
    pub(super) fields: Vec<Field>,
}

/// A field of a request, or of a message inside one.
#[derive(Debug)]
pub(super) struct Field {
    /// The way to it, such as `lines[].goods`.
    pub(super) path: String,
    pub(super) descriptor: FieldDescriptor,
    pub(super) rules: Value,
}

impl Rpc {
    /// An RPC of which nothing else is known yet.
    pub(super) fn new(path: &str, streaming: bool, request: MessageDescriptor) -> Self {
        let (access, http) = (Value::Null, Value::Null);
        Self { path: path.to_owned(), streaming, request, access, http, fields: Vec::new() }
    }

    /// Takes over a line of the text.
    pub(super) fn read(&mut self, what: &str, rest: &str) {
        let json = |text: &str| serde_json::from_str(text).expect("options are JSON");
        match what {
            "access" => self.access = json(rest),
            "http" => self.http = json(rest),
            "field" => {
                let (path, rest) = rest.split_once(": ").expect("path: type");
                let (_, rules) = rest.split_once(" = ").expect("type = rules");
                let descriptor = find(&self.request, path);
                self.fields.push(Field { path: path.to_owned(), descriptor, rules: json(rules) });
            }
            _ => {}
        }
    }

    /// Who may call.
    pub(super) fn level(&self) -> &str {
        self.access["level"].as_str().expect("every RPC has a level")
    }

    /// The roles or callers that the access option names.
    pub(super) fn named(&self, what: &str) -> Vec<&str> {
        let names = self.access[what].as_array();
        names.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The full name of its service.
    pub(super) fn service(&self) -> &str {
        self.path.trim_start_matches('/').split_once('/').expect("/service/method").0
    }
}

/// Every RPC of the market.
pub(super) fn rpcs() -> Vec<Rpc> {
    let mut rpcs: Vec<Rpc> = Vec::new();
    for line in TEXT.lines() {
        if line.starts_with('/') {
            let method = grpc::method(line);
            rpcs.push(Rpc::new(line, method.is_server_streaming(), method.input()));
        } else if let (Some(rpc), Some((what, rest))) =
            (rpcs.last_mut(), line.trim().split_once(' '))
        {
            rpc.read(what, rest);
        }
    }
    rpcs
}

fn find(message: &MessageDescriptor, path: &str) -> FieldDescriptor {
    let (head, tail) = path.split_once('.').map_or((path, None), |(head, tail)| (head, Some(tail)));
    let field = message.get_field_by_name(head.trim_end_matches("[]"));
    let field = field.unwrap_or_else(|| panic!("{} has no {head} any more", message.full_name()));
    match (tail, field.kind()) {
        (Some(tail), Kind::Message(inner)) => find(&inner, tail),
        _ => field,
    }
}

/// What the contracts of a pool say.
fn written(pool: &DescriptorPool) -> Vec<String> {
    let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    let head = HEAD.into_iter().map(str::to_owned);
    head.chain(methods.flat_map(|method| of_method(&method))).collect()
}

fn of_method(method: &MethodDescriptor) -> Vec<String> {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let option = |name| option(&method.options(), name);
    let access = format!("  access {}", option("jangteo.options.v1.access"));
    let http = format!("  http {}", option("google.api.http"));
    let mut lines = vec![String::new(), path, access, http];
    lines.extend(of_fields(&method.input(), "", &[]));
    lines
}

fn of_fields(message: &MessageDescriptor, prefix: &str, above: &[&str]) -> Vec<String> {
    let above = [above, &[message.full_name()]].concat();
    message.fields().flat_map(|field| of_field(&field, prefix, &above)).collect()
}

fn of_field(field: &FieldDescriptor, prefix: &str, above: &[&str]) -> Vec<String> {
    let items = if field.is_list() { "[]" } else { "" };
    let path = format!("{prefix}{}{items}", field.name());
    let rules = option(&field.options(), "buf.validate.field");
    let mut lines = vec![format!("  field {path}: {} = {rules}", kind(field))];
    // A message that contains itself is told once.
    if let Kind::Message(inner) = field.kind()
        && inner.package_name() != "google.protobuf"
        && !above.contains(&inner.full_name())
    {
        lines.extend(of_fields(&inner, &format!("{path}."), above));
    }
    lines
}

fn kind(field: &FieldDescriptor) -> String {
    let optional = !field.is_list() && field.supports_presence();
    let label = if optional { "optional " } else { "" };
    match field.kind() {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(of) => format!("{label}{}", of.full_name()),
        scalar => format!("{label}{scalar:?}").to_lowercase(),
    }
}

/// An option as JSON; `null` where it is not set.
fn option(options: &DynamicMessage, name: &str) -> Value {
    let extension = descriptors().get_extension_by_name(name).expect("our contracts import it");
    let option = options.has_extension(&extension).then(|| options.get_extension(&extension));
    option.as_ref().and_then(|option| option.as_message()).map_or(Value::Null, grpc::json)
}

#[test]
fn the_contracts_say_what_was_agreed_on() {
    let written = written(descriptors());
    if std::env::var_os(REWRITE).is_some() {
        return fs::write(FILE, written.join("\n") + "\n").unwrap();
    }
    let (today, agreed) = (by_rpc(written.iter().map(String::as_str)), by_rpc(TEXT.lines()));
    let new: Vec<_> = today.iter().filter(|line| !agreed.contains(line)).collect();
    let gone: Vec<_> = agreed.iter().filter(|line| !today.contains(line)).collect();
    assert!(today == agreed, "new: {new:#?}\ngone: {gone:#?}\n{}\n{}", HEAD[1], HEAD[2]);
}

/// Each line with the RPC that it belongs to.
fn by_rpc<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
    let mut rpc = "";
    lines
        .map(|line| {
            if line.starts_with('/') {
                rpc = line;
            }
            (rpc, line)
        })
        .collect()
}

/// Deleting any one rule from a contract is seen: without its options each line reads otherwise.
#[test]
fn a_rule_that_is_taken_out_is_missed() {
    // The plain types do not know the options, and lose them.
    use prost_reflect::{
        prost::Message as _,
        prost_types::{FileDescriptorProto, FileDescriptorSet},
    };
    let files = descriptors().files().map(|file| {
        FileDescriptorProto::decode(file.encode_to_vec().as_slice()).expect("a file is a file")
    });
    let bare = FileDescriptorSet { file: files.collect() }.encode_to_vec();
    let without = written(&DescriptorPool::decode(bare.as_slice()).unwrap());
    let agreed: Vec<_> = TEXT.lines().collect();
    assert_eq!(without.len(), agreed.len());
    let says: Vec<_> =
        agreed.iter().zip(&without).filter(|(line, _)| line.ends_with('}')).collect();
    assert!(says.len() > 60, "only {} options", says.len());
    let unseen: Vec<_> = says.iter().filter(|(line, without)| line == without).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}
