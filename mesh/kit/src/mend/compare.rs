//! Compares everything that follows in a context with its sources, at somebody's wish.

use std::sync::Arc;

use async_stream::try_stream;
use futures::Stream;
use jangteo::ops::v1::CompareSourcesResponse;
use tokio::sync::watch;

use crate::{
    context::Context,
    follow::{Reader, Tally},
    inbox::Follower,
    project::Sources,
};

/// One consumer and one of its sources.
#[derive(Clone)]
struct Pair {
    follower: Arc<dyn Follower>,
    consumer: String,
    source: &'static str,
}

/// Compares each consumer with each of its sources, from the beginning.
pub(super) fn compare(
    context: Context,
    followers: Arc<[Arc<dyn Follower>]>,
    sources: Sources,
) -> impl Stream<Item = anyhow::Result<CompareSourcesResponse>> {
    try_stream! {
        let reader = Reader::new(context.clone(), sources);
        for pair in pairs(&context, &followers).await? {
            let (tally, mut seen) = watch::channel(Tally::default());
            let work = whole(&reader, &pair, &tally);
            tokio::pin!(work);
            loop {
                let ended = tokio::select! {
                    done = &mut work => Some(done),
                    _ = seen.changed() => None,
                };
                if let Some(done) = ended {
                    done?;
                    break;
                }
                let so_far = *seen.borrow_and_update();
                yield told(&pair, so_far, false);
            }
            let found = *seen.borrow();
            yield told(&pair, found, true);
        }
    }
}

async fn pairs(context: &Context, followers: &[Arc<dyn Follower>]) -> anyhow::Result<Vec<Pair>> {
    let mut pairs = vec![];
    for follower in followers {
        for consumer in follower.consumers(context).await? {
            pairs.extend(follower.sources().iter().map(|source| Pair {
                follower: follower.clone(),
                consumer: consumer.name.clone(),
                source,
            }));
        }
    }
    Ok(pairs)
}

/// Where a gate was ahead of its source, only a second look tells whether the source has forgotten.
async fn whole(reader: &Reader, pair: &Pair, tally: &watch::Sender<Tally>) -> anyhow::Result<()> {
    let whose = [(&pair.follower, pair.consumer.as_str())];
    reader.lacking(&whose, pair.source, None, tally).await?;
    if tally.borrow().suspect > 0 {
        let lacking = tally.borrow().lacking;
        tally.send_replace(Tally { lacking, ..Tally::default() });
        reader.lacking(&whose, pair.source, None, tally).await?;
    }
    Ok(())
}

fn told(pair: &Pair, tally: Tally, done: bool) -> CompareSourcesResponse {
    CompareSourcesResponse {
        consumer: pair.consumer.clone(),
        source: pair.source.to_owned(),
        aggregates: tally.aggregates,
        lacking: tally.lacking,
        source_behind: tally.source_behind,
        done,
    }
}
