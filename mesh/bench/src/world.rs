//! What figures start: jangteo beside a broker of its own, and the bare echo.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Result, ensure};
use jangteo::descriptors;
use jangteo_testing::{Nats, Node, node::Builder, tokens::Keys};

use crate::{journal::Journal, seller::Seller};

/// What all figures share.
#[derive(Clone)]
pub(crate) struct World {
    /// The program to measure.
    pub(crate) jangteo: PathBuf,
    /// How many events a backlog has.
    pub(crate) backlog: u64,
}

impl World {
    /// The program that was built into the folder of this one.
    pub(crate) fn beside() -> Result<PathBuf> {
        Ok(env::current_exe()?.with_file_name("jangteo"))
    }

    /// jangteo as it is shipped, beside a broker that syncs each message.
    pub(crate) fn node(&self, nats: &Nats, contexts: &[&str]) -> Builder {
        Node::builder(&self.jangteo).contexts(contexts.iter().copied()).nats(nats)
    }

    /// The bare echo, a process of its own as jangteo is.
    pub(crate) fn echo() -> Result<Builder> {
        Ok(Node::builder(env::current_exe()?))
    }
}

/// All contexts: the packages of the contracts that have a service for others than the mesh itself.
pub(crate) fn contexts() -> BTreeSet<String> {
    let services = descriptors().services();
    services.filter_map(|service| context(service.package_name())).collect()
}

/// Those of them that have events, and so a stream.
pub(crate) fn publishing() -> BTreeSet<String> {
    let files = descriptors().files().filter(|file| file.name().ends_with("/events.proto"));
    files.filter_map(|file| context(file.package_name())).collect()
}

/// `post` of `jangteo.post.v1`; every process has the packages of the mesh.
fn context(package: &str) -> Option<String> {
    const MESH: [&str; 2] = ["journal", "ops"];
    let (name, _) = package.strip_prefix("jangteo.")?.split_once('.')?;
    (!MESH.contains(&name)).then(|| name.to_owned())
}

/// A broker that has every message on disk before it acknowledges it, by its own word.
pub(crate) async fn nats() -> Result<Nats> {
    let nats = Nats::start().await?;
    ensure!(nats.durable().await?, "the broker does not sync each message");
    Ok(nats)
}

/// A node that sells, with its broker and with the journal of its posts.
pub(crate) struct Market {
    // Above the broker: it still needs it while it ends.
    pub(crate) node: Node,
    pub(crate) nats: Nats,
    pub(crate) journal: Journal,
    keys: Keys,
}

impl Market {
    /// Contexts on SQLite, `post` among them, with these settings.
    pub(crate) async fn sqlite(
        world: &World,
        contexts: &[&str],
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let nats = nats().await?;
        let mut node = world.node(&nats, contexts);
        for (key, value) in settings {
            node = node.env(key, value);
        }
        let node = node.start().await?;
        let url = format!("sqlite://{}", node.data_dir().join("post.db").display());
        Self::of(node, nats, &url).await
    }

    /// The context `post` on the database of a URL.
    pub(crate) async fn on(world: &World, url: &str) -> Result<Self> {
        let nats = nats().await?;
        let node = world.node(&nats, &["post"]).database_url_of("post", url).start().await?;
        Self::of(node, nats, url).await
    }

    async fn of(node: Node, nats: Nats, url: &str) -> Result<Self> {
        let keys = Keys::open(node.data_dir().join(Path::new("keys"))).await?;
        let journal = Journal::open(url).await?;
        Ok(Self { node, nats, journal, keys })
    }

    /// The token of a person.
    pub(crate) fn token(&self, person: &str) -> String {
        self.keys.user(person)
    }

    /// Somebody who writes posts here.
    pub(crate) fn seller(&self, person: &str) -> Result<Arc<Seller>> {
        Ok(Arc::new(Seller::new(&self.node, &self.token(person))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contracts_name_the_contexts() {
        let contexts = contexts();
        assert!(contexts.contains("view") && !contexts.contains("journal"), "{contexts:?}");
        let publishing = publishing();
        assert!(publishing.contains("post") && publishing.is_subset(&contexts), "{publishing:?}");
    }
}
