//! Where webhooks may go: to the open internet, never into the networks behind this process.

use std::{
    net::{IpAddr, SocketAddr},
    sync::LazyLock,
};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// What is no address of the open internet, by the registries of special-purpose addresses (RFC 6890).
/// Of IPv6 only the global unicast addresses are open to begin with.
static CLOSED: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let closed = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    ];
    closed.iter().map(|net| net.parse().expect("it is a network")).collect()
});
static GLOBAL: LazyLock<IpNet> = LazyLock::new(|| "2000::/3".parse().expect("it is a network"));

/// Whether an address is one of the open internet.
pub(super) fn is_open(address: IpAddr) -> bool {
    let address = address.to_canonical();
    let is_global = address.is_ipv4() || GLOBAL.contains(&address);
    is_global && !CLOSED.iter().any(|net| net.contains(&address))
}

/// Resolves names to addresses of the open internet. What is connected to is what was looked at: a
/// name can't be another one's in between.
pub(super) struct Open;

impl Resolve for Open {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let open: Vec<SocketAddr> = found.filter(|found| is_open(found.ip())).collect();
            if open.is_empty() {
                return Err(format!("{} is not in the open internet", name.as_str()).into());
            }
            Ok(Box::new(open.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_open_internet_is_reached() {
        let open = |address: &str| is_open(address.parse().unwrap());
        for address in ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700:4700::1111"] {
            assert!(open(address), "{address}");
        }
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.255.255",
            "192.168.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2002:7f00:1::",
        ] {
            assert!(!open(address), "{address}");
        }
    }

    #[tokio::test]
    async fn names_of_this_machine_resolve_to_nothing() {
        let refused = Open.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert!(refused.to_string().contains("open internet"), "{refused}");
    }
}
