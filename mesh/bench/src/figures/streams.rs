//! P6: what it is worth that every context has a stream of its own.

use std::time::Duration;

use anyhow::Result;
use async_nats::HeaderMap;
use async_trait::async_trait;
use bytes::Bytes;
use futures::future::try_join_all;
use jangteo_testing::Nats;

use crate::{
    figure::{About, Figure, Measure, Outcome, Reading, Rounds},
    load::Span,
    raw::{Message, Raw},
    world::{World, nats, publishing},
};

/// About what an event is, with its headers in a real one.
const PAYLOAD: [u8; 300] = [0x5a; 300];

pub(super) struct Streams;

#[async_trait]
impl Figure for Streams {
    fn about(&self) -> About {
        About {
            id: "P6",
            title: "Durable publishes into a stream for each context that has events",
            durability: "NATS with sync_interval: always",
            measures: &[Measure {
                name: "publishes, 512 on their way in each stream",
                unit: "/s",
                baseline: Some("a single stream"),
                target: None,
            }],
        }
    }

    async fn prepare(&self, _: &World) -> Result<Box<dyn Rounds>> {
        let nats = nats().await?;
        let message = Message { headers: HeaderMap::new(), payload: Bytes::from_static(&PAYLOAD) };
        let mut streams = vec![];
        for context in publishing() {
            let name = context.to_uppercase();
            streams.push(Raw::new(nats.client().await?, &name, message.clone()).await?);
        }
        let single = Raw::new(nats.client().await?, "SINGLE", message).await?;
        Ok(Box::new(Beside { streams, single, _nats: nats }))
    }
}

struct Beside {
    streams: Vec<Raw>,
    single: Raw,
    _nats: Nats,
}

#[async_trait]
impl Rounds for Beside {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        let span = Span::Time(length);
        let single = self.single.rate(span).await?;
        let many = try_join_all(self.streams.iter().map(|stream| stream.rate(span))).await?;
        let readings = vec![Reading::beside(many.iter().sum(), single)];
        Ok(Outcome { readings, ..Outcome::default() })
    }
}
