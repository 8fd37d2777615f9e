//! `jangteo completion`: the completion script of a shell.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use crate::Cli;

#[derive(Args)]
pub(crate) struct Completion {
    /// The shell to complete for.
    shell: Shell,
}

impl Completion {
    #[expect(clippy::unnecessary_wraps, reason = "every command may fail")]
    pub(crate) fn run(self) -> anyhow::Result<()> {
        generate(self.shell, &mut Cli::command(), "jangteo", &mut std::io::stdout());
        Ok(())
    }
}
