//! The people of the stories, and how they reach the market.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use jangteo_kit::{
    auth::{OPERATOR, dev, key_dir},
    config::Settings,
};
use tonic::{Code, Status, service::interceptor::InterceptedService, transport::Channel};

use super::{step::Refused, until::PATIENCE};
use crate::operator::{Bearer, Line};

/// Who brings orders to their customers.
pub(super) const COURIER: &str = "rider01";
/// Those who have a role, and which.
const ROLES: [(&str, &str); 1] = [(COURIER, "courier")];

/// Anybody who is named, on one connection to the market.
pub(super) struct People {
    channel: Channel,
    keys: dev::Keys,
    key_dir: PathBuf,
}

impl People {
    /// Connects to the market at this address; its people are those of the local development keys.
    pub(super) async fn at(to: &str, settings: &Settings) -> anyhow::Result<Self> {
        let endpoint = Channel::from_shared(to.to_owned())?.timeout(PATIENCE);
        // Before the keys: where no market is, no folder of keys should be made either.
        let channel = endpoint.connect().await.with_context(|| {
            format!(
                "nobody answers at {to}: start `make run` in another terminal, or say --to where the market is"
            )
        })?;
        let key_dir = key_dir(&settings.auth, &settings.data_dir);
        Ok(Self { channel, keys: dev::Keys::open(&key_dir)?, key_dir })
    }

    /// Where a person speaks.
    pub(super) fn person(&self, name: &str) -> anyhow::Result<Line> {
        let roles = ROLES.iter().filter(|(who, _)| *who == name);
        let roles: Vec<_> = roles.map(|(_, role)| (*role).to_owned()).collect();
        self.line(name, &roles)
    }

    /// Where somebody speaks who runs the market.
    pub(super) fn operator(&self) -> anyhow::Result<Line> {
        self.line("operator", &[OPERATOR.to_owned()])
    }

    /// A refusal that nobody expected, in words; with what to do about it, where that is known.
    pub(super) fn refusal(&self, status: &Status) -> String {
        format!("{}{}", Refused::from(status).words(), self.advice(status))
    }

    fn advice(&self, status: &Status) -> String {
        if status.code() != Code::Unauthenticated {
            return String::new();
        }
        let keys = self.key_dir.display();
        format!("; the market has other keys than those in {keys}: say --key-dir where its own are")
    }

    fn line(&self, name: &str, roles: &[String]) -> anyhow::Result<Line> {
        let token = dev::sign_user(&self.keys, name, roles, Duration::from_hours(1))?;
        Ok(InterceptedService::new(self.channel.clone(), Bearer::new(&token)?))
    }
}
