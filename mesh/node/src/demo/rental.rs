//! Story B: a camera is rented, paid, given its money back, paid again, lent, returned and reviewed.
//! What happens while item or payment is down (B-T8, B-T9, B-T13) can't be shown to a market that
//! runs; what a payment provider that is too slow does to it, `jangteo demo-breaker` shows.

use jangteo::{
    item::v1::{DeleteItemRequest, LendItemRequest, RegisterItemRequest, ReturnItemRequest},
    rental::v1::{
        CancelRentalPaymentRequest, CancelRentalRequest, PayRentalRequest, Rental,
        ReserveRentalRequest,
    },
    review::v1::WriteReviewRequest,
};

use super::{
    boards::{Rented, refused, rental_row},
    news,
    stage::Stage,
    step::{Scene, Step, scene},
};

const OWNER: &str = "YoungEunSong";
const RENTER: &str = "JangHyemi";
const OTHER: &str = "renter01";

/// Plays the story, to its end or to the first step that does not come out as it says.
pub(super) async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    stage.opens("B", "a rental (근거리 대여)")?;
    let mut camera = registered(stage).await?;
    let late = reserved(stage, &mut camera).await?;
    paid(stage, &mut camera).await?;
    protected(stage, &camera, late).await?;
    money_back(stage, &mut camera).await?;
    lent(stage, &mut camera).await?;
    returned(stage, &mut camera).await?;
    reviewed(stage, &mut camera).await?;
    told(stage, &camera).await?;
    stage.closes()
}

/// Waits until all that a step sets going has come true, and shows it.
async fn ends(
    stage: &mut Stage,
    mut step: Step,
    camera: &Rented,
    events: &[&str],
) -> anyhow::Result<()> {
    follows(stage, &mut step, camera, &camera.rental_id(), events).await?;
    let boards = camera.boards(stage, &step).await?;
    stage.shows(step, boards)
}

/// What follows has two timelines: what happens to the item is of the item's, whoever rents it.
async fn follows(
    stage: &mut Stage,
    step: &mut Step,
    camera: &Rented,
    rental_id: &str,
    events: &[&str],
) -> anyhow::Result<()> {
    let item_id = camera.item_id();
    let both = [rental_id, &item_id];
    let timelines = if rental_id.is_empty() { &both[1..] } else { &both };
    stage.follows(step, timelines, events).await
}

/// B-T1: an item that can be rented.
async fn registered(stage: &mut Stage) -> anyhow::Result<Rented> {
    let registers = scene(&["B-T1"], OWNER, "registers a Camera at 100 won");
    let request =
        RegisterItemRequest { name: "Camera".to_owned(), price_krw: 100, ..Default::default() };
    let (mut step, item) = stage.granted(registers, request).await?;
    let camera = Rented::of(&item);
    follows(stage, &mut step, &camera, "", &["item.ItemRegistered"]).await?;
    let mut rows = camera.boards(stage, &step).await?;
    rows.push(camera.listed(stage, &step, true).await?);
    stage.shows(step, rows)?;
    Ok(camera)
}

/// B-T2, B-T3: whoever comes first has it; the rental of whoever comes second is refused. Answers the
/// latter's id.
async fn reserved(stage: &mut Stage, camera: &mut Rented) -> anyhow::Result<String> {
    let first = scene(&["B-T2", "B-T3"], RENTER, "reserves the camera");
    let (step, rental) = stage.granted(first, reserve(camera)).await?;
    camera.reserved(&rental);
    let events = ["rental.RentalRequested", "item.ItemReserved", "rental.RentalConfirmed"];
    ends(stage, step, camera, &events).await?;
    let second = scene(&["B-F5"], OTHER, "reserves the same camera");
    let rental = in_vain(stage, second, camera, "ITEM_RESERVED").await?;
    let unpaid = scene(&["B-F8"], OWNER, "would lend the camera before it is paid");
    let lend = lend(camera, &camera.rental_id());
    let step = stage.refused(unpaid, lend, "RENTAL_NOT_PAID").await?;
    ends(stage, step, camera, &[]).await?;
    Ok(rental.id)
}

fn reserve(camera: &Rented) -> ReserveRentalRequest {
    ReserveRentalRequest { item_id: camera.item_id(), ..Default::default() }
}

/// Somebody reserves what is not to be had: it is accepted (B-N2), and then refused for this reason.
async fn in_vain(
    stage: &mut Stage,
    scene: Scene,
    camera: &Rented,
    reason: &str,
) -> anyhow::Result<Rental> {
    let (mut step, rental) = stage.granted(scene, reserve(camera)).await?;
    let events = ["rental.RentalRequested", "item.ItemReservationRefused", "rental.RentalRefused"];
    follows(stage, &mut step, camera, &rental.id, &events).await?;
    let mut rows = camera.boards(stage, &step).await?;
    rows.push(rental_row(stage, &step, &refused(&rental, reason)).await?);
    stage.shows(step, rows)?;
    Ok(rental)
}

/// B-T4: it is paid, and paid once however often that is asked for.
async fn paid(stage: &mut Stage, camera: &mut Rented) -> anyhow::Result<()> {
    pays(stage, scene(&["B-T4"], RENTER, "pays the 100 won"), camera).await?;
    let twice = scene(&["B-T4"], RENTER, "pays once more: nothing is charged again");
    let (step, _) = stage.granted(twice, pay(camera)).await?;
    ends(stage, step, camera, &[]).await
}

fn pay(camera: &Rented) -> PayRentalRequest {
    PayRentalRequest { id: camera.rental_id(), ..Default::default() }
}

async fn pays(stage: &mut Stage, scene: Scene, camera: &mut Rented) -> anyhow::Result<()> {
    let (step, rental) = stage.granted(scene, pay(camera)).await?;
    camera.paid(&rental);
    let events = ["provider.ChargeMade", "payment.PaymentApproved", "rental.RentalPaid"];
    ends(stage, step, camera, &events).await
}

/// B-F2, B-F8: what is rented is not deleted, and goes to whoever rents it; `late` is the rental that
/// came second.
async fn protected(stage: &mut Stage, camera: &Rented, late: String) -> anyhow::Result<()> {
    let delete = scene(&["B-F2"], OWNER, "would delete the camera");
    let request = DeleteItemRequest { id: camera.item_id(), ..Default::default() };
    let step = stage.refused(delete, request, "ITEM_IN_USE").await?;
    ends(stage, step, camera, &[]).await?;
    let other = scene(&["B-F8"], OWNER, "would lend the camera for the rental of renter01");
    let step = stage.refused(other, lend(camera, &late), "ITEM_NOT_RESERVED_FOR_RENTAL").await?;
    ends(stage, step, camera, &[]).await
}

fn lend(camera: &Rented, rental_id: &str) -> LendItemRequest {
    let (id, rental_id) = (camera.item_id(), rental_id.to_owned());
    LendItemRequest { id, rental_id, ..Default::default() }
}

/// B-T11: the money goes back, and the rental is kept; it is paid again.
async fn money_back(stage: &mut Stage, camera: &mut Rented) -> anyhow::Result<()> {
    let back = scene(&["B-T11"], RENTER, "takes her money back, and keeps the rental");
    let request = CancelRentalPaymentRequest { id: camera.rental_id(), ..Default::default() };
    let (step, _) = stage.granted(back, request).await?;
    camera.refunded();
    let events =
        ["provider.ChargeRefunded", "payment.PaymentCancelled", "rental.RentalPaymentCancelled"];
    ends(stage, step, camera, &events).await?;
    pays(stage, scene(&["B-T4"], RENTER, "pays them again"), camera).await
}

/// B-T5, B-F9: it is handed over; now it is too late to call the rental off.
async fn lent(stage: &mut Stage, camera: &mut Rented) -> anyhow::Result<()> {
    let lends = scene(&["B-T5"], OWNER, "lends the camera to JangHyemi");
    let (step, _) = stage.granted(lends, lend(camera, &camera.rental_id())).await?;
    camera.lent();
    ends(stage, step, camera, &["item.ItemLent", "rental.RentalLent"]).await?;
    let off = scene(&["B-F9"], RENTER, "would call the rental off");
    let request = CancelRentalRequest { id: camera.rental_id(), ..Default::default() };
    let step = stage.refused(off, request, "ITEM_LENT").await?;
    ends(stage, step, camera, &[]).await
}

/// B-T6, B-T7: it is back, can be rented again, and its renter is asked what it was like.
async fn returned(stage: &mut Stage, camera: &mut Rented) -> anyhow::Result<()> {
    let back = scene(&["B-T6", "B-T7"], OWNER, "says that the camera is back");
    let (id, rental_id) = (camera.item_id(), camera.rental_id());
    let request = ReturnItemRequest { id, rental_id, ..Default::default() };
    let (step, _) = stage.granted(back, request).await?;
    camera.returned();
    let events = ["item.ItemReturned", "rental.RentalReturned", "review.ReviewRequested"];
    ends(stage, step, camera, &events).await
}

/// B-T12: with its review the camera leaves the list, and nobody rents it again.
async fn reviewed(stage: &mut Stage, camera: &mut Rented) -> anyhow::Result<()> {
    let write = |score| WriteReviewRequest { id: camera.rental_id(), score, ..Default::default() };
    let (first, second) = (write(5), write(1));
    let writes = scene(&["B-T12"], RENTER, "reviews it: 5 of 5");
    let (mut step, _) = stage.granted(writes, first).await?;
    camera.reviewed(5);
    let events = ["item.ItemRetired", "review.ReviewWritten"];
    follows(stage, &mut step, camera, &camera.rental_id(), &events).await?;
    let mut rows = camera.boards(stage, &step).await?;
    rows.push(camera.listed(stage, &step, false).await?);
    stage.shows(step, rows)?;
    let twice = scene(&["B-T12"], RENTER, "would review it again");
    let step = stage.refused(twice, second, "REVIEW_WRITTEN").await?;
    ends(stage, step, camera, &[]).await?;
    let late = scene(&["B-F13"], OTHER, "reserves the camera that is off the list");
    in_vain(stage, late, camera, "ITEM_RETIRED").await?;
    Ok(())
}

/// What the renter is told in the course of the story.
const TOLD: [&str; 7] = [
    "payment_refunded",
    "rental_confirmed",
    "rental_lent",
    "rental_paid",
    "rental_paid",
    "rental_returned",
    "review_requested",
];

/// B-F12: the renter was told of all that happened to her, once.
async fn told(stage: &mut Stage, camera: &Rented) -> anyhow::Result<()> {
    let reads = scene(&["B-F12"], RENTER, "reads what she was told");
    let is_ours = |subject: &str| camera.is_told_of(subject);
    let (mut step, rows) = news::told(stage, reads, &TOLD, is_ours).await?;
    follows(stage, &mut step, camera, &camera.rental_id(), &[]).await?;
    stage.shows(step, rows)
}
