//! The connection to the broker: made in the background, checked before it is trusted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, ensure};
use async_nats::{Client, ConnectOptions, Event, ServerAddr, connection::State, jetstream};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::{config, failpoint};

const MALFORMED: &str =
    "JANGTEO_NATS_URL must be a URL such as nats://127.0.0.1:14222, or several, parted by commas";
/// The oldest broker that can be told to sync every write and that knows what we use.
const OLDEST: (u64, u64) = (2, 12);
/// How long the broker may take to answer a question,
const ANSWER: Duration = Duration::from_secs(5);
/// and to acknowledge an event or to say whether a stream is there: a leader that is gone does neither, and
/// is asked again soon after there is a new one.
pub(super) const ACK: Duration = Duration::from_secs(2);
/// Events on their way at the same time; above what all relays of a process publish at once, so
/// that none waits for another's acks.
const IN_FLIGHT: usize = 1 << 16;

/// Why the broker can't be used now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    /// There is no connection; it is being made.
    #[error("no connection to the broker at {0}: start it, or set JANGTEO_NATS_URL")]
    Disconnected(String),
    /// Its version can't be made durable.
    #[error("the broker is nats-server {0}, which cannot be used: install 2.12 or newer")]
    TooOld(String),
    /// It acknowledges before it has written.
    #[error(
        "the broker may lose what it acknowledged: set `sync_interval: always` in its jetstream block"
    )]
    NotDurable,
    /// Its monitor can't be read, and production demands to know.
    #[error(
        "the broker's durability is unknown: set JANGTEO_NATS_MONITOR_URL to its monitor ({0})"
    )]
    Unknown(String),
}

/// The broker, for all contexts of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Bus {
    pub(super) jetstream: jetstream::Context,
    client: Client,
    pub(super) settings: Arc<config::Nats>,
    production: bool,
    /// Counts connections, so that what was checked or made is checked and made anew after each.
    epoch: Arc<AtomicU64>,
    /// The connection on which a lack of durability was last told.
    warned: Arc<AtomicU64>,
}

impl Bus {
    /// Begins to connect, and goes on for as long as it takes. Answers come to subjects that begin with
    /// `inbox`: a broker may let each user listen to its own only.
    ///
    /// # Errors
    /// The URL is malformed.
    pub(crate) async fn connect(
        settings: config::Nats,
        production: bool,
        inbox: &str,
    ) -> anyhow::Result<Self> {
        let servers = servers(&settings)?;
        let options = signed_in(servers.first());
        let epoch = Arc::new(AtomicU64::new(1));
        let counted = epoch.clone();
        let client = options
            .name("jangteo")
            .custom_inbox_prefix(inbox)
            // What a cluster says of itself may be addresses that only it can reach.
            .ignore_discovered_servers()
            .retry_on_initial_connect()
            .connection_timeout(Duration::from_secs(2))
            .reconnect_delay_callback(|tries| Duration::from_millis(50 << tries.min(5)))
            .event_callback(move |event| {
                noticed(&event, &counted);
                async {}
            })
            .connect(servers)
            .await
            .context(MALFORMED)?;
        let jetstream = jetstream::ContextBuilder::new()
            .timeout(ANSWER)
            .ack_timeout(ACK)
            .max_ack_inflight(IN_FLIGHT)
            .backpressure_on_inflight(true)
            .build(client.clone());
        let (settings, warned) = (Arc::new(settings), Arc::default());
        Ok(Self { jetstream, client, settings, production, epoch, warned })
    }

    /// The number of the present connection.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Whether there is a connection now.
    pub(crate) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Checks that the broker can be trusted with events.
    ///
    /// # Errors
    /// Why it can't.
    pub(crate) async fn check(&self) -> Result<(), Unusable> {
        if !self.is_connected() {
            return Err(Unusable::Disconnected(self.settings.shown()));
        }
        let version = self.client.server_info().version;
        if !recent(&version) {
            return Err(Unusable::TooOld(version));
        }
        match self.durable().await {
            Ok(true) => {}
            Ok(false) if self.production => return Err(Unusable::NotDurable),
            Ok(false) => self.warn(&Unusable::NotDurable),
            Err(why) if self.production => return Err(Unusable::Unknown(why)),
            Err(why) => self.warn(&Unusable::Unknown(why)),
        }
        Ok(())
    }

    /// A failpoint behind messages: they have left the process, and are not only about to.
    pub(crate) async fn failpoint(&self, point: &str) {
        if failpoint::armed(point)
            && let Err(error) = self.client.flush().await
        {
            tracing::debug!(point, %error, "messages did not leave");
        }
        failpoint::at(point);
    }

    /// Tells of what is not durable, once on each connection.
    fn warn(&self, what: &Unusable) {
        let epoch = self.epoch();
        if self.warned.swap(epoch, Ordering::AcqRel) != epoch {
            tracing::warn!("{what}");
        }
    }

    /// Asks the monitor whether the broker syncs before it acknowledges.
    async fn durable(&self) -> Result<bool, String> {
        let url = self.settings.monitor_url.as_ref().ok_or("it is not set")?;
        let asked = reqwest::Client::new().get(format!("{url}/jsz")).timeout(ANSWER).send();
        let answer = asked.await.map_err(|error| error.to_string())?;
        let said: Jsz = answer.json().await.map_err(|error| error.to_string())?;
        Ok(said.config.is_some_and(|config| config.sync_always))
    }
}

/// Where clients connect to.
fn servers(settings: &config::Nats) -> anyhow::Result<Vec<ServerAddr>> {
    let servers: Vec<ServerAddr> =
        settings.servers().map(str::parse).collect::<Result<_, _>>().context(MALFORMED)?;
    ensure!(!servers.is_empty(), MALFORMED);
    Ok(servers)
}

/// As whom to connect: whoever the first URL names, by user and password or by a token. What these hold
/// beyond letters and digits is written there as in any URL.
fn signed_in(server: Option<&ServerAddr>) -> ConnectOptions {
    let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    let user = server.and_then(ServerAddr::username).map(decoded);
    let password = server.and_then(ServerAddr::password).map(decoded);
    match (user, password) {
        (Some(user), Some(password)) => ConnectOptions::with_user_and_password(user, password),
        (Some(token), None) => ConnectOptions::with_token(token),
        (None, _) => ConnectOptions::new(),
    }
}

fn noticed(event: &Event, epoch: &AtomicU64) {
    match event {
        Event::Connected => {
            epoch.fetch_add(1, Ordering::AcqRel);
            tracing::info!("connected to the broker");
        }
        Event::Disconnected => tracing::warn!("broker is gone: events wait in the journal"),
        other => tracing::debug!(event = %other, "broker"),
    }
}

fn recent(version: &str) -> bool {
    let mut numbers = version.split(['.', '-']).map_while(|part| part.parse::<u64>().ok());
    matches!((numbers.next(), numbers.next()), (Some(major), Some(minor)) if (major, minor) >= OLDEST)
}

#[derive(Deserialize)]
struct Jsz {
    config: Option<JszConfig>,
}

#[derive(Deserialize)]
struct JszConfig {
    #[serde(default)]
    sync_always: bool,
}

#[cfg(test)]
mod tests {
    use super::recent;

    #[test]
    fn versions_are_compared_as_numbers() {
        for (version, fine) in [
            ("2.12.0", true),
            ("2.15.1", true),
            ("3.0.0-beta", true),
            ("2.9.10", false),
            ("2.2", false),
            ("", false),
        ] {
            assert_eq!(recent(version), fine, "{version}");
        }
    }
}
