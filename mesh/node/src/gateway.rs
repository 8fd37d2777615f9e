//! The gateway before the contexts.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use jangteo_gateway::Contracts;
use jangteo_kit::host::Host;

/// What `serve` calls it, beside the names of contexts.
pub(crate) const NAME: &str = "gateway";

/// What the gateway is told.
#[derive(Debug)]
pub(crate) struct Gateway {
    /// Where it listens (`JANGTEO_HTTP_ADDR`).
    pub(crate) addr: SocketAddr,
    /// Whose scripts may call it (`JANGTEO_CORS_ORIGINS`).
    pub(crate) origins: Vec<String>,
    /// What it serves in place of the contracts it was built with (`JANGTEO_DESCRIPTORS`).
    pub(crate) descriptors: Option<PathBuf>,
}

impl Gateway {
    /// The contracts that it serves.
    pub(crate) fn contracts(&self) -> anyhow::Result<Contracts> {
        self.descriptors.as_deref().map_or_else(|| Ok(Contracts::compiled()), Contracts::read)
    }

    /// Puts it before a process; contexts that are not there have their addresses in `peers`.
    pub(crate) async fn before(
        self,
        host: Host,
        contracts: Contracts,
        peers: &BTreeMap<String, String>,
    ) -> anyhow::Result<Host> {
        let router =
            jangteo_gateway::router(contracts, &host.url(), peers, &self.origins, host.leaving())?;
        host.front(self.addr, router).await
    }
}
