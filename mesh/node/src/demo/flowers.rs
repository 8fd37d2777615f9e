//! Story E: flowers. Roses are ordered to the last bunch, called off, and brought; nobody gets more of
//! them than there are. What happens while the stock can't be asked, or its database was away (E-T6,
//! E-T8), can't be shown to a market that runs.

use jangteo::{
    delivery::v1::{CompleteDeliveryRequest, PickUpDeliveryRequest},
    inventory::v1::{GetProductRequest, Product, RegisterProductRequest},
    order::v1::{
        CancelOrderRequest, GetOrderRequest, Order, PlaceOrderRequest, order, place_order_request,
    },
};

use super::{
    news,
    page::{Page, Shown},
    people::COURIER,
    print::won,
    stage::Stage,
    step::{Row, Scene, Step, scene},
};

const FLORIST: &str = "florist01";
const FIRST: &str = "customer01";
const SECOND: &str = "customer02";

/// Plays the story, to its end or to the first step that does not come out as it says.
pub(super) async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    stage.opens("E", "flowers (꽃 주문)")?;
    let mut roses = registered(stage).await?;
    let three = scene(&["E-T2"], FIRST, "orders three of them, for 150,000 won");
    let first = ordered(stage, three, &mut roses, 3).await?;
    in_vain(stage, &roses).await?;
    let rest = scene(&["E-T4"], SECOND, "orders seven, exactly the rest");
    let second = ordered(stage, rest, &mut roses, 7).await?;
    called_off(stage, &mut roses, &first).await?;
    brought(stage, &mut roses, &second).await?;
    told(stage, &roses, &second).await?;
    stage.closes()
}

/// A product, and how it should be shown: its stock to everybody, each order of it to its customer.
/// Times are the market's own.
struct Roses {
    product: Product,
    /// In the order in which they were placed.
    orders: Vec<Order>,
}

impl Roses {
    fn id(&self) -> String {
        self.product.id.clone()
    }

    /// So many more are there, or fewer; nobody holds any of them.
    fn change(&mut self, pieces: i64) {
        self.product.on_hand += pieces;
        self.product.available += pieces;
    }

    /// So many of them are sold, at the price that they have.
    fn sold(&mut self, order: &Order, quantity: i64) {
        let Product { id, name, owner, price_krw, .. } = self.product.clone();
        let line = order::Line { product_id: id, name, quantity, price_krw };
        self.orders.push(Order {
            seller: owner,
            lines: vec![line],
            total_krw: price_krw * quantity,
            state: order::State::Placed.into(),
            ..order.timeless()
        });
        self.change(-quantity);
    }

    fn order(&mut self, id: &str) -> Option<&mut Order> {
        self.orders.iter_mut().find(|order| order.id == id)
    }

    fn stands(&mut self, id: &str, state: order::State) {
        if let Some(order) = self.order(id) {
            order.set_state(state);
        }
    }

    /// What was sold to this order is there again.
    fn called_off(&mut self, id: &str) {
        let Some(order) = self.order(id) else { return };
        order.set_state(order::State::Cancelled);
        "BY_CUSTOMER".clone_into(&mut order.cancel_reason);
        let pieces = order.lines.iter().map(|line| line.quantity).sum();
        self.change(pieces);
    }

    /// Waits until all of it is shown, and answers what is.
    async fn shown(&self, stage: &Stage, step: &Step) -> anyhow::Result<Vec<Row>> {
        let request = GetProductRequest { id: self.id() };
        let page = Page { of: SECOND, request, expected: Some(self.product.clone()) };
        let mut rows = vec![page.shown(stage, step, "PRODUCT_NOT_FOUND").await?];
        for order in &self.orders {
            let request = GetOrderRequest { id: order.id.clone() };
            let page = Page { of: &order.customer, request, expected: Some(order.clone()) };
            rows.push(page.shown(stage, step, "ORDER_NOT_FOUND").await?);
        }
        Ok(rows)
    }
}

impl Shown for Order {
    fn timeless(&self) -> Self {
        Self { create_time: None, update_time: None, etag: String::new(), ..self.clone() }
    }

    fn words(&self) -> String {
        let line = |line: &order::Line| format!("{} {}", line.quantity, line.name);
        let lines: Vec<_> = self.lines.iter().map(line).collect();
        let stands = match self.state() {
            order::State::Placed | order::State::Unspecified => "paid (주문됨)",
            order::State::Preparing => "being made (상점 접수)",
            order::State::Delivering => "on its way",
            order::State::Delivered => "arrived (배송 완료)",
            order::State::Cancelling => "being called off",
            order::State::Cancelled => "called off (주문 취소)",
        };
        let (lines, price) = (lines.join(", "), won(self.total_krw));
        format!("orders {lines} of {} for {price}: {stands}", self.seller)
    }
}

/// Waits until all that a step sets going has come true, and shows it. What happens to a stock belongs to
/// the order that does it.
async fn ends(
    stage: &mut Stage,
    mut step: Step,
    roses: &Roses,
    timeline: &str,
    events: &[&str],
) -> anyhow::Result<()> {
    stage.follows(&mut step, &[timeline], events).await?;
    let rows = roses.shown(stage, &step).await?;
    stage.shows(step, rows)
}

/// E-T1: roses, of which there are ten bunches.
async fn registered(stage: &mut Stage) -> anyhow::Result<Roses> {
    let registers =
        scene(&["E-T1"], FLORIST, "registers 장미 100송이 at 50,000 won, ten bunches of them");
    let request = RegisterProductRequest {
        name: "장미".to_owned(),
        spec: "100송이".to_owned(),
        price_krw: 50_000,
        quantity: 10,
        ..RegisterProductRequest::default()
    };
    let (step, product) = stage.granted(registers, request).await?;
    let roses = Roses { product: product.timeless(), orders: vec![] };
    ends(stage, step, &roses, &roses.id(), &["inventory.ProductRegistered"]).await?;
    Ok(roses)
}

fn place(roses: &Roses, quantity: i64) -> PlaceOrderRequest {
    PlaceOrderRequest {
        lines: vec![place_order_request::Line { product_id: roses.id(), quantity }],
        address: "서울특별시 서초구 방배로 1".to_owned(),
        phone_number: "010-1234-5678".to_owned(),
        expected_total_krw: Some(roses.product.price_krw * quantity),
        ..PlaceOrderRequest::default()
    }
}

/// It is paid, or it does not exist; each try is an order of its own, so its timeline tells nothing of
/// those that came to nothing. Answers its id.
async fn ordered(
    stage: &mut Stage,
    scene: Scene,
    roses: &mut Roses,
    quantity: i64,
) -> anyhow::Result<String> {
    let (step, order) = stage.granted(scene, place(roses, quantity)).await?;
    roses.sold(&order, quantity);
    let events = [
        "inventory.StockHeld",
        "provider.ChargeMade",
        "payment.PaymentApproved",
        "order.OrderPlaced",
        "inventory.StockDecreased",
        "delivery.DeliveryStarted",
    ];
    ends(stage, step, roses, &order.id, &events).await?;
    Ok(order.id)
}

/// E-T3: there are not so many, so there is no order either.
async fn in_vain(stage: &mut Stage, roses: &Roses) -> anyhow::Result<()> {
    let eight = scene(&["E-T3"], SECOND, "would order eight: there are seven left");
    let step = stage.refused(eight, place(roses, 8), "OUT_OF_STOCK").await?;
    ends(stage, step, roses, &roses.id(), &[]).await
}

/// E-T5: nobody has picked it up yet, so the money goes back, and the roses are there again.
async fn called_off(stage: &mut Stage, roses: &mut Roses, id: &str) -> anyhow::Result<()> {
    let off = scene(&["E-T5"], FIRST, "calls her order off: three are there again");
    let request = CancelOrderRequest { id: id.to_owned(), ..Default::default() };
    let (step, _) = stage.granted(off, request).await?;
    roses.called_off(id);
    let events = [
        "delivery.DeliveryCancelled",
        "order.OrderCancelled",
        "payment.PaymentCancelled",
        "provider.ChargeRefunded",
        "inventory.StockIncreased",
    ];
    ends(stage, step, roses, id, &events).await
}

/// E-T7: a courier picks it up, and its customer has it.
async fn brought(stage: &mut Stage, roses: &mut Roses, id: &str) -> anyhow::Result<()> {
    let picks = scene(&["E-T7"], COURIER, "picks the order of customer02 up");
    let request = PickUpDeliveryRequest { id: id.to_owned(), ..Default::default() };
    let (step, _) = stage.granted(picks, request).await?;
    roses.stands(id, order::State::Delivering);
    let events = ["delivery.DeliveryPickedUp", "order.OrderDelivering"];
    ends(stage, step, roses, id, &events).await?;
    let brings = scene(&["E-T7"], COURIER, "says that customer02 has it");
    let request = CompleteDeliveryRequest { id: id.to_owned(), ..Default::default() };
    let (step, _) = stage.granted(brings, request).await?;
    roses.stands(id, order::State::Delivered);
    ends(stage, step, roses, id, &["delivery.DeliveryCompleted", "order.OrderDelivered"]).await
}

/// What the second customer is told of her order.
const KINDS: [&str; 4] =
    ["delivery_started", "order_delivered", "order_delivering", "order_placed"];

/// E-T7, E-F6: she was told of each step of it, once.
async fn told(stage: &mut Stage, roses: &Roses, id: &str) -> anyhow::Result<()> {
    let reads = scene(&["E-T7", "E-F6"], SECOND, "reads what she was told of it");
    // A delivery has the id of its order.
    let is_ours = |subject: &str| subject.ends_with(id);
    let (mut step, news) = news::told(stage, reads, &KINDS, is_ours).await?;
    stage.follows(&mut step, &[id], &[]).await?;
    let mut rows = roses.shown(stage, &step).await?;
    rows.extend(news);
    stage.shows(step, rows)
}
