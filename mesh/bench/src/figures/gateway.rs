//! What a gateway adds to a read, as a process of its own before `view`.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use async_trait::async_trait;
use jangteo_testing::{
    Node,
    http1::{Answer, Line},
};
use tokio::sync::Mutex;
use tonic::Status;

use super::reads::{Reader, ceiling, sales};
use crate::{
    caller::{Caller, pick},
    echo::SELLER,
    figure::{About, Figure, Measure, Outcome, Reading, Rounds},
    load::{CALLERS, Client},
    world::{Market, World},
};

/// The contexts behind it.
const BEHIND: [&str; 2] = ["post", "view"];
const BASELINE: Option<&str> = Some("gRPC at view itself");
const CPU: Measure =
    Measure { name: "CPU of the gateway for each", unit: "µs", baseline: None, target: None };

pub(super) struct Gateway;

#[async_trait]
impl Figure for Gateway {
    fn about(&self) -> About {
        About {
            id: "GATEWAY",
            title: "GetMySale by id through a gateway in a process of its own, as gRPC and as JSON",
            durability: "nothing is written",
            measures: &[
                Measure {
                    name: "reads as gRPC, closed loop of 64",
                    unit: "/s",
                    baseline: BASELINE,
                    target: None,
                },
                CPU,
                Measure {
                    name: "reads as JSON, closed loop of 64",
                    unit: "/s",
                    baseline: BASELINE,
                    target: None,
                },
                CPU,
            ],
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        let market = Market::sqlite(world, &BEHIND, &[]).await?;
        let sales = sales(&market).await?;
        let mut gateway =
            world.node(&market.nats, &["gateway"]).key_dir(market.node.data_dir().join("keys"));
        for context in BEHIND {
            gateway = gateway.peer(context, market.node.url());
        }
        let (gateway, token) = (gateway.start().await?, market.token(SELLER));
        let behind = Reader::of(Caller::new(&market.node, &token)?, &sales);
        let through = Reader::of(Caller::through(&gateway, &token)?, &sales);
        let browser = Browser::new(gateway.http_addr(), &token, &sales);
        Ok(Box::new(Door { gateway, market, behind, through, browser: Arc::new(browser) }))
    }
}

struct Door {
    gateway: Node,
    market: Market,
    behind: Arc<Reader>,
    through: Arc<Reader>,
    browser: Arc<Browser>,
}

#[async_trait]
impl Rounds for Door {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        let (bare, _) = ceiling("view", &self.market.node, &self.behind, length).await?;
        let (grpc, grpc_us) =
            ceiling("gateway, gRPC", &self.gateway, &self.through, length).await?;
        let (json, json_us) =
            ceiling("gateway, JSON", &self.gateway, &self.browser, length).await?;
        Ok(Outcome {
            readings: vec![
                Reading::beside(grpc.rate, bare.rate),
                Reading::alone(grpc_us),
                Reading::beside(json.rate, bare.rate),
                Reading::alone(json_us),
            ],
            loads: vec![bare, grpc, json],
        })
    }
}

/// Reads one sale after the other as JSON, each caller on a connection of his own.
struct Browser {
    lines: Vec<Mutex<Line>>,
    requests: Vec<String>,
}

impl Browser {
    fn new(address: &str, token: &str, posts: &[String]) -> Self {
        let request = |post: &String| {
            format!(
                "GET /v1/my/sales/{post} HTTP/1.1\r\nhost: {address}\r\n\
                 authorization: Bearer {token}\r\n\r\n"
            )
        };
        let lines = (0..CALLERS).map(|_| Mutex::new(Line::to(address))).collect();
        Self { lines, requests: posts.iter().map(request).collect() }
    }

    async fn read(&self, n: u64) -> Result<()> {
        let request = &self.requests[pick(n, self.requests.len())];
        let mut line = self.lines[pick(n, self.lines.len())].lock().await;
        let Answer { code, body, .. } = line.ask(request.as_bytes(), false).await?;
        ensure!(code == 200, "{code}: {}", String::from_utf8_lossy(&body));
        Ok(())
    }
}

impl Client for Browser {
    async fn ask(&self, n: u64) -> Result<(), Status> {
        self.read(n).await.map_err(|error| Status::unknown(format!("{error:#}")))
    }
}
