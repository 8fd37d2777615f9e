//! `jangteo demo-breaker`: renters pay while the payment provider gets too slow and well again. What
//! they are told shows what the breaker before it does (B-N3, B-O6); at the end the books balance.

mod balance;
mod books;
mod print;
mod reading;
mod renter;
mod run;
mod weather;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, value_parser};
use jangteo::provider::v1::{GetSandboxRequest, Sandbox, UpdateSandboxRequest};
use tokio::{
    signal::{ctrl_c, unix},
    sync::Mutex,
    task::JoinSet,
};
use tonic::{Request, Status};

use super::{Options, ask::Ask, people::People, print::Print};
use crate::operator::Line;

#[derive(Args)]
pub(crate) struct DemoBreaker {
    /// How long people pay, in seconds; up to 15 more where the breaker has not closed again by then.
    #[arg(long, default_value_t = 30, value_parser = value_parser!(u64).range(10..=600))]
    seconds: u64,
    #[command(flatten)]
    options: Options,
}

impl DemoBreaker {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let seconds = self.seconds;
        self.options.run(async |people, print| played(&people, print, seconds).await)
    }
}

/// Plays it, and leaves the sandbox as it was, however it ends.
async fn played(people: &People, print: Print, seconds: u64) -> anyhow::Result<()> {
    let provider = Provider { people, line: people.operator()?, change: Mutex::default() };
    let before = provider.asked(GetSandboxRequest {}).await?;
    let played = tokio::select! {
        played = run::run(people, &provider, print, seconds) => played,
        stopped = stopped() => stopped,
    };
    let restored = provider.behaves(before).await;
    match (played, restored.context("the provider does not behave as it did before")) {
        (Err(played), Err(restored)) => Err(restored.context(format!("{played:#}"))),
        (played, restored) => played.and(restored),
    }
}

/// Answers when somebody breaks it off.
async fn stopped() -> anyhow::Result<()> {
    let mut terminated = unix::signal(unix::SignalKind::terminate())?;
    tokio::select! {
        pressed = ctrl_c() => pressed?,
        _ = terminated.recv() => {}
    }
    bail!("broken off")
}

/// The sandbox, as an operator reaches it.
struct Provider<'a> {
    people: &'a People,
    line: Line,
    /// The change that is on its way.
    change: Mutex<JoinSet<Result<(), Status>>>,
}

impl Provider<'_> {
    /// How it behaves from now on.
    async fn behaves(&self, sandbox: Sandbox) -> anyhow::Result<()> {
        let Sandbox { latency_ms, jitter_ms, decline_from_krw, outage, lose_answers } = sandbox;
        let request =
            UpdateSandboxRequest { latency_ms, jitter_ms, decline_from_krw, outage, lose_answers };
        let mut change = self.change.lock().await;
        // One that was broken off has left all the same, and must not arrive after this one.
        while change.join_next().await.is_some() {}
        let line = self.line.clone();
        change.spawn(async move { Ask::ask(Request::new(request), line).await.map(drop) });
        let changed = change.join_next().await.transpose()?.unwrap_or(Ok(()));
        changed.map_err(|status| anyhow!("{}", self.people.refusal(&status)))
    }

    async fn asked<Q: Ask>(&self, request: Q) -> anyhow::Result<Q::Answer> {
        asked(self.people, &self.line, request).await
    }
}

/// Asks for what is never refused.
async fn asked<Q: Ask>(people: &People, line: &Line, request: Q) -> anyhow::Result<Q::Answer> {
    let answer = Q::ask(Request::new(request), line.clone()).await;
    let answer = answer.map_err(|status| anyhow!("{}", people.refusal(&status)))?;
    Ok(answer.into_inner())
}
