//! Story D: food. A store takes an order on, cooks it and has it brought; another one is called off before
//! it is cooked, and a third one is turned down. What happens while payment or the store is away (D-T2,
//! D-T6) can't be shown to a market that runs.

mod meal;

use jangteo::{
    delivery::v1::{CompleteDeliveryRequest, PickUpDeliveryRequest},
    inventory::v1::{GetProductRequest, RegisterProductRequest},
    order::v1::{CancelOrderRequest, PlaceOrderRequest, order, place_order_request},
    store::v1::{
        AcceptTicketRequest, FinishCookingRequest, GetStoreRequest, OpenStoreRequest,
        RejectTicketRequest, StartCookingRequest, ticket,
    },
};

use self::meal::{Kitchen, Meal};
use super::{
    ask::Ask,
    news,
    page::{Page, Shown},
    people::COURIER,
    stage::Stage,
    step::{Scene, Step, scene},
};

const COOK: &str = "cook01";
const EATER: &str = "customer01";
const OTHER: &str = "customer02";

/// Plays the story, to its end or to the first step that does not come out as it says.
pub(super) async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    stage.opens("D", "food (음식 배달)")?;
    let store = opened(stage).await?;
    let kitchen = served(stage, store).await?;
    let many = scene(&["D-T1"], EATER, "orders 21 portions and pays them in one step: 462,000 won");
    let mut meal = ordered(stage, many, &kitchen, 21).await?;
    cooked(stage, &mut meal).await?;
    brought(stage, &mut meal).await?;
    let one = scene(&["D-F1"], OTHER, "orders a portion, for 22,000 won");
    let mut off = ordered(stage, one, &kitchen, 1).await?;
    called_off(stage, &mut off).await?;
    let two = scene(&["D-F1"], OTHER, "orders two portions, for 44,000 won");
    let mut down = ordered(stage, two, &kitchen, 2).await?;
    turned_down(stage, &mut down).await?;
    told(stage, &meal).await?;
    stage.closes()
}

/// Waits until all that a step sets going has come true, and shows it.
async fn ends(
    stage: &mut Stage,
    mut step: Step,
    meal: &Meal,
    events: &[&str],
) -> anyhow::Result<()> {
    stage.follows(&mut step, &[meal.id()], events).await?;
    let rows = meal.shown(stage, &step).await?;
    stage.shows(step, rows)
}

/// Somebody does something with an order, and it follows what should: the order stands so then, and its
/// ticket so.
async fn goes_on<Q: Ask>(
    stage: &mut Stage,
    (scene, request): (Scene, Q),
    meal: &mut Meal,
    stands: (order::State, ticket::State),
    events: &[&str],
) -> anyhow::Result<()> {
    let (step, _) = stage.granted(scene, request).await?;
    meal.stands(stands);
    ends(stage, step, meal, events).await
}

/// D-T1: 스토어99; answers its id.
async fn opened(stage: &mut Stage) -> anyhow::Result<String> {
    let opens = scene(&["D-T1"], COOK, "opens 스토어99");
    let request = OpenStoreRequest { name: "스토어99".to_owned(), ..Default::default() };
    let (mut step, store) = stage.granted(opens, request).await?;
    stage.follows(&mut step, &[store.id.as_str()], &["store.StoreOpened"]).await?;
    let request = GetStoreRequest { id: store.id.clone() };
    let page = Page { of: EATER, request, expected: Some(store.timeless()) };
    let row = page.shown(stage, &step, "STORE_NOT_FOUND").await?;
    stage.shows(step, vec![row])?;
    Ok(store.id)
}

/// D-F1: a dish on its menu, which is made when it is ordered.
async fn served(stage: &mut Stage, store_id: String) -> anyhow::Result<Kitchen> {
    let serves = scene(&["D-F1"], COOK, "puts 비빔밥 on its menu, at 22,000 won a portion");
    let request = RegisterProductRequest {
        name: "비빔밥".to_owned(),
        price_krw: 22_000,
        store_id,
        ..RegisterProductRequest::default()
    };
    let (mut step, dish) = stage.granted(serves, request).await?;
    stage.follows(&mut step, &[dish.id.as_str()], &["inventory.ProductRegistered"]).await?;
    let request = GetProductRequest { id: dish.id.clone() };
    let page = Page { of: EATER, request, expected: Some(dish.timeless()) };
    let row = page.shown(stage, &step, "PRODUCT_NOT_FOUND").await?;
    stage.shows(step, vec![row])?;
    Ok(Kitchen { dish: dish.timeless() })
}

/// D-T1: it is paid, or it does not exist, and it reaches its store. Each try is an order of its own, so its
/// timeline tells nothing of those that came to nothing.
async fn ordered(
    stage: &mut Stage,
    scene: Scene,
    kitchen: &Kitchen,
    quantity: i64,
) -> anyhow::Result<Meal> {
    let request = PlaceOrderRequest {
        lines: vec![place_order_request::Line { product_id: kitchen.dish.id.clone(), quantity }],
        address: "서울특별시 서초구 방배로 1".to_owned(),
        phone_number: "010-1234-5678".to_owned(),
        expected_total_krw: Some(kitchen.dish.price_krw * quantity),
        ..PlaceOrderRequest::default()
    };
    let (step, order) = stage.granted(scene, request).await?;
    let meal = kitchen.meal(&order, quantity);
    let events = [
        "provider.ChargeMade",
        "payment.PaymentApproved",
        "order.OrderPlaced",
        "store.TicketReceived",
    ];
    ends(stage, step, &meal, &events).await?;
    Ok(meal)
}

/// D-F3: its store says that it makes it.
async fn accepted(stage: &mut Stage, meal: &mut Meal) -> anyhow::Result<()> {
    let accepts = scene(&["D-F3"], COOK, format!("takes the order of {} on", meal.customer()));
    let request = AcceptTicketRequest { id: meal.id().to_owned(), ..Default::default() };
    let stands = (order::State::Preparing, ticket::State::Accepted);
    let events = ["store.TicketAccepted", "order.OrderPreparing"];
    goes_on(stage, (accepts, request), meal, stands, &events).await
}

/// D-T3: it is cooked, and a courier may come.
async fn cooked(stage: &mut Stage, meal: &mut Meal) -> anyhow::Result<()> {
    accepted(stage, meal).await?;
    let starts = scene(&["D-P3"], COOK, "begins to cook");
    let request = StartCookingRequest { id: meal.id().to_owned(), ..Default::default() };
    let stands = (order::State::Preparing, ticket::State::Cooking);
    goes_on(stage, (starts, request), meal, stands, &["store.CookingStarted"]).await?;
    let finishes = scene(&["D-T3"], COOK, "says that it is cooked: a courier may come");
    let request = FinishCookingRequest { id: meal.id().to_owned(), ..Default::default() };
    let stands = (order::State::Preparing, ticket::State::Cooked);
    let events = ["store.CookingFinished", "delivery.DeliveryStarted"];
    goes_on(stage, (finishes, request), meal, stands, &events).await
}

/// D-T4: a courier picks it up, and its customer has it; in between it is too late to call it off.
async fn brought(stage: &mut Stage, meal: &mut Meal) -> anyhow::Result<()> {
    let picks = scene(&["D-T4"], COURIER, "picks the order of customer01 up");
    let request = PickUpDeliveryRequest { id: meal.id().to_owned(), ..Default::default() };
    let stands = (order::State::Delivering, ticket::State::Cooked);
    let events = ["delivery.DeliveryPickedUp", "order.OrderDelivering"];
    goes_on(stage, (picks, request), meal, stands, &events).await?;

    let late = scene(&["D-F4"], EATER, "would call it off: it is on its way");
    let request = CancelOrderRequest { id: meal.id().to_owned(), ..Default::default() };
    let step = stage.refused(late, request, "ORDER_DELIVERING").await?;
    ends(stage, step, meal, &[]).await?;

    let brings = scene(&["D-T4"], COURIER, "says that customer01 has it");
    let request = CompleteDeliveryRequest { id: meal.id().to_owned(), ..Default::default() };
    let stands = (order::State::Delivered, ticket::State::Cooked);
    let events = ["delivery.DeliveryCompleted", "order.OrderDelivered"];
    goes_on(stage, (brings, request), meal, stands, &events).await
}

/// D-T5: it is taken on, but not cooked yet, so ticket and payment are called off with it.
async fn called_off(stage: &mut Stage, meal: &mut Meal) -> anyhow::Result<()> {
    accepted(stage, meal).await?;
    let off = scene(&["D-T5"], OTHER, "calls it off before it is cooked: the money is back");
    let request = CancelOrderRequest { id: meal.id().to_owned(), ..Default::default() };
    meal.is_off("BY_CUSTOMER");
    let stands = (order::State::Cancelled, ticket::State::Cancelled);
    let events = [
        "store.TicketCancelled",
        "order.OrderCancelled",
        "payment.PaymentCancelled",
        "provider.ChargeRefunded",
    ];
    goes_on(stage, (off, request), meal, stands, &events).await
}

/// D-N5: its store does not make it, so the money goes back.
async fn turned_down(stage: &mut Stage, meal: &mut Meal) -> anyhow::Result<()> {
    let down = scene(&["D-N5"], COOK, "turns it down: the money is back");
    let request = RejectTicketRequest { id: meal.id().to_owned(), ..Default::default() };
    meal.is_off("STORE_REJECTED");
    let stands = (order::State::Cancelled, ticket::State::Rejected);
    let events = [
        "store.TicketRejected",
        "order.OrderCancelled",
        "payment.PaymentCancelled",
        "provider.ChargeRefunded",
    ];
    goes_on(stage, (down, request), meal, stands, &events).await
}

/// What the customer is told of an order that is brought.
const KINDS: [&str; 5] =
    ["delivery_started", "order_accepted", "order_delivered", "order_delivering", "order_placed"];

/// D-P7: she was told of each step of it, once.
async fn told(stage: &mut Stage, meal: &Meal) -> anyhow::Result<()> {
    let reads = scene(&["D-F5", "D-P7"], EATER, "reads what she was told of her order");
    // A delivery has the id of its order.
    let is_ours = |subject: &str| subject.ends_with(meal.id());
    let (mut step, news) = news::told(stage, reads, &KINDS, is_ours).await?;
    stage.follows(&mut step, &[meal.id()], &[]).await?;
    let mut rows = meal.shown(stage, &step).await?;
    rows.extend(news);
    stage.shows(step, rows)
}
