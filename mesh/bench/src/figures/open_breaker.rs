//! How soon somebody is told to pay a little later, while payments fail too often to be asked for.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use jangteo::{
    errors::reason,
    item::v1::{Item, RegisterItemRequest},
    provider::v1::UpdateSandboxRequest,
    rental::v1::{GetRentalRequest, PayRentalRequest, Rental, ReserveRentalRequest, rental::State},
};
use jangteo_testing::{Nats, Node, tokens::Keys, within};
use prost::Message;
use tonic::Status;

use crate::{
    caller::Caller,
    figure::{About, Figure, Measure, Outcome, Reading, Rounds},
    judge::Target,
    load::{Client, Span, closed},
    seller::new_id,
    world::{World, nats},
};

const REGISTER: &str = "/jangteo.item.v1.ItemService/RegisterItem";
const RESERVE: &str = "/jangteo.rental.v1.RentalService/ReserveRental";
const GET: &str = "/jangteo.rental.v1.RentalService/GetRental";
const PAY: &str = "/jangteo.rental.v1.RentalService/PayRental";
const SANDBOX: &str = "/jangteo.provider.v1.SandboxService/UpdateSandbox";
/// How long the market may take to get there.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is asked for when payments fail.
const TOLD: &str = "PAYMENT_UNAVAILABLE";

pub(super) struct OpenBreaker;

#[async_trait]
impl Figure for OpenBreaker {
    fn about(&self) -> About {
        About {
            id: "BREAKER",
            title: "PayRental while the breaker before payment is open: told to pay later",
            durability: "nothing is written; SQLite WAL with synchronous=FULL",
            measures: &[
                Measure {
                    name: "refused, median",
                    unit: "ms",
                    baseline: None,
                    target: Some(Target::AtMost(1.0)),
                },
                Measure {
                    name: "refused, 99th percentile",
                    unit: "ms",
                    baseline: None,
                    target: None,
                },
            ],
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        let nats = nats().await?;
        let contexts = ["item", "rental", "payment", "provider"];
        let node = world.node(&nats, &contexts).start().await?;
        let keys = Keys::open(node.data_dir().join("keys")).await?;
        let renter = Renter::confirmed(&node, &keys).await?;
        let outage = UpdateSandboxRequest { outage: true, ..Default::default() };
        Caller::new(&node, &keys.operator())?.call(0, SANDBOX, bytes(&outage)).await?;
        Ok(Box::new(Shut { renter: Arc::new(renter), _node: node, _nats: nats }))
    }
}

struct Shut {
    renter: Arc<Renter>,
    _node: Node,
    _nats: Nats,
}

#[async_trait]
impl Rounds for Shut {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        // Enough failures to open it; those of the last round may be forgotten.
        closed("jangteo, failing", &self.renter, 1, Span::Requests(50)).await?;
        let load = closed("jangteo", &self.renter, 1, Span::Time(length)).await?;
        let readings =
            vec![Reading::alone(load.latency_ms.p50), Reading::alone(load.latency_ms.p99)];
        Ok(Outcome { readings, loads: vec![load] })
    }
}

/// Somebody who would pay.
struct Renter {
    caller: Caller,
    rental: String,
}

impl Renter {
    /// With a rental that can be paid.
    async fn confirmed(node: &Node, keys: &Keys) -> Result<Self> {
        let owner = Caller::new(node, &keys.user("YoungEunSong"))?;
        let caller = Caller::new(node, &keys.user("JangHyemi"))?;
        let camera =
            RegisterItemRequest { name: "Camera".into(), price_krw: 100, ..Default::default() };
        let item = Item::decode(owner.call(0, REGISTER, bytes(&camera)).await?)?;
        let reserve = ReserveRentalRequest { item_id: item.id, ..Default::default() };
        let rental = Rental::decode(caller.call(0, RESERVE, bytes(&reserve)).await?)?.id;
        let get = GetRentalRequest { id: rental.clone() };
        let confirmed = within(PATIENCE, async || {
            let now = Rental::decode(caller.call(0, GET, bytes(&get)).await.ok()?).ok()?;
            (now.state() == State::Confirmed).then_some(())
        });
        confirmed.await.context("the item does not confirm")?;
        Ok(Self { caller, rental })
    }
}

impl Client for Renter {
    /// Is told to pay later, or that the last try is still being undone: any other answer is an error.
    async fn ask(&self, n: u64) -> Result<(), Status> {
        let (id, request_id) = (self.rental.clone(), new_id().to_string());
        let pay = PayRentalRequest { id, request_id, ..Default::default() };
        match self.caller.call(n, PAY, bytes(&pay)).await {
            Err(status)
                if [Some(TOLD), Some("RENTAL_BUSY")].contains(&reason(&status).as_deref()) =>
            {
                Ok(())
            }
            Err(status) => Err(status),
            Ok(_) => Err(Status::internal("it was paid during an outage")),
        }
    }
}

fn bytes(message: &impl Message) -> bytes::Bytes {
    message.encode_to_vec().into()
}
