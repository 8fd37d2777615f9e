//! `jangteo config`: the effective settings, without secrets.

use clap::Args;
use jangteo_kit::config::without_secret;
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
        let (gateway, sending) = (self.flags.gateway()?, self.flags.sending()?);
        let settings = serve::settings_of(self.flags)?;
        let databases: serde_json::Map<_, _> = contexts
            .iter()
            .map(|context| {
                ((*context).to_owned(), json!(without_secret(&settings.database_url_of(context))))
            })
            .collect();
        let peers: serde_json::Map<_, _> = settings
            .peers
            .iter()
            .map(|(context, url)| (context.clone(), json!(without_secret(url))))
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
            "http_addr": gateway.addr,
            "cors_origins": gateway.origins,
            "descriptors": gateway.descriptors,
            "data_dir": settings.data_dir,
            "production": settings.production,
            "nats_url": settings.nats.shown(),
            "nats_monitor_url": settings.nats.monitor_url.as_deref().map(without_secret),
            "stream_replicas": settings.nats.stream_replicas,
            "databases": databases,
            "peers": peers,
            "user_issuer": issuer(&settings.auth.users),
            "service_issuer": issuer(&settings.auth.services),
            "service_account": settings.auth.service_account.name(),
            "journal_high_water": settings.journal_high_water,
            "sqlite_group": settings.sqlite_group,
            "max_calls": settings.limits.calls,
            "max_streams": settings.limits.streams,
            "max_connections": settings.limits.connections,
            "fault_injection": settings.fault_injection,
            "mail_url": sending.mail.as_ref().map(|mail| without_secret(&mail.url)),
            "mail_from": sending.mail.as_ref().map(|mail| &mail.from),
            "webhooks_anywhere": sending.webhooks_anywhere,
            "log_format": settings.log_format.name(),
            "ack_wait_ms": ms(settings.timing.ack_wait),
            "lease_ms": ms(settings.timing.lease),
            "relay_poll_ms": ms(settings.timing.relay_poll),
            "sweep_ms": ms(settings.timing.sweep),
            "compare_ms": ms(settings.timing.compare),
            "compare_margin_ms": ms(settings.timing.compare_margin),
            "backoff_max_ms": ms(settings.timing.backoff_max),
            "token_wait_ms": ms(settings.timing.token_wait),
            "connection_age_ms": ms(settings.timing.connection_age),
            "lame_duck_ms": ms(settings.timing.lame_duck),
            "drain_ms": ms(settings.timing.drain),
        });
        println!("{shown:#}");
        Ok(())
    }
}
