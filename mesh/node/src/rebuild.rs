//! `jangteo rebuild`: asks a running process to rebuild a read model, and waits for it.

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use jangteo::view::v1::{
    GetReadModelGenerationRequest, ReadModelGeneration, RebuildReadModelRequest,
    read_model_generation::State, rebuild_service_client::RebuildServiceClient,
};

use crate::operator::{Line, Operator, told};

#[derive(Args)]
pub(crate) struct Rebuild {
    /// The read model, such as `my_sales`.
    read_model: String,
    #[command(flatten)]
    operator: Operator,
}

impl Rebuild {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let read_model = self.read_model;
        self.operator.ask("view", async |line| rebuild(line, read_model).await)
    }
}

async fn rebuild(line: Line, read_model: String) -> anyhow::Result<()> {
    let mut client = RebuildServiceClient::new(line);
    let asked = RebuildReadModelRequest { read_model: read_model.clone() };
    let mut now = client.rebuild_read_model(asked).await.map_err(told)?.into_inner();
    println!("{read_model}: generation {} is being built", now.generation);
    while now.state() == State::Building {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let ask = GetReadModelGenerationRequest {
            read_model: read_model.clone(),
            generation: now.generation,
        };
        let next = client.get_read_model_generation(ask).await.map_err(told)?.into_inner();
        if (next.aggregates, next.behind) != (now.aggregates, now.behind) {
            let ReadModelGeneration { aggregates, behind, .. } = next;
            println!(
                "{read_model}: knows of {aggregates} aggregates, of {behind} less than before"
            );
        }
        now = next;
    }
    finished(&now)
}

fn finished(generation: &ReadModelGeneration) -> anyhow::Result<()> {
    if generation.state() != State::Serving {
        bail!("generation {} was replaced by a later one", generation.generation);
    }
    println!("{}: generation {} serves", generation.read_model, generation.generation);
    Ok(())
}
