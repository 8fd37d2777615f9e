//! What can be called through the gateway, read from a descriptor set.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::Context as _;
use jangteo::access::{self, Access};
use prost_reflect::{DescriptorPool, MethodDescriptor};

/// The contracts that a gateway knows. What they open to other contexts alone is not among them.
#[derive(Clone, Debug)]
pub struct Contracts {
    set: Cow<'static, [u8]>,
    pool: DescriptorPool,
    rpcs: BTreeMap<String, Rpc>,
}

/// One RPC that clients may call, and the context that answers it.
#[derive(Clone, Debug)]
pub(crate) struct Rpc {
    pub(crate) context: String,
    pub(crate) method: MethodDescriptor,
}

impl Contracts {
    /// Those that were compiled with this binary.
    pub fn compiled() -> Self {
        Self::of(Cow::Borrowed(jangteo::DESCRIPTOR_SET), jangteo::descriptors().clone())
    }

    /// Those of a file: a `FileDescriptorSet` with its imports, as `buf build` and `protoc` write it.
    ///
    /// # Errors
    /// The file can't be read, or is no descriptor set.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let set = std::fs::read(file);
        let set = set.with_context(|| format!("cannot read {}", file.display()))?;
        let pool = DescriptorPool::decode(set.as_slice());
        let pool = pool.with_context(|| format!("{} is no descriptor set", file.display()))?;
        Ok(Self::of(Cow::Owned(set), pool))
    }

    fn of(set: Cow<'static, [u8]>, pool: DescriptorPool) -> Self {
        let open = access::declared(&pool);
        let methods = pool.services().flat_map(|it| it.methods().collect::<Vec<_>>());
        let rpcs = methods.filter_map(|method| {
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            let is_open = open.get(&path).is_some_and(|it| !matches!(it, Access::Service { .. }));
            let context = context(method.parent_service().package_name()).to_owned();
            is_open.then_some((path, Rpc { context, method }))
        });
        let rpcs = rpcs.collect();
        Self { set, pool, rpcs }
    }

    /// The contexts that answer them.
    pub fn contexts(&self) -> BTreeSet<&str> {
        self.rpcs.values().map(|rpc| rpc.context.as_str()).collect()
    }

    /// The encoded descriptor set.
    pub(crate) fn set(&self) -> &[u8] {
        &self.set
    }

    pub(crate) fn pool(&self) -> &DescriptorPool {
        &self.pool
    }

    /// The RPC of a path such as `/jangteo.post.v1.PostService/CreatePost`.
    pub(crate) fn rpc(&self, path: &str) -> Option<&Rpc> {
        self.rpcs.get(path)
    }

    pub(crate) fn rpcs(&self) -> impl Iterator<Item = &Rpc> {
        self.rpcs.values()
    }

    /// The full names of all services with an RPC that clients may call, and who answers them.
    pub(crate) fn services(&self) -> BTreeMap<String, &str> {
        let services = self.rpcs.values();
        let named = |rpc: &Rpc| rpc.method.parent_service().full_name().to_owned();
        services.map(|rpc| (named(rpc), rpc.context.as_str())).collect()
    }
}

/// The context of a package: its last word, less the version.
fn context(package: &str) -> &str {
    let is_version = |word: &str| {
        word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    package.rsplit('.').find(|word| !is_version(word)).unwrap_or(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_names_its_context() {
        for (package, expected) in
            [("jangteo.post.v1", "post"), ("acme.v2beta1", "acme"), ("library", "library")]
        {
            assert_eq!(context(package), expected);
        }
    }

    #[test]
    fn what_is_between_contexts_stays_there() {
        let contracts = Contracts::compiled();
        assert!(contracts.rpc("/jangteo.post.v1.PostService/CreatePost").is_some());
        for path in [
            "/jangteo.post.v1.PostService/ReservePost",
            "/jangteo.journal.v1.JournalService/ReadEvents",
        ] {
            assert!(contracts.rpc(path).is_none(), "{path}");
        }
        assert_eq!(
            contracts.contexts().into_iter().collect::<Vec<_>>(),
            [
                "deal",
                "delivery",
                "inventory",
                "item",
                "notification",
                "offer",
                "ops",
                "order",
                "payment",
                "post",
                "provider",
                "rental",
                "review",
                "store",
                "view"
            ]
        );
    }
}
