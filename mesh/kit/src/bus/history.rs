//! Reads what a stream holds, once, beside those who consume it.

use std::time::Duration;

use async_nats::{
    datetime,
    jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, pull},
};
use futures::TryStreamExt as _;

use super::{BadEnvelope, connection::Bus, from_message};
use crate::event::{Event, partition};

/// Messages that are read together at most.
const PAGE: u64 = 256;
/// After this a reader that broke off is forgotten.
const FORGOTTEN: Duration = Duration::from_mins(1);

/// Which messages of a context's stream to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// Those that the broker received at or after this time, in ms since 1970.
    pub(crate) since: i64,
    /// Those of this partition; none: all.
    pub(crate) partition: Option<u64>,
}

/// The messages that a stream held when it was asked, page by page.
pub(crate) struct History {
    context: String,
    consumer: Option<Consumer<pull::Config>>,
    left: u64,
}

impl Bus {
    /// The messages of a context's own stream, in their order. A stream that is not there holds none.
    pub(crate) async fn history(&self, context: &str, part: Part) -> anyhow::Result<History> {
        let config = pull::Config {
            ack_policy: AckPolicy::None,
            deliver_policy: DeliverPolicy::ByStartTime {
                start_time: datetime::from_nanos(i128::from(part.since) * 1_000_000)
                    .map_err(anyhow::Error::from_boxed)?,
            },
            filter_subject: part
                .partition
                .map_or_else(String::new, |number| partition(context, number)),
            inactive_threshold: FORGOTTEN,
            memory_storage: true,
            ..pull::Config::default()
        };
        let context = context.to_owned();
        let Some(stream) = self.stream(&context).await? else {
            return Ok(History { context, consumer: None, left: 0 });
        };
        let consumer = stream.create_consumer(config).await?;
        let left = consumer.cached_info().num_pending;
        Ok(History { context, consumer: Some(consumer), left })
    }
}

impl History {
    /// The next messages; none: that was all.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Option<Vec<Result<Event, BadEnvelope>>>> {
        let Some(consumer) = &mut self.consumer else { return Ok(None) };
        while self.left > 0 {
            let asked = usize::try_from(self.left.min(PAGE))?;
            let messages = consumer.fetch().max_messages(asked).messages().await?;
            let page: Vec<_> = messages.try_collect().await.map_err(anyhow::Error::from_boxed)?;
            if page.is_empty() {
                // Some may have been removed meanwhile, by age or by hand.
                self.left = self.left.min(consumer.info().await?.num_pending);
                continue;
            }
            self.left = self.left.saturating_sub(page.len().try_into()?);
            let read = page.iter().map(|message| from_message(&self.context, message)).collect();
            return Ok(Some(read));
        }
        Ok(None)
    }
}
