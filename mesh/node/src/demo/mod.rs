//! `jangteo demo` plays the stories of the market against a running one, and shows what follows;
//! `jangteo demo-breaker` shows what a slow payment provider does to people who pay.

mod ask;
mod boards;
mod breaker;
mod flowers;
mod kitchen;
mod meet_up;
mod my_page;
mod news;
mod page;
mod people;
mod print;
mod rental;
mod second_hand;
mod shown;
mod stage;
mod step;
mod until;

use clap::Args;

pub(crate) use self::breaker::DemoBreaker;
use self::{people::People, print::Print, stage::Stage};
use crate::{serve, settings::Flags};

#[derive(Args)]
pub(crate) struct Demo {
    #[command(flatten)]
    options: Options,
}

impl Demo {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        self.options.run(async |people, print| play(&mut Stage::new(people, print)).await)
    }
}

/// Plays every story, one after the other.
async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    second_hand::play(stage).await?;
    rental::play(stage).await?;
    meet_up::play(stage).await?;
    kitchen::play(stage).await?;
    flowers::play(stage).await
}

/// Where it is played, and for whom it is shown.
#[derive(Args)]
struct Options {
    /// Where the market is: one process, or the gateway before several [default: where serve puts the gateway].
    #[arg(long)]
    to: Option<String>,
    /// Prints what is to be seen as objects of JSON, one per line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

impl Options {
    /// Does some work with the people of the market.
    fn run(
        self,
        work: impl AsyncFnOnce(People, Print) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let gateway = self.flags.gateway()?.addr;
        let settings = serve::settings_of(self.flags)?;
        let to = self.to.unwrap_or_else(|| format!("http://{gateway}"));
        let print = if self.json { Print::Json } else { Print::Text };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async { work(People::at(&to, &settings).await?, print).await })
    }
}
