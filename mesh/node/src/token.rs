//! `jangteo token`: a token from the local development keys.

use std::time::Duration;

use clap::Args;
use jangteo_kit::auth::{dev, key_dir};

use crate::{serve, settings::Flags};

#[derive(Args)]
pub(crate) struct Token {
    /// Whom it names: a person such as seller01, or with --service a context such as deal.
    subject: String,
    /// A role of the person, such as courier or operator; may be given several times.
    #[arg(long = "role", conflicts_with = "service")]
    roles: Vec<String>,
    /// The token is a context's.
    #[arg(long)]
    service: bool,
    /// How long it is good for, in seconds.
    #[arg(long, default_value_t = 24 * 3600)]
    lifetime: u64,
    #[command(flatten)]
    flags: Flags,
}

impl Token {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let settings = serve::settings_of(self.flags)?;
        let keys = dev::Keys::open(&key_dir(&settings.auth, &settings.data_dir))?;
        let lifetime = Duration::from_secs(self.lifetime);
        let token = if self.service {
            dev::sign_service(&keys, &self.subject, lifetime)?
        } else {
            dev::sign_user(&keys, &self.subject, &self.roles, lifetime)?
        };
        println!("{token}");
        Ok(())
    }
}
