//! P14: from the start of the program until it says that it serves, on empty databases, and as a pod starts
//! whose database is there.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use async_trait::async_trait;
use jangteo_testing::{Nats, Node, Postgres, node::Builder};
use tokio::time::sleep;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::{
    figure::{About, Figure, Measure, Outcome, Reading, Rounds},
    judge::Target,
    world::{World, contexts, nats},
};

const BASELINE: Option<&str> = Some("bare tonic echo");
/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is asked.
const POLL: Duration = Duration::from_millis(1);

pub(super) struct Start;

#[async_trait]
impl Figure for Start {
    fn about(&self) -> About {
        About {
            id: "P14",
            title: "From exec until SERVING: all contexts, their databases made and migrated",
            durability: "SQLite WAL with synchronous=FULL; PostgreSQL with fsync=on; NATS with sync_interval: always",
            measures: &[
                Measure { name: "on SQLite", unit: "ms", baseline: BASELINE, target: None },
                Measure { name: "on PostgreSQL", unit: "ms", baseline: BASELINE, target: None },
                Measure {
                    name: "post alone on PostgreSQL, once more",
                    unit: "ms",
                    baseline: None,
                    target: Some(Target::AtMost(150.0)),
                },
            ],
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        let (nats, postgres) = (nats().await?, Postgres::start().await?);
        Ok(Box::new(Empty { world: world.clone(), nats, postgres }))
    }
}

struct Empty {
    world: World,
    nats: Nats,
    postgres: Postgres,
}

#[async_trait]
impl Rounds for Empty {
    async fn round(&mut self, _: Duration) -> Result<Outcome> {
        let mut on_postgres = self.world.node(&self.nats, &[]);
        for context in contexts() {
            on_postgres = on_postgres.database_url_of(&context, self.postgres.database().await?);
        }
        let echo = serving_ms(World::echo()?).await?;
        let sqlite = serving_ms(self.world.node(&self.nats, &[])).await?;
        let postgres = serving_ms(on_postgres).await?;
        let readings = vec![
            Reading::beside(sqlite, echo),
            Reading::beside(postgres, echo),
            Reading::alone(self.again_ms().await?),
        ];
        Ok(Outcome { readings, ..Outcome::default() })
    }
}

impl Empty {
    /// `post` by itself, on a database that an earlier start has made and migrated.
    async fn again_ms(&self) -> Result<f64> {
        let url = self.postgres.database().await?;
        let post = || self.world.node(&self.nats, &["post"]).database_url_of("post", &url);
        serving_ms(post()).await?;
        serving_ms(post()).await
    }
}

/// Starts it, and asks until it serves.
async fn serving_ms(node: Builder) -> Result<f64> {
    let begun = Instant::now();
    let node: Node = node.launch()?;
    while node.health("readiness").await.ok() != Some(ServingStatus::Serving) {
        if begun.elapsed() > PATIENCE {
            bail!("not serving after {PATIENCE:?}:\n{}", node.output());
        }
        sleep(POLL).await;
    }
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}
