//! What every contract must say: it fails here when a new one forgets to.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor,
};

use crate::{
    access::{self, Access},
    calls, descriptors, limits,
    options::v1::access::Level,
    people,
    test_protos::altered,
};

const POST: &str = "jangteo/post/v1/post.proto";
const POST_EVENTS: &str = "jangteo/post/v1/events.proto";

/// Commands that need no request id, and why.
const REPEATABLE: [(&str, &str); 11] = [
    (
        "/jangteo.view.v1.RebuildService/RebuildReadModel",
        "while a read model is rebuilt, every further command is answered with that generation",
    ),
    (
        "/jangteo.provider.v1.SandboxService/UpdateSandbox",
        "it sets everything: a repeat sets the same",
    ),
    (
        "/jangteo.ops.v1.DeadLetterService/RedriveDeadLetter",
        "what has gone through is no dead letter any more: a repeat is told so",
    ),
    (
        "/jangteo.ops.v1.DeadLetterService/DiscardDeadLetter",
        "what was passed over is no dead letter any more: a repeat is told so",
    ),
    ("/jangteo.ops.v1.FaultService/UpdateFaults", "it sets everything: a repeat sets the same"),
    (
        "/jangteo.ops.v1.FaultService/ClearFaults",
        "what is cleared is clear: a repeat clears the same",
    ),
    (
        "/jangteo.ops.v1.MendingService/CompareSources",
        "what is not lacking any more is not read again",
    ),
    (
        "/jangteo.ops.v1.MendingService/RefillStream",
        "every event keeps its id: whoever knows it ignores a copy",
    ),
    ("/jangteo.ops.v1.MendingService/AdoptEvents", "what is in the journal is not adopted again"),
    (
        "/jangteo.ops.v1.SagaService/RetrySaga",
        "a question has a key: whoever is asked twice answers the same",
    ),
    (
        "/jangteo.ops.v1.SagaService/AbortSaga",
        "what was given up is not asked any more: a repeat is told so",
    ),
];

/// RPCs that nobody may call, or whose access option says what their level does not read.
fn without_access(pool: &DescriptorPool) -> Vec<String> {
    let declared = access::declared(pool);
    let sound = |method: &MethodDescriptor| {
        declared.contains_key(&access::path(method))
            && access::option(method).is_some_and(|it| {
                (it.roles.is_empty() || it.level() == Level::User)
                    && (it.callers.is_empty() && !it.operators || it.level() == Level::Service)
            })
    };
    access::methods(pool).filter(|it| !sound(it)).map(|it| access::path(&it)).collect()
}

/// Fields of requests that may hold anything.
fn without_rule(pool: &DescriptorPool) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<_> = access::methods(pool).map(|method| method.input()).collect();
    let mut bare = Vec::new();
    while let Some(message) = open.pop() {
        if !seen.insert(message.full_name().to_owned()) {
            continue;
        }
        for field in message.fields() {
            open.extend(inner(&field));
            if !is_bounded(&field) {
                bare.push(field.full_name().to_owned());
            }
        }
    }
    bare
}

/// The message of ours that a field holds.
fn inner(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    field.kind().as_message().filter(|it| !is_checked_by_type(it)).cloned()
}

fn is_checked_by_type(message: &MessageDescriptor) -> bool {
    ["google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask"]
        .contains(&message.full_name())
}

fn is_bounded(field: &FieldDescriptor) -> bool {
    let rules = limits::declared(field);
    let kind = field.kind();
    if !field.is_list() {
        return is_bounded_value(&kind, rules.as_ref());
    }
    let repeated = rules.and_then(|rules| group(&rules, "repeated"));
    repeated.is_some_and(|it| {
        it.has_field_by_name("max_items") && is_bounded_value(&kind, group(&it, "items").as_ref())
    })
}

fn is_bounded_value(kind: &Kind, rules: Option<&DynamicMessage>) -> bool {
    let one_of = |name: &str, needed: &[&str]| {
        let group = rules.and_then(|rules| group(rules, name));
        group.is_some_and(|group| needed.iter().any(|rule| group.has_field_by_name(rule)))
    };
    match kind {
        Kind::Bool | Kind::Message(_) => true,
        Kind::String => one_of("string", &["max_len", "uuid"]),
        Kind::Bytes => one_of("bytes", &["max_len"]),
        Kind::Int32 => one_of("int32", &["gte", "lte"]),
        Kind::Int64 => one_of("int64", &["gte", "lte"]),
        Kind::Enum(_) => one_of("enum", &["defined_only"]),
        _ => false,
    }
}

fn group(rules: &DynamicMessage, name: &str) -> Option<DynamicMessage> {
    let value = rules.has_field_by_name(name).then(|| rules.get_field_by_name(name))??;
    value.as_message().cloned()
}

/// RPCs for people that can't be called over HTTP.
fn without_binding(pool: &DescriptorPool) -> Vec<String> {
    let declared = access::declared(pool);
    let for_people = |method: &MethodDescriptor| {
        matches!(declared.get(&access::path(method)), Some(Access::Public | Access::User { .. }))
    };
    let bare = access::methods(pool).filter(|it| for_people(it) && verb(it).is_none());
    bare.map(|it| access::path(&it)).collect()
}

/// The HTTP method that an RPC is bound to.
fn verb(method: &MethodDescriptor) -> Option<String> {
    let extension = method.parent_pool().get_extension_by_name("google.api.http")?;
    let options = method.options();
    let rule = options.has_extension(&extension).then(|| options.get_extension(&extension))?;
    let rule = rule.as_message()?;
    let verbs = ["get", "put", "post", "delete", "patch"];
    verbs.into_iter().find(|verb| rule.has_field_by_name(verb)).map(str::to_owned)
}

/// RPCs that change something and whose request has neither a checked request id nor, between
/// contexts, the key of the call.
fn without_request_id(pool: &DescriptorPool) -> Vec<String> {
    let declared = access::declared(pool);
    let between = |method: &MethodDescriptor| {
        matches!(declared.get(&access::path(method)), Some(Access::Service { .. }))
            && method.input().get_field_by_name("call_key").is_some()
    };
    let is_bare = |it: &MethodDescriptor| !has_request_id(&it.input()) && !between(it);
    let bare = access::methods(pool).filter(|it| is_mutating(it) && is_bare(it));
    bare.map(|it| access::path(&it)).collect()
}

fn is_mutating(method: &MethodDescriptor) -> bool {
    calls::mutates(method) || verb(method).is_some_and(|verb| verb != "get")
}

fn has_request_id(request: &MessageDescriptor) -> bool {
    let field = request.get_field_by_name("request_id");
    let rules = field.and_then(|field| limits::declared(&field));
    let uuid =
        rules.and_then(|rules| group(&rules, "string")?.get_field_by_name("uuid")?.as_bool());
    uuid == Some(true)
}

/// Messages that are both asked and answered: the codec could not tell which.
fn both_ways(pool: &DescriptorPool) -> Vec<String> {
    let replies: BTreeSet<_> =
        access::methods(pool).map(|it| it.output().full_name().to_owned()).collect();
    let requests = access::methods(pool).map(|it| it.input().full_name().to_owned());
    requests.filter(|name| replies.contains(name)).collect()
}

/// Events that name nobody whom they concern.
fn without_people(pool: &DescriptorPool) -> Vec<String> {
    let names_nobody =
        |event: &MessageDescriptor| !event.fields().any(|field| people::names_a_person(&field));
    people::events(pool).filter(names_nobody).map(|event| event.full_name().to_owned()).collect()
}

#[test]
fn every_event_names_the_people_it_concerns() {
    assert_eq!(without_people(descriptors()), [""; 0]);
    assert!(people::events(descriptors()).count() >= 21);
}

#[test]
fn an_event_that_names_nobody_is_found() {
    let pool = altered(
        POST_EVENTS,
        "string seller = 2 [(jangteo.options.v1.person) = true];\n  // When it was deleted.",
        "string seller = 2;\n  // When it was deleted.",
    );
    assert_eq!(without_people(&pool), ["jangteo.post.v1.PostDeleted"]);
    let marked =
        "string seller = 2 [(jangteo.options.v1.person) = true];\n  // When it was hidden.";
    for unmarked in [
        "string seller = 2 [(jangteo.options.v1.person) = false];",
        "int64 seller = 2 [(jangteo.options.v1.person) = true];",
    ] {
        let by = format!("{unmarked}\n  // When it was hidden.");
        assert_eq!(
            without_people(&altered(POST_EVENTS, marked, &by)),
            ["jangteo.post.v1.PostHidden"]
        );
    }
}

#[test]
fn every_rpc_says_who_may_call_it() {
    assert_eq!(without_access(descriptors()), [""; 0]);
    assert!(access::methods(descriptors()).count() >= 16);
}

#[test]
fn an_rpc_that_says_nothing_or_nonsense_is_found() {
    let hide = ["/jangteo.post.v1.PostService/HidePost"];
    let option = "option (jangteo.options.v1.access) = {level: LEVEL_USER};\n  }\n\n  // Puts";
    for flaw in ["", "{level: LEVEL_UNSPECIFIED}", "{level: LEVEL_USER callers: [\"deal\"]}"] {
        let by = match flaw {
            "" => "}\n\n  // Puts".to_owned(),
            flaw => format!("option (jangteo.options.v1.access) = {flaw};\n  }}\n\n  // Puts"),
        };
        assert_eq!(without_access(&altered(POST, option, &by)), hide, "{flaw}");
    }
}

#[test]
fn every_field_of_every_request_has_a_rule() {
    assert_eq!(without_rule(descriptors()), [""; 0]);
}

#[test]
fn a_field_without_a_rule_is_found() {
    let bare = |part, by| without_rule(&altered(POST, part, by));
    let text =
        bare("string text = 6 [(buf.validate.field).string.max_len = 100]", "string text = 6");
    assert_eq!(text, ["jangteo.post.v1.ListPostsRequest.text"]);
    let state = bare("state = 4 [(buf.validate.field).enum.defined_only = true]", "state = 4");
    assert_eq!(state, ["jangteo.post.v1.ListPostsRequest.state"]);
    let unbounded = bare("string.max_len = 64", "string.min_len = 0");
    assert_eq!(unbounded, ["jangteo.post.v1.ListPostsRequest.seller"]);
    let nested = bare(
        "message GetPostRequest {",
        "message GetPostRequest { message In { double x = 1; } In in = 9; repeated In ins = 8;",
    );
    let expected = ["jangteo.post.v1.GetPostRequest.ins", "jangteo.post.v1.GetPostRequest.In.x"];
    assert_eq!(BTreeSet::from_iter(nested), expected.map(str::to_owned).into());
}

#[test]
fn every_rule_is_enforced() {
    let unenforced = limits::Table::compile(descriptors()).err().unwrap_or_default();
    assert_eq!(unenforced, [""; 0]);
}

#[test]
fn every_rpc_for_people_has_an_http_binding() {
    assert_eq!(without_binding(descriptors()), [""; 0]);
}

#[test]
fn an_rpc_for_people_without_a_binding_is_found() {
    let pool = altered(POST, "option (google.api.http) = {get: \"/v1/posts\"};", "");
    assert_eq!(without_binding(&pool), ["/jangteo.post.v1.PostService/ListPosts"]);
}

#[test]
fn every_command_has_a_request_id() {
    let excused: BTreeMap<_, _> = REPEATABLE.into();
    let mut bare = without_request_id(descriptors());
    bare.sort();
    assert_eq!(bare, excused.into_keys().collect::<Vec<_>>());
}

#[test]
fn a_command_without_a_request_id_is_found() {
    let renamed = altered(POST, "string request_id = 4", "string request_key = 4");
    assert_eq!(without_request_id(&renamed), ["/jangteo.post.v1.PostService/CreatePost"]);
    let unchecked = altered(POST, "string.uuid = true,", "string.max_len = 36,");
    assert_eq!(without_request_id(&unchecked).len(), 5);
}

#[test]
fn no_message_is_both_asked_and_answered() {
    assert_eq!(both_ways(descriptors()), [""; 0]);
    let pool = altered(POST, "GetPost(GetPostRequest) returns", "GetPost(Post) returns");
    assert_eq!(both_ways(&pool), ["jangteo.post.v1.Post"]);
}

#[test]
fn options_and_comments_survive_in_the_descriptor_set() {
    let create = descriptors().get_service_by_name("jangteo.post.v1.PostService").unwrap();
    let create = create.methods().next().unwrap();
    assert_eq!(verb(&create).as_deref(), Some("post"));
    let file = create.parent_file().file_descriptor_proto().clone();
    assert!(file.source_code_info.is_some_and(|info| !info.location.is_empty()));
    let imported = ["google/protobuf/timestamp.proto", "google/api/annotations.proto"];
    assert!(imported.iter().all(|name| descriptors().get_file_by_name(name).is_some()));
}

#[test]
fn a_mutating_request_tells_its_id() {
    use crate::{Mutating, post::v1::HidePostRequest};
    let request = HidePostRequest { request_id: "once".to_owned(), ..Default::default() };
    assert_eq!(request.request_id(), "once");
}
