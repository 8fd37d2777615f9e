//! What a process is told from outside. `mesh/node` fills it from flags, environment and file.

use std::{
    collections::BTreeMap, net::SocketAddr, num::NonZeroUsize, path::PathBuf, str::FromStr,
    time::Duration,
};

use serde::Deserialize;

/// What stands for a context's name in a setting that is about all of them.
const CONTEXT: &str = "{context}";

/// The effective settings of one process.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where gRPC is served (`JANGTEO_GRPC_ADDR`).
    pub grpc_addr: SocketAddr,
    /// Where this process keeps its files; locked against a second process (`JANGTEO_DATA_DIR`).
    pub data_dir: PathBuf,
    /// Refuse what is not durable instead of warning (`JANGTEO_PRODUCTION`).
    pub production: bool,
    /// The broker.
    pub nats: Nats,
    /// The database of a context without one of its own; `{context}` stands for its name (`JANGTEO_DATABASE_URL`).
    pub database_url: String,
    /// Databases by context (`JANGTEO_DATABASE_URL_<CONTEXT>`).
    pub database_urls: BTreeMap<String, String>,
    /// Addresses of contexts that are not in this process (`JANGTEO_PEER_<CONTEXT>`).
    pub peers: BTreeMap<String, String>,
    /// Whom to believe.
    pub auth: Auth,
    /// How long things take.
    pub timing: Timing,
    /// How logs are written (`JANGTEO_LOG_FORMAT`).
    pub log_format: LogFormat,
    /// Unpublished events from which on people's commands are refused (`JANGTEO_JOURNAL_HIGH_WATER`).
    pub journal_high_water: u64,
    /// Units of work that share one commit of SQLite at most (`JANGTEO_SQLITE_GROUP`).
    pub sqlite_group: NonZeroUsize,
    /// How much it takes on at once.
    pub limits: Limits,
    /// Operators may let its contexts misbehave (`JANGTEO_FAULT_INJECTION`).
    pub fault_injection: bool,
}

/// How much a process takes on at once; what is more is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Calls of people that one service works on (`JANGTEO_MAX_CALLS`).
    pub calls: usize,
    /// Streams to people that one service keeps open (`JANGTEO_MAX_STREAMS`).
    pub streams: usize,
    /// Connections at one address (`JANGTEO_MAX_CONNECTIONS`).
    pub connections: usize,
}

impl Limits {
    /// Those of a process that is not told otherwise.
    pub const USUAL: Self = Self { calls: 256, streams: 10_000, connections: 4096 };
}

impl Settings {
    /// The database of `context`.
    pub fn database_url_of(&self, context: &str) -> String {
        let own = self.database_urls.get(context).unwrap_or(&self.database_url);
        own.replace(CONTEXT, context)
    }
}

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line for people.
    #[default]
    Human,
    /// An object for machines.
    Json,
}

impl LogFormat {
    /// Its name in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
        }
    }
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = [Self::Human, Self::Json];
        known.into_iter().find(|it| it.name() == name).ok_or("logs are `human` or `json`")
    }
}

/// The broker.
#[derive(Clone, Debug)]
pub struct Nats {
    /// Where it listens; several, parted by commas, are one cluster (`JANGTEO_NATS_URL`).
    pub url: String,
    /// Its monitor, the only place where durability shows (`JANGTEO_NATS_MONITOR_URL`).
    pub monitor_url: Option<String>,
    /// On how many brokers a stream is kept that is made (`JANGTEO_STREAM_REPLICAS`).
    pub stream_replicas: usize,
}

impl Nats {
    /// The servers, each with its own URL.
    pub fn servers(&self) -> impl Iterator<Item = &str> {
        self.url.split(',').map(str::trim).filter(|url| !url.is_empty())
    }

    /// The same to be shown.
    pub fn shown(&self) -> String {
        self.servers().map(without_secret).collect::<Vec<_>>().join(",")
    }
}

/// Whom to believe. Both issuers default to local development keys under the data directory.
#[derive(Clone, Debug, Default)]
pub struct Auth {
    /// The folder of the local development keys; `{data_dir}/keys` where none is given (`JANGTEO_KEY_DIR`).
    pub key_dir: Option<PathBuf>,
    /// The issuer of people's tokens, with its JWKS (`JANGTEO_USER_ISSUER`, `JANGTEO_USER_JWKS`).
    pub users: Option<Issuer>,
    /// The issuer of services' tokens (`JANGTEO_SERVICE_ISSUER`, `JANGTEO_SERVICE_JWKS`).
    pub services: Option<Issuer>,
    /// A file that holds this process's own service token, re-read when it rotates (`JANGTEO_SERVICE_TOKEN_FILE`).
    /// If that is a service account's, the other contexts are service accounts of its namespace.
    pub service_token_file: Option<PathBuf>,
    /// How they are called there; `{context}` stands for a context's name (`JANGTEO_SERVICE_ACCOUNT`).
    pub service_account: ServiceAccount,
}

/// How the service accounts of contexts are called.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct ServiceAccount(String);

impl Default for ServiceAccount {
    fn default() -> Self {
        Self(CONTEXT.to_owned())
    }
}

impl FromStr for ServiceAccount {
    type Err = &'static str;

    fn from_str(pattern: &str) -> Result<Self, Self::Err> {
        match pattern.split(CONTEXT).count() {
            2 => Ok(Self(pattern.to_owned())),
            _ => {
                Err("a service account's name has `{context}` in it once, as in jangteo-{context}")
            }
        }
    }
}

impl TryFrom<String> for ServiceAccount {
    type Error = &'static str;

    fn try_from(pattern: String) -> Result<Self, Self::Error> {
        pattern.parse()
    }
}

impl ServiceAccount {
    /// What they are called, with `{context}` in it.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The context whose service account is called so.
    pub fn context<'a>(&self, account: &'a str) -> Option<&'a str> {
        let (before, after) = self.0.split_once(CONTEXT)?;
        account.strip_prefix(before)?.strip_suffix(after)
    }
}

/// One issuer of tokens.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// The `iss` its tokens must carry.
    pub name: String,
    /// The file that holds its public keys as a JWK set; re-read when it changes.
    pub jwks: PathBuf,
    /// Where that file comes from, if this process has to fetch it.
    pub published: Option<Published>,
}

/// Where an issuer publishes its public keys.
#[derive(Clone, Debug)]
pub struct Published {
    /// The JWK set's URL.
    pub url: String,
    /// A file that holds the token with which it is asked, as a cluster's API server wants one.
    pub token_file: Option<PathBuf>,
    /// A file with the certificates to trust, beside the usual ones.
    pub ca_file: Option<PathBuf>,
}

/// How long things take; tests set them short.
#[derive(Clone, Debug)]
pub struct Timing {
    /// An unacknowledged message is delivered again after this.
    pub ack_wait: Duration,
    /// How long a lease lasts without being renewed.
    pub lease: Duration,
    /// The relay looks for unpublished events at least this often.
    pub relay_poll: Duration,
    /// Whoever sweeps looks for what is due at least this often.
    pub sweep: Duration,
    /// How often a consumer compares its gates with its sources; every third time is often enough for
    /// figures that somebody has to be asked for.
    pub compare: Duration,
    /// How far a compare looks back behind its position; longer than a mark transaction may last.
    pub compare_margin: Duration,
    /// The longest pause between two tries of the same thing.
    pub backoff_max: Duration,
    /// How long a read waits for its consistency token.
    pub token_wait: Duration,
    /// A connection is told to leave when it is so old, give or take a tenth: whoever comes back may come
    /// to a replica that was not there before.
    pub connection_age: Duration,
    /// After SIGTERM: how long a process that is not ready any more still accepts.
    pub lame_duck: Duration,
    /// After SIGTERM: when the process exits, whatever still runs.
    pub drain: Duration,
    /// How long the answers to request ids are kept, 24 h or more.
    pub request_retention: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            ack_wait: Duration::from_secs(30),
            lease: Duration::from_secs(3),
            relay_poll: Duration::from_secs(1),
            sweep: Duration::from_secs(1),
            compare: Duration::from_secs(5),
            compare_margin: Duration::from_secs(30),
            backoff_max: Duration::from_secs(10),
            token_wait: Duration::from_secs(2),
            connection_age: Duration::from_mins(5),
            lame_duck: Duration::from_secs(5),
            drain: Duration::from_secs(20),
            request_retention: Duration::from_hours(48),
        }
    }
}

/// A URL to be shown: without its password or token.
pub fn without_secret(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let place = match rest.rsplit_once('@') {
        Some((who, place)) => {
            let name = who.split_once(':').map_or("", |(name, _)| name);
            format!("{name}:***@{}", without_password(place))
        }
        None => without_password(rest),
    };
    format!("{scheme}://{place}")
}

/// Drivers also take the password as a parameter behind the `?`.
fn without_password(place: &str) -> String {
    let Some((path, parameters)) = place.split_once('?') else { return place.to_owned() };
    let shown = parameters.split('&').map(|parameter| match parameter.split_once('=') {
        Some((name, _)) if name.eq_ignore_ascii_case("password") => format!("{name}=***"),
        _ => parameter.to_owned(),
    });
    format!("{path}?{}", shown.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::{Nats, ServiceAccount, without_secret};

    #[test]
    fn a_service_account_is_its_contexts() {
        let accounts: ServiceAccount = "market-{context}".parse().unwrap();
        assert_eq!(accounts.context("market-deal"), Some("deal"));
        assert_eq!(accounts.context("deal"), None);
        assert_eq!(ServiceAccount::default().context("deal"), Some("deal"));
        for wrong in ["market", "{context}{context}", ""] {
            assert!(wrong.parse::<ServiceAccount>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_cluster_is_several_servers_none_of_which_shows_its_password() {
        let url = "nats://post:s3cret@a:4222, nats://post:s3cret@b:4222,".to_owned();
        let nats = Nats { url, monitor_url: None, stream_replicas: 3 };
        assert_eq!(nats.servers().count(), 2);
        assert_eq!(nats.shown(), "nats://post:***@a:4222,nats://post:***@b:4222");
    }

    #[test]
    fn passwords_and_tokens_are_not_shown() {
        for (url, shown) in [
            ("postgres://me:s3cret@db/post", "postgres://me:***@db/post"),
            ("nats://t0ken@broker:4222", "nats://:***@broker:4222"),
            (
                "postgres://db/post?password=s3cret&sslmode=require",
                "postgres://db/post?password=***&sslmode=require",
            ),
            ("sqlite://data/post.db", "sqlite://data/post.db"),
        ] {
            assert_eq!(without_secret(url), shown);
        }
    }
}
