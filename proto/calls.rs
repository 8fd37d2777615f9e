//! Every RPC, with what a mesh has to know of it.

use prost_reflect::MethodDescriptor;

use crate::access::{self, Access};

/// How the name of an RPC begins that changes nothing (Google AIP-131, AIP-132).
const QUERIES: [&str; 5] = ["Get", "List", "Watch", "Read", "Check"];

/// One RPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its service, such as `jangteo.post.v1.PostService`.
    pub service: String,
    /// Its name, such as `CreatePost`.
    pub method: String,
    /// Who may call it.
    pub access: Access,
    /// It changes something: nothing between client and service may send it twice.
    pub mutates: bool,
    /// It answers for as long as somebody listens.
    pub streams: bool,
}

/// All of them that somebody may call, by service and in the order of their contracts.
pub fn all() -> Vec<Call> {
    let call = |method: MethodDescriptor| {
        Some(Call {
            service: method.parent_service().full_name().to_owned(),
            method: method.name().to_owned(),
            access: access::of(&access::path(&method))?.clone(),
            mutates: mutates(&method),
            streams: method.is_server_streaming(),
        })
    };
    access::methods(crate::descriptors()).filter_map(call).collect()
}

/// Whether an RPC changes something, by its name.
pub(crate) fn mutates(method: &MethodDescriptor) -> bool {
    !QUERIES.iter().any(|query| method.name().starts_with(query))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_says_who_may_make_it_and_what_it_does() {
        let all = all();
        let find = |name: &str| all.iter().find(|call| call.method == name).unwrap();
        assert_eq!(find("GetPost").access, Access::Public);
        assert!(find("CreatePost").mutates && !find("GetPost").mutates);
        let watch = find("WatchMySales");
        assert!(watch.streams && !watch.mutates);
        let heads = find("ListHeads");
        assert!(matches!(heads.access, Access::Service { operators: true, .. }) && !heads.mutates);
    }
}
