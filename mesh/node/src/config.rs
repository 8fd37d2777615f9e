//! `jangteo config`: the effective settings, without secrets.

use clap::Args;
use serde_json::json;

use crate::{serve, settings::Flags};

#[derive(Args)]
pub(crate) struct Config {
    #[command(flatten)]
    flags: Flags,
}

impl Config {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let contexts = serve::contexts();
        let settings = self.flags.settings(&contexts)?;
        let databases: serde_json::Map<_, _> = contexts
            .iter()
            .map(|context| {
                ((*context).to_owned(), json!(without_secret(&settings.database_url_of(context))))
            })
            .collect();
        let issuer = |issuer: &Option<jangteo_kit::config::Issuer>| {
            issuer
                .as_ref()
                .map_or_else(|| "local development key".to_owned(), |one| one.name.clone())
        };
        let ms =
            |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let shown = json!({
            "grpc_addr": settings.grpc_addr,
            "data_dir": settings.data_dir,
            "production": settings.production,
            "nats_url": without_secret(&settings.nats.url),
            "nats_monitor_url": settings.nats.monitor_url,
            "databases": databases,
            "peers": settings.peers,
            "user_issuer": issuer(&settings.auth.users),
            "service_issuer": issuer(&settings.auth.services),
            "journal_high_water": settings.journal_high_water,
            "ack_wait_ms": ms(settings.timing.ack_wait),
            "lease_ms": ms(settings.timing.lease),
            "relay_poll_ms": ms(settings.timing.relay_poll),
            "compare_ms": ms(settings.timing.compare),
            "compare_margin_ms": ms(settings.timing.compare_margin),
            "backoff_max_ms": ms(settings.timing.backoff_max),
            "token_wait_ms": ms(settings.timing.token_wait),
            "lame_duck_ms": ms(settings.timing.lame_duck),
            "drain_ms": ms(settings.timing.drain),
        });
        println!("{shown:#}");
        Ok(())
    }
}

/// A URL whose password and token cannot be read.
fn without_secret(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((who, place)) => {
            let name = who.split_once(':').map_or("", |(name, _)| name);
            format!("{scheme}://{name}:***@{place}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_secret;

    #[test]
    fn passwords_and_tokens_are_not_shown() {
        for (url, shown) in [
            ("postgres://me:s3cret@db/post", "postgres://me:***@db/post"),
            ("nats://t0ken@broker:4222", "nats://:***@broker:4222"),
            ("sqlite://data/post.db", "sqlite://data/post.db"),
        ] {
            assert_eq!(without_secret(url), shown);
        }
    }
}
