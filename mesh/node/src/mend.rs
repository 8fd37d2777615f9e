//! `jangteo compare|refill|adopt`: what operators do when a journal, its stream and those who follow
//! it have come apart.

use std::str::FromStr;

use anyhow::bail;
use clap::Args;
use jangteo::ops::v1::{
    AdoptEventsRequest, AdoptEventsResponse, CompareSourcesRequest, CompareSourcesResponse,
    RefillStreamRequest, StaleAggregate, mending_service_client::MendingServiceClient,
};
use prost_types::Timestamp;

use crate::operator::{Operator, told};

#[derive(Args)]
pub(crate) struct Compare {
    /// The context that follows others.
    context: String,
    #[command(flatten)]
    operator: Operator,
}

impl Compare {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let context = self.context;
        self.operator.ask(&context.clone(), async |line| {
            let ask = CompareSourcesRequest { context };
            let mut answers = MendingServiceClient::new(line);
            let mut answers = answers.compare_sources(ask).await.map_err(told)?.into_inner();
            let mut behind = 0;
            while let Some(compared) = answers.message().await.map_err(told)? {
                println!("{}", compared_line(&compared));
                behind += if compared.done { compared.source_behind } else { 0 };
            }
            if behind > 0 {
                bail!("SOURCE_BEHIND: a source has forgotten events; docs/operations.md says what to do");
            }
            Ok(())
        })
    }
}

fn compared_line(compared: &CompareSourcesResponse) -> String {
    let CompareSourcesResponse { consumer, source, aggregates, lacking, source_behind, done } =
        compared;
    let how = if *done { "done" } else { "so far" };
    let behind = match source_behind {
        0 => String::new(),
        many => format!(", {many} of which {source} knows less"),
    };
    format!(
        "{consumer} with {source}, {how}: {aggregates} aggregates, {lacking} lacked events{behind}"
    )
}

#[derive(Args)]
pub(crate) struct Refill {
    /// The context whose journal is published again.
    context: String,
    /// Only events that were written at or after this time, such as 2026-11-25T09:00:00Z.
    #[arg(long, value_parser = Timestamp::from_str)]
    since: Option<Timestamp>,
    /// Only events that were written before this time.
    #[arg(long, value_parser = Timestamp::from_str)]
    until: Option<Timestamp>,
    #[command(flatten)]
    operator: Operator,
}

impl Refill {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { context, since, until, operator } = self;
        operator.ask(&context.clone(), async |line| {
            let ask = RefillStreamRequest { context: context.clone(), since, until };
            let mut answers = MendingServiceClient::new(line);
            let mut answers = answers.refill_stream(ask).await.map_err(told)?.into_inner();
            let mut published = 0;
            while let Some(so_far) = answers.message().await.map_err(told)? {
                published = so_far.published;
                let time = so_far.time.map(|time| time.to_string()).unwrap_or_default();
                println!("{context}: {published} events, up to {time}");
            }
            println!("{context}: {published} events were published again");
            Ok(())
        })
    }
}

#[derive(Args)]
pub(crate) struct Adopt {
    /// The context whose database was restored from an older copy.
    context: String,
    #[command(flatten)]
    operator: Operator,
}

impl Adopt {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let context = self.context;
        self.operator.ask(&context.clone(), async |line| {
            let ask = AdoptEventsRequest { context: context.clone() };
            let mut answers = MendingServiceClient::new(line);
            let mut answers = answers.adopt_events(ask).await.map_err(told)?.into_inner();
            let mut done = AdoptEventsResponse::default();
            while let Some(so_far) = answers.message().await.map_err(told)? {
                so_far.stale.iter().for_each(|stale| println!("{}", stale_line(stale)));
                done = so_far;
            }
            let AdoptEventsResponse { read, adopted, voided, renumbered, .. } = done;
            println!(
                "{context}: of {read} events {adopted} were adopted, {voided} are lost, \
                 {renumbered} got later numbers"
            );
            Ok(())
        })
    }
}

fn stale_line(stale: &StaleAggregate) -> String {
    let StaleAggregate { kind, aggregate_id, state_sequence, history_sequence } = stale;
    format!(
        "{kind} {aggregate_id}: its state knows {state_sequence} events, its history {history_sequence}"
    )
}
