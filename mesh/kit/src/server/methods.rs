//! What the layers must know of each RPC, by its path.

use std::{collections::HashMap, sync::LazyLock};

use jangteo::access::{self, Access};
use prost_reflect::{DescriptorPool, MethodDescriptor};

/// An RPC that this binary knows, whether this process hosts it or not.
#[derive(Debug)]
pub(super) struct Method {
    /// The full name of its service.
    pub(super) service: String,
    /// Its name.
    pub(super) name: String,
    /// Whether one side sends more than one message.
    pub(super) streaming: bool,
    /// Who may call it.
    pub(super) access: Access,
}

/// The RPC of a path such as `/jangteo.post.v1.PostService/CreatePost`.
pub(super) fn of(path: &str) -> Option<&'static Method> {
    static TABLE: LazyLock<HashMap<String, Method>> = LazyLock::new(table);
    TABLE.get(path)
}

fn table() -> HashMap<String, Method> {
    let own = jangteo::descriptors().clone();
    let protocols = [
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ];
    let protocols = protocols.map(|set| {
        DescriptorPool::decode(set).expect("these libraries embed what they were compiled from")
    });
    let pools = std::iter::once(own).chain(protocols);
    pools.flat_map(|pool| methods(&pool)).filter_map(|method| known(&method)).collect()
}

fn methods(pool: &DescriptorPool) -> Vec<MethodDescriptor> {
    pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
}

/// Everybody may ask for health and contracts; of ours, whom the contract names.
fn known(method: &MethodDescriptor) -> Option<(String, Method)> {
    let service = method.parent_service().full_name().to_owned();
    let path = format!("/{service}/{}", method.name());
    let access =
        if service.starts_with("grpc.") { Access::Public } else { access::of(&path)?.clone() };
    let streaming = method.is_client_streaming() || method.is_server_streaming();
    Some((path, Method { service, name: method.name().to_owned(), streaming, access }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_rpcs_are_known_with_their_access() {
        let create = of("/jangteo.post.v1.PostService/CreatePost").unwrap();
        assert_eq!(
            (create.service.as_str(), create.name.as_str()),
            ("jangteo.post.v1.PostService", "CreatePost")
        );
        assert_eq!((create.streaming, &create.access), (false, &Access::User { roles: vec![] }));
    }

    #[test]
    fn everybody_may_ask_for_health_and_contracts() {
        for (path, streaming) in [
            ("/grpc.health.v1.Health/Check", false),
            ("/grpc.health.v1.Health/Watch", true),
            ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", true),
            ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", true),
        ] {
            let method = of(path).unwrap();
            assert_eq!((method.streaming, &method.access), (streaming, &Access::Public), "{path}");
        }
    }

    #[test]
    fn nothing_else_is_known() {
        for path in [
            "",
            "/",
            "/jangteo.post.v1.PostService/StealPost",
            "jangteo.post.v1.PostService/CreatePost",
            "/grpc.health.v1.Health/check",
        ] {
            assert!(of(path).is_none(), "{path}");
        }
    }

    #[test]
    fn every_rpc_that_the_contracts_open_is_known() {
        assert!(access::all().all(|(path, _)| of(path).is_some()));
        assert!(access::all().any(|(path, _)| of(path).is_some_and(|method| method.streaming)));
    }
}
