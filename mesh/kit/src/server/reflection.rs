//! Tells clients the contracts, in both versions of the protocol.

use std::collections::{BTreeMap, BTreeSet};

use prost::encoding::bytes;
use prost_reflect::{DescriptorPool, FileDescriptor};
use tonic_health::pb::health_server::SERVICE_NAME as HEALTH;
use tonic_reflection::server::{Builder, v1, v1alpha};

/// The reflection services of a process that hosts these services; they are listed with health.
pub(super) fn services(
    names: &[&str],
) -> (
    v1::ServerReflectionServer<impl v1::ServerReflection + use<>>,
    v1alpha::ServerReflectionServer<impl v1alpha::ServerReflection + use<>>,
) {
    const FITS: &str = "the build has compiled these sets";
    // What serves them holds on to them, by its type: a process does so once, to its end.
    let contracts = &*contracts(jangteo::descriptors(), names).leak();
    let builder = || builder(contracts, names);
    (builder().build_v1().expect(FITS), builder().build_v1alpha().expect(FITS))
}

fn builder(contracts: &'static [u8], names: &[&str]) -> Builder<'static> {
    let builder = Builder::configure()
        .register_encoded_file_descriptor_set(contracts)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .with_service_name(HEALTH);
    names.iter().fold(builder, |builder, &name| builder.with_service_name(name))
}

/// The contracts of the contexts that are hosted, with all that they import, as an encoded
/// `FileDescriptorSet`, options intact. What reflection knows stays in memory, twice: a process that
/// hosts one context need not keep those of all.
fn contracts(pool: &DescriptorPool, names: &[&str]) -> Vec<u8> {
    let hosted = names.iter().filter_map(|name| pool.get_service_by_name(name));
    let packages: BTreeSet<String> = hosted.map(|it| it.package_name().to_owned()).collect();
    let mut files = BTreeMap::new();
    for file in pool.files().filter(|file| packages.contains(file.package_name())) {
        gather(&file, &mut files);
    }
    let files: Vec<Vec<u8>> = files.values().map(FileDescriptor::encode_to_vec).collect();
    let mut set = vec![];
    // Field 1 of a FileDescriptorSet; prost's own type of it would lose the options.
    bytes::encode_repeated(1, &files, &mut set);
    set
}

fn gather(file: &FileDescriptor, known: &mut BTreeMap<String, FileDescriptor>) {
    if !known.contains_key(file.name()) {
        known.insert(file.name().to_owned(), file.clone());
        file.dependencies().for_each(|one| gather(&one, known));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::stream;
    use tonic_reflection::pb;

    use super::*;
    use crate::server::sample::Running;

    /// Asks one version of the protocol for all services, then for the file of one.
    macro_rules! answers {
        ($version:ident, $channel:expr) => {{
            use pb::$version::{
                ServerReflectionRequest,
                server_reflection_client::ServerReflectionClient,
                server_reflection_request::MessageRequest::{FileContainingSymbol, ListServices},
                server_reflection_response::MessageResponse::{
                    FileDescriptorResponse, ListServicesResponse,
                },
            };
            let ask = |message_request| ServerReflectionRequest {
                host: String::new(),
                message_request: Some(message_request),
            };
            let symbol = "jangteo.view.v1.MySalesService".to_owned();
            let asked =
                stream::iter([ask(ListServices(String::new())), ask(FileContainingSymbol(symbol))]);
            let mut client = ServerReflectionClient::new($channel);
            let mut answers = client.server_reflection_info(asked).await.unwrap().into_inner();
            let first = answers.message().await.unwrap().unwrap().message_response;
            let Some(ListServicesResponse(list)) = first else { panic!("{first:?}") };
            let second = answers.message().await.unwrap().unwrap().message_response;
            let Some(FileDescriptorResponse(files)) = second else { panic!("{second:?}") };
            let names: Vec<String> = list.service.into_iter().map(|it| it.name).collect();
            (names, files.file_descriptor_proto.concat())
        }};
    }

    fn check((names, files): &(Vec<String>, Vec<u8>)) {
        for name in ["jangteo.view.v1.MySalesService", "grpc.health.v1.Health"] {
            assert!(names.iter().any(|it| it == name), "{name} in {names:?}");
        }
        assert!(!names.iter().any(|it| it.contains("PostService")), "{names:?}");
        let option = b"/v1/my/sales/{post_id}";
        assert!(files.windows(option.len()).any(|part| part == option), "options are kept");
    }

    #[test]
    fn a_process_tells_the_contracts_of_what_it_hosts_with_all_that_they_import() {
        let set = contracts(jangteo::descriptors(), &["jangteo.deal.v1.DealService", HEALTH]);
        let told = DescriptorPool::decode(set.as_slice()).expect("nothing is missing");
        assert!(told.get_message_by_name("jangteo.deal.v1.DealReserved").is_some());
        assert!(told.get_message_by_name("jangteo.post.v1.Post").is_none());
    }

    #[tokio::test]
    async fn contracts_are_told_in_both_versions() {
        let server = Running::start(Duration::ZERO).await;
        check(&answers!(v1, server.channel().await));
        check(&answers!(v1alpha, server.channel().await));
    }
}
