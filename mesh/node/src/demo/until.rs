//! Waiting for what follows by itself.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long anything may take to come true.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait between two looks.
const POLL: Duration = Duration::from_millis(50);

/// Looks again and again until what is seen fits; at the end of its patience it answers the last
/// look, which does not.
pub(super) async fn until<T>(
    mut look: impl AsyncFnMut() -> anyhow::Result<T>,
    fits: impl Fn(&T) -> bool,
) -> anyhow::Result<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        let seen = look().await?;
        if fits(&seen) || Instant::now() >= end {
            return Ok(seen);
        }
        sleep(POLL).await;
    }
}
