//! `jangteo serve`: hosts contexts until SIGTERM.

use anyhow::bail;
use clap::Args;
use jangteo_gateway::Contracts;
use jangteo_kit::{config::Settings, host::Host, service::Service, telemetry};
use jangteo_notification::Senders;

use crate::{
    gateway::{self, Gateway},
    misspelt,
    settings::Flags,
    welcome,
};

/// Every context, in the order in which they were written.
pub(crate) fn all(senders: &Senders) -> Vec<Service> {
    vec![
        jangteo_post::service(),
        jangteo_view::service(),
        jangteo_deal::service(),
        jangteo_offer::service(),
        jangteo_inventory::service(),
        jangteo_order::service(),
        jangteo_delivery::service(),
        jangteo_item::service(),
        jangteo_rental::service(),
        jangteo_payment::service(),
        jangteo_provider::service(),
        jangteo_review::service(),
        jangteo_notification::service(senders),
        jangteo_store::service(),
    ]
}

/// The names of all contexts.
pub(crate) fn contexts() -> Vec<&'static str> {
    all(&Senders::default()).iter().map(Service::context).collect()
}

#[derive(Args)]
pub(crate) struct Serve {
    /// The contexts to host, and `gateway` for the gateway; none named: everything.
    contexts: Vec<String>,
    #[command(flatten)]
    flags: Flags,
}

impl Serve {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let (gateway, contracts) = fronted(&self.flags)?;
        let senders = Senders::open(&self.flags.sending()?)?;
        let settings = settings(self.flags, &contracts)?;
        let services = chosen(&self.contexts, &senders)?;
        let peers = settings.peers.clone();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let telemetry = telemetry::start(settings.log_format)?;
            misspelt::warn();
            let welcome = welcome::Welcome::new(&settings);
            let served = async {
                let mut host = Host::new(settings, services).await?;
                if named(&self.contexts, gateway::NAME) {
                    host = gateway.before(host, contracts, &peers).await?;
                }
                welcome.print(host.addr(), host.front_addr());
                host.run().await
            };
            let served = served.await;
            telemetry.stop().await;
            served
        })
    }
}

/// The gateway, and the contracts that it would serve.
fn fronted(flags: &Flags) -> anyhow::Result<(Gateway, Contracts)> {
    let gateway = flags.gateway()?;
    let contracts = gateway.contracts()?;
    Ok((gateway, contracts))
}

/// The effective settings: addresses may be given of the contexts that this binary hosts, and of
/// those that the gateway's contracts name.
fn settings(flags: Flags, contracts: &Contracts) -> anyhow::Result<Settings> {
    let mut known = contexts();
    known.extend(contracts.contexts());
    flags.settings(&known)
}

/// The same for whoever hosts nothing.
pub(crate) fn settings_of(flags: Flags) -> anyhow::Result<Settings> {
    let (_, contracts) = fronted(&flags)?;
    settings(flags, &contracts)
}

/// Whether this is to be hosted.
fn named(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|it| it == name)
}

fn chosen(names: &[String], senders: &Senders) -> anyhow::Result<Vec<Service>> {
    let mut known = contexts();
    known.push(gateway::NAME);
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("there is no context `{unknown}`: there are {}", known.join(", "));
    }
    Ok(all(senders).into_iter().filter(|service| named(names, service.context())).collect())
}
