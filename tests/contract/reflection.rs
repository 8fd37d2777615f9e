//! The contracts as the process itself tells them, options and all, and the health of each service.

use std::collections::{BTreeMap, BTreeSet};

use jangteo::descriptors;
use jangteo_testing::grpc;
use prost_reflect::prost::{Message as _, bytes::Bytes};
use prost_reflect::prost_types::FileDescriptorProto;
use tonic::Code;
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, ServerReflectionResponse, server_reflection_request::MessageRequest,
    server_reflection_response::MessageResponse,
};

use super::{told::told, world::World};

/// Fields 50101 and 72295728 of a method's options, both messages.
const ACCESS: [u8; 3] = [0xaa, 0xbb, 0x18];
const HTTP: [u8; 5] = [0x82, 0xd3, 0xe4, 0x93, 0x02];

/// Both versions of the protocol are the same on the wire but for the name of the service.
async fn ask(world: &World, version: &str, request: MessageRequest) -> MessageResponse {
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(request) };
    let path = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
    let body = Bytes::from(request.encode_to_vec());
    let reply = grpc::raw(world.mesh.node.channel(), &path, body, None, &[]).await.unwrap();
    let reply = ServerReflectionResponse::decode(reply.into_inner()).unwrap();
    reply.message_response.expect("an answer")
}

/// The files of a question, by name.
async fn files(world: &World, version: &str, request: MessageRequest) -> BTreeMap<String, Bytes> {
    match ask(world, version, request).await {
        MessageResponse::FileDescriptorResponse(files) => files
            .file_descriptor_proto
            .into_iter()
            .map(|file| {
                (
                    FileDescriptorProto::decode(file.as_slice()).unwrap().name().to_owned(),
                    file.into(),
                )
            })
            .collect(),
        other => panic!("{other:?}"),
    }
}

async fn listed(world: &World, version: &str) -> BTreeSet<String> {
    match ask(world, version, MessageRequest::ListServices(String::new())).await {
        MessageResponse::ListServicesResponse(list) => {
            list.service.into_iter().map(|service| service.name).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// The file of each service with all that it imports, as a client would gather them.
async fn gathered(world: &World, version: &str) -> BTreeMap<String, Bytes> {
    let mut known = BTreeMap::new();
    for service in services(world) {
        known.extend(files(world, version, MessageRequest::FileContainingSymbol(service)).await);
    }
    while let Some(name) = missing(&known) {
        known.extend(files(world, version, MessageRequest::FileByFilename(name)).await);
    }
    known
}

fn missing(known: &BTreeMap<String, Bytes>) -> Option<String> {
    let files = known.values().map(|file| FileDescriptorProto::decode(file.clone()).unwrap());
    files.flat_map(|file| file.dependency).find(|name| !known.contains_key(name))
}

fn services(world: &World) -> BTreeSet<String> {
    world.rpcs.iter().map(|rpc| rpc.service().to_owned()).collect()
}

fn count(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).filter(|window| *window == part).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_versions_of_reflection_tell_the_contracts_with_their_options() {
    let world = World::start().await;
    for version in ["v1", "v1alpha"] {
        let known = services(&world).into_iter().chain(["grpc.health.v1.Health".to_owned()]);
        assert_eq!(listed(&world, version).await, known.collect(), "{version}");
        options_are_whole(&world, &gathered(&world, version).await);
    }
    each_service_tells_its_health(&world).await;
    world.is_unharmed().await;
}

/// Byte for byte, as no library that knows them is asked.
fn options_are_whole(world: &World, files: &BTreeMap<String, Bytes>) {
    for (name, file) in files.iter().filter(|(name, _)| name.starts_with("jangteo/")) {
        let compiled = descriptors().get_file_by_name(name).expect("it is ours").encode_to_vec();
        for option in [&ACCESS[..], &HTTP] {
            assert_eq!(count(file, option), count(&compiled, option), "{name}: {option:?}");
        }
    }
    let served = |option: &[u8]| files.values().map(|file| count(file, option)).sum::<usize>();
    let bound = world.rpcs.iter().filter(|rpc| !rpc.http.is_null()).count();
    assert_eq!((served(&ACCESS), served(&HTTP)), (world.rpcs.len(), bound));
}

async fn each_service_tells_its_health(world: &World) {
    let processes = ["", "startup", "liveness", "readiness"].map(str::to_owned);
    for name in services(world).into_iter().chain(processes) {
        let health = world.mesh.node.health(&name).await.unwrap();
        assert_eq!(health.as_str_name(), "SERVING", "{name:?}");
    }
    let unknown = world.mesh.node.health("jangteo.post.v1.NoService").await.unwrap_err();
    assert_eq!(told(&unknown).unwrap().code, Code::NotFound);
}
