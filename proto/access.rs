//! Who may call which RPC, as the contracts say.

use std::{collections::BTreeMap, sync::LazyLock};

use prost_reflect::{DescriptorPool, MethodDescriptor};

use crate::options::v1::{Access as Declared, access::Level};

/// Who may call an RPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, with or without a token.
    Public,
    /// A signed-in person.
    User {
        /// One of these is needed; none named: any person.
        roles: Vec<String>,
    },
    /// Another context of the mesh.
    Service {
        /// Only these; none named: any context.
        callers: Vec<String>,
        /// Operators may call as well.
        operators: bool,
    },
    /// A person with the role `operator`.
    Operator,
}

/// Who may call the RPC of this path, such as `/jangteo.post.v1.PostService/CreatePost`.
///
/// `None` is a refusal: the RPC is unknown, or its contract does not say.
pub fn of(path: &str) -> Option<&'static Access> {
    table().get(path)
}

/// Every RPC that somebody may call, by path.
pub fn all() -> impl Iterator<Item = (&'static str, &'static Access)> {
    table().iter().map(|(path, access)| (path.as_str(), access))
}

fn table() -> &'static BTreeMap<String, Access> {
    static TABLE: LazyLock<BTreeMap<String, Access>> =
        LazyLock::new(|| declared(crate::descriptors()));
    &TABLE
}

/// What the contracts of a pool say, by path.
pub fn declared(pool: &DescriptorPool) -> BTreeMap<String, Access> {
    methods(pool).filter_map(|method| Some((path(&method), read(&method)?))).collect()
}

/// Every RPC of a pool.
pub(crate) fn methods(pool: &DescriptorPool) -> impl Iterator<Item = MethodDescriptor> {
    pool.services().flat_map(|service| service.methods().collect::<Vec<_>>())
}

/// The path under which an RPC is called.
pub(crate) fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

/// The option as it stands, if there is one.
pub(crate) fn option(method: &MethodDescriptor) -> Option<Declared> {
    let extension = method.parent_pool().get_extension_by_name("jangteo.options.v1.access")?;
    let options = method.options();
    let value = options.has_extension(&extension).then(|| options.get_extension(&extension))?;
    value.as_message()?.transcode_to().ok()
}

fn read(method: &MethodDescriptor) -> Option<Access> {
    let declared = option(method)?;
    match declared.level() {
        Level::Unspecified => None,
        Level::Public => Some(Access::Public),
        Level::User => Some(Access::User { roles: declared.roles }),
        Level::Service => {
            Some(Access::Service { callers: declared.callers, operators: declared.operators })
        }
        Level::Operator => Some(Access::Operator),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rpc_is_found_by_its_path() {
        let access = of("/jangteo.post.v1.PostService/CreatePost");
        assert_eq!(access, Some(&Access::User { roles: vec![] }));
    }

    #[test]
    fn callers_and_operators_are_told() {
        let access = of("/jangteo.post.v1.PostService/ReservePost");
        let deal = Access::Service { callers: vec!["deal".to_owned()], operators: false };
        assert_eq!(access, Some(&deal));
        let access = of("/jangteo.journal.v1.JournalService/ReadEvents");
        assert_eq!(access, Some(&Access::Service { callers: vec![], operators: true }));
    }

    #[test]
    fn an_unknown_rpc_is_refused() {
        assert_eq!(of("/jangteo.post.v1.PostService/StealPost"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn all_rpcs_are_listed_under_the_paths_that_find_them() {
        assert!(all().count() >= 16);
        assert!(all().all(|(path, access)| of(path) == Some(access)));
    }
}
