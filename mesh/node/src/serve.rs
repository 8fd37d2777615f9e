//! `jangteo serve`: hosts contexts until SIGTERM.

use anyhow::bail;
use clap::Args;
use jangteo_kit::{host::Host, service::Service, telemetry};

use crate::{settings::Flags, welcome};

/// Every context, in the order in which they were written.
fn all() -> Vec<Service> {
    vec![
        jangteo_post::service(),
        jangteo_view::service(),
        jangteo_deal::service(),
        jangteo_offer::service(),
    ]
}

/// The names of all contexts.
pub(crate) fn contexts() -> Vec<&'static str> {
    all().iter().map(Service::context).collect()
}

#[derive(Args)]
pub(crate) struct Serve {
    /// The contexts to host; none named: all.
    contexts: Vec<String>,
    #[command(flatten)]
    flags: Flags,
}

impl Serve {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let settings = self.flags.settings(&contexts())?;
        let services = chosen(&self.contexts)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let telemetry = telemetry::start(settings.log_format)?;
            let welcome = welcome::Welcome::new(&settings);
            let served = match Host::new(settings, services).await {
                Ok(host) => {
                    welcome.print(host.addr());
                    host.run().await
                }
                Err(error) => Err(error),
            };
            telemetry.stop().await;
            served
        })
    }
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<Service>> {
    let known = contexts();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("there is no context `{unknown}`: there are {}", known.join(", "));
    }
    let wanted =
        |service: &Service| names.is_empty() || names.iter().any(|name| name == service.context());
    Ok(all().into_iter().filter(wanted).collect())
}
