//! `jangteo rebuild`: asks a running process to rebuild a read model, and waits for it.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use jangteo::view::v1::{
    GetReadModelGenerationRequest, ReadModelGeneration, RebuildReadModelRequest,
    read_model_generation::State, rebuild_service_client::RebuildServiceClient,
};
use jangteo_kit::{
    auth::{OPERATOR, dev, key_dir},
    config::Settings,
};
use tonic::{Request, Status, transport::Channel};

use crate::{serve, settings::Flags};

#[derive(Args)]
pub(crate) struct Rebuild {
    /// The read model, such as `my_sales`.
    read_model: String,
    /// The process that hosts the view context [default: where serve would listen].
    #[arg(long, env = "JANGTEO_PEER_VIEW")]
    to: Option<String>,
    /// An operator's token [default: one from the local development keys].
    #[arg(long, env = "JANGTEO_TOKEN", hide_env_values = true)]
    token: Option<String>,
    #[command(flatten)]
    flags: Flags,
}

impl Rebuild {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let settings = serve::settings_of(self.flags)?;
        let to = self.to.unwrap_or_else(|| format!("http://{}", settings.grpc_addr));
        let token = self.token.map_or_else(|| local(&settings), Ok)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(rebuild(to, &token, self.read_model))
    }
}

/// An operator's token from the local development keys.
fn local(settings: &Settings) -> anyhow::Result<String> {
    let keys = dev::Keys::open(&key_dir(&settings.auth, &settings.data_dir))?;
    Ok(dev::sign_user(&keys, "operator", &[OPERATOR.to_owned()], Duration::from_hours(1))?)
}

async fn rebuild(to: String, token: &str, read_model: String) -> anyhow::Result<()> {
    let bearer: tonic::metadata::MetadataValue<_> = format!("Bearer {token}").parse()?;
    let channel = Channel::from_shared(to.clone())?.connect().await.with_context(|| {
        format!(
            "nobody answers at {to}: start `jangteo serve view` there, or say --to where it runs"
        )
    })?;
    let mut client =
        RebuildServiceClient::with_interceptor(channel, move |mut request: Request<()>| {
            request.metadata_mut().insert("authorization", bearer.clone());
            Ok::<_, Status>(request)
        });
    let asked = RebuildReadModelRequest { read_model: read_model.clone() };
    let mut now = client.rebuild_read_model(asked).await.map_err(told)?.into_inner();
    println!("{read_model}: generation {} is being built", now.generation);
    while now.state() == State::Building {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let ask = GetReadModelGenerationRequest {
            read_model: read_model.clone(),
            generation: now.generation,
        };
        now = client.get_read_model_generation(ask).await.map_err(told)?.into_inner();
    }
    finished(&now)
}

/// What the process said, in words for people.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn told(status: Status) -> anyhow::Error {
    anyhow!("{}", status.message())
}

fn finished(generation: &ReadModelGeneration) -> anyhow::Result<()> {
    if generation.state() != State::Serving {
        bail!("generation {} was replaced by a later one", generation.generation);
    }
    println!("{}: generation {} serves", generation.read_model, generation.generation);
    Ok(())
}
