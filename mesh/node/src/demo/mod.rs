//! `jangteo demo`: plays the stories of the market against a running one, and shows what follows.

mod ask;
mod my_page;
mod people;
mod print;
mod second_hand;
mod stage;
mod step;
mod until;

use clap::Args;

use self::{people::People, print::Print, stage::Stage};
use crate::{serve, settings::Flags};

#[derive(Args)]
pub(crate) struct Demo {
    /// Where the market is: one process, or the gateway before several [default: where serve puts the gateway].
    #[arg(long)]
    to: Option<String>,
    /// Prints each step as an object of JSON, one per line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

impl Demo {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let gateway = self.flags.gateway()?.addr;
        let settings = serve::settings_of(self.flags)?;
        let to = self.to.unwrap_or_else(|| format!("http://{gateway}"));
        let print = if self.json { Print::Json } else { Print::Text };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let people = People::at(&to, &settings).await?;
            play(&mut Stage::new(people, print)).await
        })
    }
}

/// Plays every story, one after the other.
async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    second_hand::play(stage).await
}
