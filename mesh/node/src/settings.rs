//! Settings by flag, environment and file, in this order of rank.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    net::SocketAddr,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::{Args, value_parser};
use jangteo_kit::{
    config::{Auth, Issuer, Limits, LogFormat, Nats, Published, ServiceAccount, Settings},
    store,
};
use jangteo_notification::{MailServer, Sending};
use serde::Deserialize;

use crate::{gateway::Gateway, timing::TimingFlags};

#[expect(clippy::doc_markdown, reason = "the comments are the help text")]
/// What can be set. Every flag has an environment variable, and a key of its name in the file.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flags {
    /// A TOML file with any of these settings.
    #[arg(long, env = "JANGTEO_CONFIG", global = true)]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Where gRPC is served [default: 127.0.0.1:50051].
    #[arg(long, env = "JANGTEO_GRPC_ADDR")]
    pub(crate) grpc_addr: Option<SocketAddr>,
    /// Where the gateway serves gRPC, gRPC-Web and HTTP with JSON [default: 127.0.0.1:8088].
    #[arg(long, env = "JANGTEO_HTTP_ADDR")]
    http_addr: Option<SocketAddr>,
    /// Origins whose scripts may call the gateway from a browser, such as https://market.example.
    #[arg(long = "cors-origin", env = "JANGTEO_CORS_ORIGINS", value_delimiter = ',')]
    #[serde(default)]
    cors_origins: Vec<String>,
    /// A descriptor set that the gateway serves in place of the contracts it was built with.
    #[arg(long, env = "JANGTEO_DESCRIPTORS")]
    descriptors: Option<PathBuf>,
    /// Where this process keeps its files [default: data].
    #[arg(long, env = "JANGTEO_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// Refuse what is not durable instead of warning.
    #[arg(long, env = "JANGTEO_PRODUCTION")]
    production: Option<bool>,
    /// The broker, or the brokers of one cluster, parted by commas [default: nats://127.0.0.1:14222].
    #[arg(long, env = "JANGTEO_NATS_URL", hide_env_values = true)]
    nats_url: Option<String>,
    /// The broker's monitor, where its durability shows.
    #[arg(long, env = "JANGTEO_NATS_MONITOR_URL")]
    nats_monitor_url: Option<String>,
    /// On how many brokers of a cluster streams are kept that are made [default: 1].
    #[arg(long, env = "JANGTEO_STREAM_REPLICAS", value_parser = value_parser!(u8).range(1..=5))]
    stream_replicas: Option<u8>,
    /// The databases; `{context}` stands for a context's name [default: sqlite://{data_dir}/{context}.db].
    #[arg(long, env = "JANGTEO_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Where the local development keys are [default: {data_dir}/keys].
    #[arg(long, env = "JANGTEO_KEY_DIR")]
    key_dir: Option<PathBuf>,
    /// The issuer of people's tokens; needs --user-jwks.
    #[arg(long, env = "JANGTEO_USER_ISSUER", requires = "user_jwks")]
    user_issuer: Option<String>,
    /// That issuer's public keys: a file, or a URL to fetch them from.
    #[arg(long, env = "JANGTEO_USER_JWKS")]
    user_jwks: Option<String>,
    /// The issuer of services' tokens; needs --service-jwks.
    #[arg(long, env = "JANGTEO_SERVICE_ISSUER", requires = "service_jwks")]
    service_issuer: Option<String>,
    /// That issuer's public keys: a file, or a URL to fetch them from.
    #[arg(long, env = "JANGTEO_SERVICE_JWKS")]
    service_jwks: Option<String>,
    /// The file that holds the token with which that URL is asked.
    #[arg(long, env = "JANGTEO_SERVICE_JWKS_TOKEN_FILE", requires = "service_jwks")]
    service_jwks_token_file: Option<PathBuf>,
    /// A file with the certificates that this URL's server is trusted by.
    #[arg(long, env = "JANGTEO_SERVICE_JWKS_CA_FILE", requires = "service_jwks")]
    service_jwks_ca_file: Option<PathBuf>,
    /// The file that holds this process's own service token.
    #[arg(long, env = "JANGTEO_SERVICE_TOKEN_FILE")]
    service_token_file: Option<PathBuf>,
    /// How the service accounts of contexts are called [default: {context}].
    #[arg(long, env = "JANGTEO_SERVICE_ACCOUNT")]
    service_account: Option<ServiceAccount>,
    /// Unpublished events from which on people's commands are refused [default: 1000000].
    #[arg(long, env = "JANGTEO_JOURNAL_HIGH_WATER")]
    journal_high_water: Option<u64>,
    /// Commands that share one commit of SQLite at most [default: 128].
    #[arg(long, env = "JANGTEO_SQLITE_GROUP")]
    sqlite_group: Option<NonZeroUsize>,
    /// Calls of people that one service works on at once [default: 256].
    #[arg(long, env = "JANGTEO_MAX_CALLS")]
    max_calls: Option<usize>,
    /// Streams to people that one service keeps open [default: 10000].
    #[arg(long, env = "JANGTEO_MAX_STREAMS")]
    max_streams: Option<usize>,
    /// Connections at one address [default: 4096].
    #[arg(long, env = "JANGTEO_MAX_CONNECTIONS")]
    max_connections: Option<usize>,
    /// Let operators make contexts misbehave, see `jangteo fault`.
    #[arg(long, env = "JANGTEO_FAULT_INJECTION")]
    fault_injection: Option<bool>,
    /// The server that mail is handed to, such as smtps://user:password@host; needs --mail-from.
    #[arg(long, env = "JANGTEO_MAIL_URL", hide_env_values = true, requires = "mail_from")]
    mail_url: Option<String>,
    /// Whom mail is from, such as "jangteo <no-reply@market.example>".
    #[arg(long, env = "JANGTEO_MAIL_FROM")]
    mail_from: Option<String>,
    /// Let webhooks go over plain HTTP and into private networks, too.
    #[arg(long, env = "JANGTEO_WEBHOOKS_ANYWHERE")]
    webhooks_anywhere: Option<bool>,
    /// How logs are written, `human` or `json` [default: human].
    #[arg(long, env = "JANGTEO_LOG_FORMAT")]
    log_format: Option<LogFormat>,
    #[command(flatten)]
    #[serde(default)]
    timing: TimingFlags,
    /// Databases by context; `JANGTEO_DATABASE_URL_<CONTEXT>`.
    #[arg(skip)]
    #[serde(default)]
    database_urls: BTreeMap<String, String>,
    /// Addresses of contexts in other processes; `JANGTEO_PEER_<CONTEXT>`.
    #[arg(skip)]
    #[serde(default)]
    peers: BTreeMap<String, String>,
}

impl Flags {
    /// What the gateway is told.
    pub(crate) fn gateway(&self) -> anyhow::Result<Gateway> {
        let (flags, file) = (self.clone(), self.file()?);
        let mut origins = [flags.cors_origins, file.cors_origins];
        // A variable that is there and empty names nobody.
        for origins in &mut origins {
            origins.retain(|origin| !origin.is_empty());
        }
        Ok(Gateway {
            addr: flags
                .http_addr
                .or(file.http_addr)
                .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8088))),
            origins: origins.into_iter().find(|it| !it.is_empty()).unwrap_or_default(),
            descriptors: flags.descriptors.or(file.descriptors),
        })
    }

    /// What notifications that leave the market need.
    pub(crate) fn sending(&self) -> anyhow::Result<Sending> {
        let (flags, file) = (self.clone(), self.file()?);
        let url = flags.mail_url.or(file.mail_url);
        let from = flags.mail_from.or(file.mail_from);
        let mail = match (url, from) {
            (Some(url), Some(from)) => Some(MailServer { url, from }),
            (Some(_), None) => bail!("JANGTEO_MAIL_FROM must say whom mail is from"),
            (None, _) => None,
        };
        let webhooks_anywhere = flags.webhooks_anywhere.or(file.webhooks_anywhere).unwrap_or(false);
        Ok(Sending { mail, webhooks_anywhere })
    }

    /// The effective settings of a process that hosts `contexts`.
    pub(crate) fn settings(self, contexts: &[&str]) -> anyhow::Result<Settings> {
        let file = self.file()?;
        let data_dir = self.data_dir.or(file.data_dir).unwrap_or_else(|| "data".into());
        let by_context = |prefix: &str, file: BTreeMap<String, String>| {
            let mut all = file;
            all.extend(environment(prefix, variables()));
            all
        };
        let database_urls = by_context("JANGTEO_DATABASE_URL_", file.database_urls);
        let peers = by_context("JANGTEO_PEER_", file.peers);
        known("JANGTEO_DATABASE_URL_", database_urls.keys(), contexts)?;
        known("JANGTEO_PEER_", peers.keys(), contexts)?;
        Ok(Settings {
            grpc_addr: self
                .grpc_addr
                .or(file.grpc_addr)
                .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 50051))),
            production: self.production.or(file.production).unwrap_or(false),
            nats: Nats {
                url: self
                    .nats_url
                    .or(file.nats_url)
                    .unwrap_or_else(|| "nats://127.0.0.1:14222".to_owned()),
                monitor_url: self.nats_monitor_url.or(file.nats_monitor_url),
                stream_replicas: self.stream_replicas.or(file.stream_replicas).unwrap_or(1).into(),
            },
            database_url: self
                .database_url
                .or(file.database_url)
                .unwrap_or_else(|| format!("sqlite://{}/{{context}}.db", data_dir.display())),
            database_urls,
            peers,
            auth: Auth {
                key_dir: self.key_dir.or(file.key_dir),
                users: issuer(
                    self.user_issuer.or(file.user_issuer),
                    self.user_jwks.or(file.user_jwks),
                    &data_dir.join("jwks/users.json"),
                    None,
                    None,
                ),
                services: issuer(
                    self.service_issuer.or(file.service_issuer),
                    self.service_jwks.or(file.service_jwks),
                    &data_dir.join("jwks/services.json"),
                    self.service_jwks_token_file.or(file.service_jwks_token_file),
                    self.service_jwks_ca_file.or(file.service_jwks_ca_file),
                ),
                service_token_file: self.service_token_file.or(file.service_token_file),
                service_account: self.service_account.or(file.service_account).unwrap_or_default(),
            },
            timing: self.timing.or(&file.timing),
            journal_high_water: self
                .journal_high_water
                .or(file.journal_high_water)
                .unwrap_or(1_000_000),
            sqlite_group: self.sqlite_group.or(file.sqlite_group).unwrap_or(store::GROUP),
            limits: Limits {
                calls: self.max_calls.or(file.max_calls).unwrap_or(Limits::USUAL.calls),
                streams: self.max_streams.or(file.max_streams).unwrap_or(Limits::USUAL.streams),
                connections: self
                    .max_connections
                    .or(file.max_connections)
                    .unwrap_or(Limits::USUAL.connections),
            },
            fault_injection: self.fault_injection.or(file.fault_injection).unwrap_or(false),
            log_format: self.log_format.or(file.log_format).unwrap_or_default(),
            data_dir,
        })
    }

    fn file(&self) -> anyhow::Result<Self> {
        let Some(path) = &self.config else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the config file {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("malformed config file {}", path.display()))
    }
}

/// An issuer whose keys are in a file, or are fetched from a URL into one.
fn issuer(
    name: Option<String>,
    jwks: Option<String>,
    fetched: &Path,
    token_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
) -> Option<Issuer> {
    let (name, jwks) = (name?, jwks?);
    if !jwks.contains("://") {
        return Some(Issuer { name, jwks: jwks.into(), published: None });
    }
    let published = Some(Published { url: jwks, token_file, ca_file });
    Some(Issuer { name, jwks: fetched.to_owned(), published })
}

/// All variables whose names are text; what is none in their values is replaced.
pub(crate) fn variables() -> impl Iterator<Item = (String, String)> {
    let text = |(name, value): (OsString, OsString)| {
        Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
    };
    std::env::vars_os().filter_map(text)
}

/// The variables that begin with `prefix`, by the context that follows.
fn environment(
    prefix: &str,
    variables: impl Iterator<Item = (String, String)>,
) -> BTreeMap<String, String> {
    let context = |name: &str| Some(name.strip_prefix(prefix)?.to_lowercase());
    variables.filter_map(|(name, value)| Some((context(&name)?, value))).collect()
}

fn known<'a>(
    prefix: &str,
    mut named: impl Iterator<Item = &'a String>,
    contexts: &[&str],
) -> anyhow::Result<()> {
    let Some(name) = named.find(|name| !contexts.contains(&name.as_str())) else { return Ok(()) };
    let there = contexts.join(", ");
    bail!("{prefix}{}: there is no context `{name}`: there are {there}", name.to_uppercase());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_beats_the_file_and_the_file_beats_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jangteo.toml");
        std::fs::write(
            &path,
            "data_dir = 'there'\ngrpc_addr = '127.0.0.1:1'\n[peers]\npost = 'http://post:50051'",
        )
        .unwrap();
        let flags = Flags {
            config: Some(path),
            grpc_addr: Some(SocketAddr::from(([127, 0, 0, 1], 2))),
            ..Flags::default()
        };
        let settings = flags.settings(&["post"]).unwrap();
        assert_eq!(settings.grpc_addr.port(), 2);
        assert_eq!(settings.database_url, "sqlite://there/{context}.db");
        assert_eq!(settings.peers["post"], "http://post:50051");
        assert_eq!(settings.nats.url, "nats://127.0.0.1:14222");
        assert!(!settings.fault_injection, "nobody has asked for it");
    }

    #[test]
    fn keys_are_in_a_file_or_come_from_a_url() {
        let of = |jwks: &str| {
            let (name, jwks) = (Some("https://issuer".to_owned()), Some(jwks.to_owned()));
            issuer(name, jwks, Path::new("data/jwks/users.json"), None, None).unwrap()
        };
        let file = of("/keys/jwks.json");
        assert!(file.jwks == Path::new("/keys/jwks.json") && file.published.is_none());
        let fetched = of("https://issuer/jwks");
        assert_eq!(fetched.jwks, Path::new("data/jwks/users.json"));
        assert_eq!(fetched.published.unwrap().url, "https://issuer/jwks");
    }

    #[test]
    fn faults_are_enabled_by_flag_or_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jangteo.toml");
        std::fs::write(&path, "fault_injection = true").unwrap();
        for (flag, enabled) in [(None, true), (Some(false), false)] {
            let flags =
                Flags { config: Some(path.clone()), fault_injection: flag, ..Flags::default() };
            assert_eq!(flags.settings(&[]).unwrap().fault_injection, enabled, "{flag:?}");
        }
    }

    #[test]
    fn an_unknown_key_in_the_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jangteo.toml");
        std::fs::write(&path, "grpc_adr = '127.0.0.1:1'").unwrap();
        let flags = Flags { config: Some(path), ..Flags::default() };
        let error = format!("{:#}", flags.settings(&[]).unwrap_err());
        assert!(error.contains("jangteo.toml") && error.contains("grpc_adr"), "{error}");
    }

    #[test]
    fn variables_name_contexts_and_unknown_ones_are_refused() {
        let variables = [("JANGTEO_PEER_POST", "a"), ("JANGTEO_PEER_POTS", "b"), ("OTHER", "c")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let found = environment("JANGTEO_PEER_", variables.into_iter());
        assert_eq!(found.keys().collect::<Vec<_>>(), ["post", "pots"]);
        assert!(
            known("JANGTEO_PEER_", found.keys(), &["post"])
                .unwrap_err()
                .to_string()
                .contains("pots")
        );
    }
}
