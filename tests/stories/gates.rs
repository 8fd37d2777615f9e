//! Gates between contexts, where a test holds what passes.

use anyhow::Result;
use jangteo_testing::{Nats, Proxy, node::Builder};

/// Who asks whom through a gate; the broker's has the name of nobody.
pub(super) const ALL: [(&str, &str); 17] = [
    ("deal", "offer"),
    ("deal", "post"),
    ("deal", "inventory"),
    ("inventory", BROKER),
    ("offer", "post"),
    ("offer", BROKER),
    ("order", "inventory"),
    ("order", "payment"),
    ("order", "delivery"),
    ("order", "store"),
    ("order", BROKER),
    ("rental", "payment"),
    ("rental", "item"),
    ("rental", BROKER),
    ("item", BROKER),
    ("review", "item"),
    ("payment", "provider"),
];
/// What the broker is called among those who are asked.
pub(super) const BROKER: &str = "broker";

/// Where one context asks another, or hears of events.
pub(super) struct Gate {
    asks: &'static str,
    asked: &'static str,
    pub(super) proxy: Proxy,
}

impl Gate {
    /// Opens a gate before a context with this address, or before the broker.
    pub(super) async fn open(
        (asks, asked): (&'static str, &'static str),
        url: Option<String>,
        nats: &Nats,
    ) -> Result<Self> {
        let url = url.unwrap_or_else(|| nats.url());
        Ok(Self { asks, asked, proxy: Proxy::before(&url).await? })
    }

    /// Whether it is the one between these two.
    pub(super) fn is(&self, asks: &str, asked: &str) -> bool {
        (self.asks, self.asked) == (asks, asked)
    }

    /// Sends a process with these contexts through the gate, if it leads out of one of them.
    pub(super) fn describe(&self, contexts: &[&str], builder: Builder) -> Builder {
        match self.asked {
            _ if !contexts.contains(&self.asks) => builder,
            BROKER => builder.env("JANGTEO_NATS_URL", self.proxy.url()),
            peer => builder.peer(peer, self.proxy.url()),
        }
    }
}
