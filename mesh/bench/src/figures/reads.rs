//! P1: reads by id through everything a request passes, beside the bare echo.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use bytes::Bytes;
use jangteo::view::v1::GetMySaleRequest;
use jangteo_testing::{Node, usage, within};
use prost::Message as _;
use tonic::Status;

use crate::{
    caller::{Caller, pick},
    echo::SELLER,
    figure::{About, Figure, Measure, Outcome, Reading, Rounds},
    judge::Target,
    load::{CALLERS, Client, Load, Span, closed, flood, open},
    world::{Market, World},
};

const GET: &str = "/jangteo.view.v1.MySalesService/GetMySale";
/// How many sales are read in turn.
const SALES: u64 = 64;
/// How long a sale may take to be seen.
const PATIENCE: Duration = Duration::from_secs(30);
/// The load at which latency is told, of the ceiling.
const HALF: f64 = 0.5;

pub(super) struct Reads;

#[async_trait]
impl Figure for Reads {
    fn about(&self) -> About {
        About {
            id: "P1",
            title: "GetMySale by id, served by view on SQLite: token, access, rules, deadline, trace",
            durability: "nothing is written",
            measures: &[
                Measure {
                    name: "reads, closed loop of 64",
                    unit: "/s",
                    baseline: Some("bare tonic echo"),
                    target: Some(Target::AtLeast(0.4)),
                },
                Measure {
                    name: "CPU of the server per read",
                    unit: "µs",
                    baseline: Some("bare tonic echo"),
                    target: None,
                },
            ],
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        let market = Market::sqlite(world, &["post", "view"], &[]).await?;
        let echo = World::echo()?.start().await?;
        let sales = sales(&market).await?;
        let token = market.token(SELLER);
        let ours = Reader::of(Caller::new(&market.node, &token)?, &sales);
        let bare = Reader::of(Caller::new(&echo, &token)?, &sales);
        same_size(&ours, &bare).await?;
        Ok(Box::new(Beside { market, echo, ours, bare }))
    }
}

/// Writes sales and waits until each can be read; answers their ids.
pub(super) async fn sales(market: &Market) -> Result<Vec<String>> {
    let seller = market.seller(SELLER)?;
    let caller = Caller::new(&market.node, &market.token(SELLER))?;
    let mut posts = vec![];
    for n in 0..SALES {
        let post = seller.write(n).await?.id;
        let seen = async || caller.call(n, GET, asks(&post)).await.ok();
        within(PATIENCE, seen).await.context("a sale that is never seen")?;
        posts.push(post);
    }
    Ok(posts)
}

/// The request for the sale of a post.
fn asks(post: &str) -> Bytes {
    GetMySaleRequest { post_id: post.to_owned() }.encode_to_vec().into()
}

/// Both answer with as many bytes: only times differ, by a byte or two, or by those of a whole second.
async fn same_size(ours: &Reader, bare: &Reader) -> Result<()> {
    let [ours, bare] = [ours.read(0).await?.len(), bare.read(0).await?.len()];
    ensure!(ours.abs_diff(bare) <= 12, "jangteo answers {ours} bytes, the echo {bare}");
    Ok(())
}

/// Reads one sale after the other.
pub(super) struct Reader {
    caller: Caller,
    bodies: Vec<Bytes>,
}

impl Reader {
    /// Those of these posts.
    pub(super) fn of(caller: Caller, posts: &[String]) -> Arc<Self> {
        Arc::new(Self { caller, bodies: posts.iter().map(|post| asks(post)).collect() })
    }

    async fn read(&self, n: u64) -> Result<Bytes, Status> {
        self.caller.call(n, GET, self.bodies[pick(n, self.bodies.len())].clone()).await
    }
}

impl Client for Reader {
    async fn ask(&self, n: u64) -> Result<(), Status> {
        self.read(n).await.map(drop)
    }
}

struct Beside {
    market: Market,
    echo: Node,
    ours: Arc<Reader>,
    bare: Arc<Reader>,
}

#[async_trait]
impl Rounds for Beside {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        let (bare, bare_us) = ceiling("echo", &self.echo, &self.bare, length).await?;
        let (ours, ours_us) = ceiling("jangteo", &self.market.node, &self.ours, length).await?;
        let rate = ours.rate * HALF;
        let bare_half = open("echo", &self.bare, rate, length).await?;
        let (ours_half, crowded) = flood("jangteo", &self.ours, rate, length).await?;
        Ok(Outcome {
            readings: vec![
                Reading::beside(ours.rate, bare.rate),
                Reading::beside(ours_us, bare_us),
            ],
            loads: vec![bare, ours, bare_half, ours_half, crowded],
        })
    }
}

/// The most that a server answers, and its CPU time for each answer in µs.
#[expect(clippy::cast_precision_loss, reason = "2^52 requests are too many")]
pub(super) async fn ceiling<C: Client>(
    what: &str,
    node: &Node,
    client: &Arc<C>,
    length: Duration,
) -> Result<(Load, f64)> {
    let before = usage::cpu(node.pid())?;
    let load = closed(what, client, CALLERS, Span::Time(length)).await?;
    let used = usage::cpu(node.pid())?.saturating_sub(before);
    let us = used.as_secs_f64() * 1e6 / load.answered as f64;
    Ok((load, us))
}
