//! How long things take, by flag, environment and file.

use std::time::Duration;

use clap::Args;
use jangteo_kit::config::Timing;
use serde::Deserialize;

/// How long things take, in ms.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "a name without its unit would be misread")]
pub(crate) struct TimingFlags {
    /// An unacknowledged message is delivered again after this many ms.
    #[arg(long, env = "JANGTEO_ACK_WAIT_MS", hide = true)]
    ack_wait_ms: Option<u64>,
    /// A lease that is not renewed lasts this many ms.
    #[arg(long, env = "JANGTEO_LEASE_MS", hide = true)]
    lease_ms: Option<u64>,
    /// The relay looks at least every so many ms.
    #[arg(long, env = "JANGTEO_RELAY_POLL_MS", hide = true)]
    relay_poll_ms: Option<u64>,
    /// Whoever sweeps looks for what is due at least every so many ms.
    #[arg(long, env = "JANGTEO_SWEEP_MS", hide = true)]
    sweep_ms: Option<u64>,
    /// Consumers compare every so many ms.
    #[arg(long, env = "JANGTEO_COMPARE_MS", hide = true)]
    compare_ms: Option<u64>,
    /// A compare looks back this many ms behind its position.
    #[arg(long, env = "JANGTEO_COMPARE_MARGIN_MS", hide = true)]
    compare_margin_ms: Option<u64>,
    /// The longest pause between two tries in ms.
    #[arg(long, env = "JANGTEO_BACKOFF_MAX_MS", hide = true)]
    backoff_max_ms: Option<u64>,
    /// A read waits for its consistency token this many ms.
    #[arg(long, env = "JANGTEO_TOKEN_WAIT_MS", hide = true)]
    token_wait_ms: Option<u64>,
    /// A connection is told to leave after this many ms, so that replicas that are new get some.
    #[arg(long, env = "JANGTEO_CONNECTION_AGE_MS")]
    connection_age_ms: Option<u64>,
    /// After SIGTERM the process still accepts for this many ms.
    #[arg(long, env = "JANGTEO_LAME_DUCK_MS", hide = true)]
    lame_duck_ms: Option<u64>,
    /// After SIGTERM the process is gone within this many ms.
    #[arg(long, env = "JANGTEO_DRAIN_MS", hide = true)]
    drain_ms: Option<u64>,
}

impl TimingFlags {
    /// These flags before those of the file, and the usual times where neither says anything.
    pub(crate) fn or(&self, file: &Self) -> Timing {
        let usual = Timing::default();
        let pick = |flag: Option<u64>, file: Option<u64>, usual: Duration| {
            flag.or(file).map_or(usual, Duration::from_millis)
        };
        Timing {
            ack_wait: pick(self.ack_wait_ms, file.ack_wait_ms, usual.ack_wait),
            lease: pick(self.lease_ms, file.lease_ms, usual.lease),
            relay_poll: pick(self.relay_poll_ms, file.relay_poll_ms, usual.relay_poll),
            sweep: pick(self.sweep_ms, file.sweep_ms, usual.sweep),
            compare: pick(self.compare_ms, file.compare_ms, usual.compare),
            compare_margin: pick(
                self.compare_margin_ms,
                file.compare_margin_ms,
                usual.compare_margin,
            ),
            backoff_max: pick(self.backoff_max_ms, file.backoff_max_ms, usual.backoff_max),
            token_wait: pick(self.token_wait_ms, file.token_wait_ms, usual.token_wait),
            connection_age: pick(
                self.connection_age_ms,
                file.connection_age_ms,
                usual.connection_age,
            ),
            lame_duck: pick(self.lame_duck_ms, file.lame_duck_ms, usual.lame_duck),
            drain: pick(self.drain_ms, file.drain_ms, usual.drain),
            request_retention: usual.request_retention,
        }
    }
}
