//! How the sandbox behaves, in this process and until it ends.

use std::{
    sync::{RwLock, RwLockReadGuard},
    time::Duration,
};

use jangteo::{errors::Refusal, provider::v1::Sandbox};
use tonic::{Code, Status};

/// How the sandbox behaves; quick and well until somebody says otherwise.
#[derive(Debug, Default)]
pub(crate) struct Behaviour(RwLock<Sandbox>);

impl Behaviour {
    /// How it behaves now.
    pub(crate) fn now(&self) -> Sandbox {
        *self.read()
    }

    /// How it behaves from now on.
    pub(crate) fn set(&self, sandbox: Sandbox) {
        *self.0.write().expect(POISON) = sandbox;
    }

    fn read(&self) -> RwLockReadGuard<'_, Sandbox> {
        self.0.read().expect(POISON)
    }
}

const POISON: &str = "nothing panics while it holds this lock";

/// How long a call takes; `chance` is in 0..1.
pub(crate) fn latency(sandbox: &Sandbox, chance: f64) -> Duration {
    let ms = |it: i64| Duration::from_millis(u64::try_from(it).unwrap_or(0));
    ms(sandbox.latency_ms) + ms(sandbox.jitter_ms).mul_f64(chance)
}

/// Refuses to do anything during an outage. That is no answer: the caller may ask again.
pub(crate) fn up(sandbox: &Sandbox) -> Result<(), Status> {
    if !sandbox.outage {
        return Ok(());
    }
    let said = "the payment provider is out of order: nothing was done, try again later";
    Err(Refusal::new(Code::Unavailable, "PROVIDER_OUTAGE", said)
        .retry_after(Duration::from_secs(5))
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_its_time_and_a_part_of_the_rest() {
        let slow = Sandbox { latency_ms: 400, jitter_ms: 220, ..Sandbox::default() };
        assert_eq!(latency(&slow, 0.0), Duration::from_millis(400));
        assert_eq!(latency(&slow, 0.5), Duration::from_millis(510));
        assert_eq!(latency(&Sandbox::default(), 0.9), Duration::ZERO);
    }

    #[test]
    fn an_outage_is_told_with_when_to_come_back() {
        assert!(up(&Sandbox::default()).is_ok());
        let away = up(&Sandbox { outage: true, ..Sandbox::default() }).unwrap_err();
        assert_eq!(away.code(), Code::Unavailable);
    }
}
