//! Story C: meet-ups. A watch is reserved and handed over by the piece, is out of stock, and stays where
//! it is when a deal is called off.

use jangteo::{
    deal::v1::{CancelDealRequest, CompleteDealRequest, Deal, ReserveDealRequest},
    inventory::v1::{
        GetProductRequest, Product, RegisterProductRequest, RestockProductRequest, product,
    },
    view::v1::{GetMyDealRequest, MyDeal, my_deal},
};

use super::{
    page::{Page, Shown},
    print::won,
    stage::Stage,
    step::{Row, Scene, Step, scene},
};

const OWNER: &str = "seller01";
const BUYER: &str = "abc";
const LATE: &str = "buyer02";

/// Plays the story, to its end or to the first step that does not come out as it says.
pub(super) async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    stage.opens("C", "a meet-up (예약거래)")?;
    let mut watch = registered(stage).await?;
    let meets = scene(&["C-T3"], BUYER, "reserves the watch, to be met in 방배동");
    reserves(stage, meets, &mut watch).await?;
    in_vain(stage, &watch).await?;
    handed_over(stage, &mut watch).await?;
    called_off(stage, &mut watch).await?;
    stage.closes()
}

/// A product, and how it should be shown: its stock to everybody, the last deal on it to its buyer.
/// Times are the market's own.
struct Stocked {
    product: Product,
    deal: Option<MyDeal>,
}

impl Stocked {
    fn id(&self) -> String {
        self.product.id.clone()
    }

    fn deal_id(&self) -> String {
        self.deal.as_ref().map(|deal| deal.deal_id.clone()).unwrap_or_default()
    }

    /// As many pieces are there, and can be had.
    fn holds(&mut self, on_hand: i64, available: i64) {
        (self.product.on_hand, self.product.available) = (on_hand, available);
    }

    fn reserved(&mut self, deal: &Deal) {
        self.deal = Some(MyDeal {
            deal_id: deal.id.clone(),
            product_id: self.id(),
            quantity: deal.quantity,
            goods: self.product.name.clone(),
            seller: deal.seller.clone(),
            buyer: deal.buyer.clone(),
            price_krw: deal.price_krw,
            state: my_deal::State::Reserved.into(),
            ..MyDeal::default()
        });
    }

    fn stands(&mut self, state: my_deal::State) {
        if let Some(deal) = &mut self.deal {
            deal.set_state(state);
        }
    }

    /// Waits until all of it is shown, and answers what is.
    async fn shown(&self, stage: &Stage, step: &Step) -> anyhow::Result<Vec<Row>> {
        let request = GetProductRequest { id: self.id() };
        let page = Page { of: LATE, request, expected: Some(self.product.clone()) };
        let mut rows = vec![page.shown(stage, step, "PRODUCT_NOT_FOUND").await?];
        if let Some(deal) = &self.deal {
            let request = GetMyDealRequest { deal_id: deal.deal_id.clone() };
            let page = Page { of: &deal.buyer, request, expected: Some(deal.clone()) };
            rows.push(page.shown(stage, step, "MY_DEAL_NOT_FOUND").await?);
        }
        Ok(rows)
    }
}

impl Shown for Product {
    fn timeless(&self) -> Self {
        Self { create_time: None, update_time: None, etag: String::new(), ..self.clone() }
    }

    fn words(&self) -> String {
        let Self { name, on_hand, available, .. } = self;
        let sold = match self.state() {
            product::State::Released => ", sold no more",
            product::State::OnSale | product::State::Unspecified => "",
        };
        let price = won(self.price_krw);
        if !self.store_id.is_empty() {
            return format!("finds {name} at {price}, made to order{sold}");
        }
        format!("finds {name} at {price}: {on_hand} there, {available} to be had{sold}")
    }
}

/// Waits until all that a step sets going has come true, and shows it. What happens to a stock belongs to
/// the deal that does it.
async fn ends(
    stage: &mut Stage,
    mut step: Step,
    watch: &Stocked,
    timeline: &str,
    events: &[&str],
) -> anyhow::Result<()> {
    stage.follows(&mut step, &[timeline], events).await?;
    let rows = watch.shown(stage, &step).await?;
    stage.shows(step, rows)
}

/// C-T1, C-T2: a watch, of which there is one.
async fn registered(stage: &mut Stage) -> anyhow::Result<Stocked> {
    let registers =
        scene(&["C-T1", "C-T2"], OWNER, "registers an 애플워치 at 50,000 won, one piece");
    let request = RegisterProductRequest {
        name: "애플워치".to_owned(),
        price_krw: 50_000,
        quantity: 1,
        ..RegisterProductRequest::default()
    };
    let (step, product) = stage.granted(registers, request).await?;
    let watch = Stocked { product: product.timeless(), deal: None };
    ends(stage, step, &watch, &watch.id(), &["inventory.ProductRegistered"]).await?;
    Ok(watch)
}

fn reserve(watch: &Stocked) -> ReserveDealRequest {
    ReserveDealRequest {
        product_id: watch.id(),
        quantity: 1,
        meeting_place: "서울특별시 서초구 방배동".to_owned(),
        ..ReserveDealRequest::default()
    }
}

async fn reserves(stage: &mut Stage, scene: Scene, watch: &mut Stocked) -> anyhow::Result<()> {
    let (step, deal) = stage.granted(scene, reserve(watch)).await?;
    watch.reserved(&deal);
    watch.holds(1, 0);
    ends(stage, step, watch, &deal.id, &["deal.DealReserved", "inventory.StockHeld"]).await
}

/// C-T5: what somebody else holds is not to be had.
async fn in_vain(stage: &mut Stage, watch: &Stocked) -> anyhow::Result<()> {
    let late = scene(&["C-T5"], LATE, "would reserve the watch as well: there is none left");
    let (step, deal) = stage.granted(late, reserve(watch)).await?;
    ends(stage, step, watch, &deal.id, &["deal.DealRefused"]).await
}

/// C-T4: its owner hands it over, and the last piece is gone.
async fn handed_over(stage: &mut Stage, watch: &mut Stocked) -> anyhow::Result<()> {
    let complete = || CompleteDealRequest { id: watch.deal_id(), ..Default::default() };
    let buyer = scene(&["C-T4"], BUYER, "would say himself that the watch was handed over");
    let step = stage.refused(buyer, complete(), "SELLER_ONLY").await?;
    ends(stage, step, watch, &watch.deal_id(), &[]).await?;
    let owner = scene(&["C-T4"], OWNER, "says that the watch was handed over to abc");
    let (step, _) = stage.granted(owner, complete()).await?;
    watch.stands(my_deal::State::Ended);
    watch.holds(0, 0);
    let events = ["deal.DealEnded", "inventory.StockDecreased"];
    ends(stage, step, watch, &watch.deal_id(), &events).await
}

/// C-T6: another piece comes in, and is still there when the deal on it is called off.
async fn called_off(stage: &mut Stage, watch: &mut Stocked) -> anyhow::Result<()> {
    let more = scene(&["C-F4"], OWNER, "gets one more watch");
    let request = RestockProductRequest { id: watch.id(), quantity: 1, ..Default::default() };
    let (step, _) = stage.granted(more, request).await?;
    watch.holds(1, 1);
    ends(stage, step, watch, &watch.id(), &["inventory.StockIncreased"]).await?;
    reserves(stage, scene(&["C-T6"], BUYER, "reserves the new one, too"), watch).await?;
    let off = scene(&["C-T6"], BUYER, "calls the deal off");
    let request = CancelDealRequest { id: watch.deal_id(), ..Default::default() };
    let (step, _) = stage.granted(off, request).await?;
    watch.stands(my_deal::State::Cancelled);
    watch.holds(1, 1);
    let events = ["deal.DealCancelled", "inventory.StockReleased"];
    ends(stage, step, watch, &watch.deal_id(), &events).await
}
