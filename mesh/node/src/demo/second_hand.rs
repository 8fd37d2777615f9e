//! Story A: second-hand goods. A phone is sold to the better of two proposals, a mouse is reserved,
//! called off and taken away. That posts go on while deals are down (A-T13) can't be shown to a
//! market that runs.

use jangteo::{
    deal::v1::{CancelDealRequest, CompleteDealRequest, ReserveDealRequest},
    offer::v1::{AcceptOfferRequest, CreateOfferRequest, RefuseOfferRequest},
    post::v1::{CreatePostRequest, DeletePostRequest, UpdatePostRequest},
};

use super::{
    my_page::Goods,
    print::won,
    stage::Stage,
    step::{Scene, Step, scene},
};

const SELLER01: &str = "seller01";
const SELLER02: &str = "seller02";
const BUYER01: &str = "buyer01";
const BUYER02: &str = "buyer02";
const BUYER03: &str = "buyer03";

/// Plays the story, to its end or to the first step that does not come out as it says.
pub(super) async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    stage.opens("A", "second-hand goods (중고거래)")?;
    let (mut phone, mut mouse) = written(stage).await?;
    let offers = offered(stage, &phone, &mouse).await?;
    accepted(stage, &phone, &offers).await?;
    reserved(stage, &mut phone, &mut mouse, &offers).await?;
    handed_over(stage, &mut phone).await?;
    called_off(stage, &mut mouse).await?;
    not_sold_twice(stage, &phone, &offers).await?;
    taken_away(stage, &mut mouse, offers).await?;
    stage.closes()
}

/// The ids of what the buyers offer.
struct Offers {
    /// buyer01 would have the mouse at its price.
    asked: String,
    /// buyer02 proposes little for the phone,
    low: String,
    /// and buyer03 more.
    high: String,
}

/// Waits until all that a step sets going has come true, and shows it.
async fn ends(
    stage: &mut Stage,
    mut step: Step,
    goods: &Goods,
    events: &[&str],
) -> anyhow::Result<()> {
    stage.follows(&mut step, &[&goods.post_id], events).await?;
    let my_page = goods.my_page(stage, &step).await?;
    stage.shows(step, my_page)
}

/// A-T1, A-T2: two people offer their goods.
async fn written(stage: &mut Stage) -> anyhow::Result<(Goods, Goods)> {
    let phone = scene(&["A-T1"], SELLER01, "writes a post: 아이폰13 공기계, 600,000 won, 방배동");
    let phone = writes(stage, phone, "아이폰13 공기계", 600_000, "방배동").await?;
    let mouse = scene(&["A-T2"], SELLER02, "writes a post: 무선마우스, 10,000 won, 서초동");
    let mouse = writes(stage, mouse, "무선마우스", 10_000, "서초동").await?;
    Ok((phone, mouse))
}

async fn writes(
    stage: &mut Stage,
    scene: Scene,
    goods: &str,
    price_krw: i64,
    neighbourhood: &str,
) -> anyhow::Result<Goods> {
    let (goods, neighbourhood) = (goods.to_owned(), neighbourhood.to_owned());
    let request = CreatePostRequest { goods, price_krw, neighbourhood, ..Default::default() };
    let (step, post) = stage.granted(scene, request).await?;
    let goods = Goods::of(&post);
    ends(stage, step, &goods, &["post.PostWritten"]).await?;
    Ok(goods)
}

/// A-T3, A-T4, A-T5: a buyer asks for the mouse, two propose a price for the phone.
async fn offered(stage: &mut Stage, phone: &Goods, mouse: &Goods) -> anyhow::Result<Offers> {
    let own = scene(&["A-T3"], SELLER02, "would buy his own mouse");
    let step = stage.refused(own, offer(mouse, None), "OWN_POST").await?;
    ends(stage, step, mouse, &[]).await?;
    let asks = scene(&["A-T3"], BUYER01, "asks for the mouse at its price");
    let asked = offers(stage, asks, mouse, None).await?;
    let low = scene(&["A-T4"], BUYER02, "proposes 500,000 won for the phone");
    let low = offers(stage, low, phone, Some(500_000)).await?;
    let high = scene(&["A-T5"], BUYER03, "proposes 510,000 won for the phone");
    let high = offers(stage, high, phone, Some(510_000)).await?;
    Ok(Offers { asked, low, high })
}

fn offer(goods: &Goods, offered_price_krw: Option<i64>) -> CreateOfferRequest {
    let post_id = goods.post_id.clone();
    CreateOfferRequest { post_id, offered_price_krw, ..Default::default() }
}

async fn offers(
    stage: &mut Stage,
    scene: Scene,
    goods: &Goods,
    price_krw: Option<i64>,
) -> anyhow::Result<String> {
    let (step, made) = stage.granted(scene, offer(goods, price_krw)).await?;
    let event = if price_krw.is_some() { "offer.PriceProposed" } else { "offer.DealOffered" };
    ends(stage, step, goods, &[event]).await?;
    Ok(made.id)
}

/// A-T6: the seller accepts the better proposal, and then no other.
async fn accepted(stage: &mut Stage, phone: &Goods, offers: &Offers) -> anyhow::Result<()> {
    let accept = |id: &String| AcceptOfferRequest { id: id.clone(), ..Default::default() };
    let yes = scene(&["A-T6"], SELLER01, "accepts the 510,000 won of buyer03");
    let (step, _) = stage.granted(yes, accept(&offers.high)).await?;
    ends(stage, step, phone, &["offer.OfferAccepted"]).await?;
    let both = scene(&["A-T6"], SELLER01, "would accept the 500,000 won of buyer02 as well");
    let step = stage.refused(both, accept(&offers.low), "ANOTHER_OFFER_ACCEPTED").await?;
    ends(stage, step, phone, &[]).await
}

/// A-T7, A-T8, A-T10: both sellers reserve, and see it on their pages.
async fn reserved(
    stage: &mut Stage,
    phone: &mut Goods,
    mouse: &mut Goods,
    offers: &Offers,
) -> anyhow::Result<()> {
    let theirs = scene(&["A-T7", "A-T10"], SELLER02, "reserves the mouse for buyer01");
    reserves(stage, theirs, mouse, &offers.asked, "서초역 1번 출구").await?;
    let low = scene(
        &["A-T8"],
        SELLER01,
        "would reserve the phone for buyer02, whose price is not accepted",
    );
    let step = stage.refused(low, deal(&offers.low, ""), "OFFER_NOT_ACCEPTED").await?;
    ends(stage, step, phone, &[]).await?;
    let high = scene(&["A-T8", "A-T10"], SELLER01, "reserves the phone for buyer03");
    reserves(stage, high, phone, &offers.high, "방배역 2번 출구").await?;
    let dearer = scene(&["A-T8"], SELLER01, "would raise the price of the reserved phone");
    let step = stage.refused(dearer, price(phone, 700_000), "POST_RESERVED").await?;
    ends(stage, step, phone, &[]).await
}

fn deal(offer_id: &str, meeting_place: &str) -> ReserveDealRequest {
    let (offer_id, meeting_place) = (offer_id.to_owned(), meeting_place.to_owned());
    ReserveDealRequest { offer_id, meeting_place, ..Default::default() }
}

fn price(goods: &Goods, price_krw: i64) -> UpdatePostRequest {
    let id = goods.post_id.clone();
    UpdatePostRequest { id, price_krw: Some(price_krw), ..Default::default() }
}

async fn reserves(
    stage: &mut Stage,
    scene: Scene,
    goods: &mut Goods,
    offer_id: &str,
    meeting_place: &str,
) -> anyhow::Result<()> {
    let (step, made) = stage.granted(scene, deal(offer_id, meeting_place)).await?;
    goods.reserved(&made);
    ends(stage, step, goods, &["post.PostReserved", "deal.DealReserved"]).await
}

/// A-T9: the phone is handed over; it is sold, and the losing proposal closes itself.
async fn handed_over(stage: &mut Stage, phone: &mut Goods) -> anyhow::Result<()> {
    let complete = || CompleteDealRequest { id: phone.deal_id(), ..Default::default() };
    let buyer = scene(&["A-T9"], BUYER03, "would say himself that the phone was handed over");
    let step = stage.refused(buyer, complete(), "SELLER_ONLY").await?;
    ends(stage, step, phone, &[]).await?;
    let seller = scene(&["A-T9"], SELLER01, "says that the phone was handed over to buyer03");
    let (step, _) = stage.granted(seller, complete()).await?;
    phone.handed_over();
    let events =
        ["deal.DealEnded", "post.PostSold", "offer.OfferCompleted", "offer.OfferAutoCancelled"];
    ends(stage, step, phone, &events).await
}

/// A-T11: the other deal is called off; the mouse is for sale again, and its offer is open again.
async fn called_off(stage: &mut Stage, mouse: &mut Goods) -> anyhow::Result<()> {
    let request = CancelDealRequest { id: mouse.deal_id(), ..Default::default() };
    let off = scene(&["A-T11"], BUYER01, "calls the deal on the mouse off");
    let (step, _) = stage.granted(off, request).await?;
    mouse.called_off();
    let events = ["deal.DealCancelled", "post.PostReopened", "offer.OfferReopened"];
    ends(stage, step, mouse, &events).await
}

/// A-T12: a sold post is not traded again.
async fn not_sold_twice(stage: &mut Stage, phone: &Goods, offers: &Offers) -> anyhow::Result<()> {
    let late = scene(&["A-T12"], BUYER01, "asks for the phone that is sold");
    let step = stage.refused(late, offer(phone, None), "POST_SOLD").await?;
    ends(stage, step, phone, &[]).await?;
    let twice = scene(&["A-T12"], SELLER01, "would reserve the sold phone once more");
    let step = stage.refused(twice, deal(&offers.high, ""), "OFFER_COMPLETED").await?;
    ends(stage, step, phone, &[]).await
}

/// A-F11, A-F6, A-F7: the offer that is open again is refused; the mouse gets cheaper, and goes.
async fn taken_away(stage: &mut Stage, mouse: &mut Goods, offers: Offers) -> anyhow::Result<()> {
    let no = scene(&["A-F11"], SELLER02, "refuses the offer of buyer01");
    let request = RefuseOfferRequest { id: offers.asked, ..Default::default() };
    let (step, _) = stage.granted(no, request).await?;
    ends(stage, step, mouse, &["offer.OfferRefused"]).await?;
    let cheaper = scene(&["A-F6"], SELLER02, format!("lets the mouse go for {}", won(9_000)));
    let (step, _) = stage.granted(cheaper, price(mouse, 9_000)).await?;
    mouse.priced(9_000);
    ends(stage, step, mouse, &["post.PostEdited"]).await?;
    let gone = scene(&["A-F7"], SELLER02, "deletes the post of the mouse");
    let request = DeletePostRequest { id: mouse.post_id.clone(), ..Default::default() };
    let (step, _) = stage.granted(gone, request).await?;
    mouse.deleted();
    ends(stage, step, mouse, &["post.PostDeleted"]).await
}
