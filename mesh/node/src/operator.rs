//! How a command reaches a running process, as one of those who run the market.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::Args;
use jangteo_kit::{
    auth::{OPERATOR, dev, key_dir},
    config::Settings,
};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};

use crate::{serve, settings::Flags};

/// How long a connection may take: a network that drops what it does not allow never says so.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Args)]
pub(crate) struct Operator {
    /// The process to ask [default: where the context is, or where serve would listen].
    #[arg(long)]
    to: Option<String>,
    /// An operator's token [default: one from the local development keys].
    #[arg(long, env = "JANGTEO_TOKEN", hide_env_values = true)]
    token: Option<String>,
    #[command(flatten)]
    flags: Flags,
}

/// A connection on which somebody speaks.
pub(crate) type Line = InterceptedService<Channel, Bearer>;

/// Puts a token on every call.
#[derive(Clone)]
pub(crate) struct Bearer(MetadataValue<Ascii>);

impl Bearer {
    /// Puts this token on every call.
    pub(crate) fn new(token: &str) -> anyhow::Result<Self> {
        Ok(Self(format!("Bearer {token}").parse()?))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

impl Operator {
    /// Does some work on a connection to the process of this context, or to any if it is empty.
    pub(crate) fn ask(
        self,
        context: &str,
        work: impl AsyncFnOnce(Line) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let settings = serve::settings_of(self.flags)?;
        let there = self.to.or_else(|| settings.peers.get(context).cloned());
        let to = there.unwrap_or_else(|| format!("http://{}", settings.grpc_addr));
        let token = self.token.map_or_else(|| local(&settings), Ok)?;
        let bearer = Bearer::new(&token)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let there = Channel::from_shared(to.clone())?.connect_timeout(PATIENCE);
            let channel = there.connect().await.with_context(|| {
                format!(
                    "nobody answers at {to}: start `jangteo serve {context}` there, or say --to where it runs"
                )
            })?;
            work(InterceptedService::new(channel, bearer)).await
        })
    }
}

/// An operator's token from the local development keys.
fn local(settings: &Settings) -> anyhow::Result<String> {
    let keys = dev::Keys::open(&key_dir(&settings.auth, &settings.data_dir))?;
    Ok(dev::sign_user(&keys, "operator", &[OPERATOR.to_owned()], Duration::from_hours(1))?)
}

/// What a process said, in words for people.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
pub(crate) fn told(status: Status) -> anyhow::Error {
    anyhow!("{}", status.message())
}
