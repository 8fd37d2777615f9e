//! What notifications say in English.

use uuid::Uuid;

use super::Said;
use crate::domain::Kind;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// What a notification of this kind says.
pub(super) fn text(kind: Kind, said: &Said<'_>) -> String {
    let [seller, buyer, renter] = ["seller", "buyer", "renter"].map(|who| person(said, who));
    let (item, price) = (item(said), won(said, "price_krw"));
    match kind {
        Kind::DealOffered => format!("{buyer} would like to buy for {price}."),
        Kind::PriceProposed => format!("{buyer} proposes {price}{}.", list_price(said)),
        Kind::OfferAccepted => format!("{seller} accepted your offer of {price}."),
        Kind::OfferRefused => format!("{seller} declined your offer of {price}."),
        Kind::OfferWithdrawn => format!("{buyer} withdrew the offer of {price}."),
        Kind::OfferAutoCancelled => {
            format!("Your offer of {price} was closed: the goods are no longer for sale.")
        }
        Kind::OfferExpired => format!("Your offer of {price} has expired."),
        Kind::OfferReopened => {
            let stands = said.word("accepted").map_or("", |_| " The seller's yes still stands.");
            format!("The deal was cancelled: your offer of {price} is open again.{stands}")
        }
        Kind::DealReserved => {
            format!("{} is reserved.{}", deal(&seller, &buyer, &price), meeting(said))
        }
        Kind::DealRefused => format!("Your deal could not be made{}.", unsold(said)),
        Kind::DealRescheduled => {
            format!("{} was rescheduled.{}", deal(&seller, &buyer, &price), meeting(said))
        }
        Kind::DealCancelled => format!("{} was cancelled.", deal(&seller, &buyer, &price)),
        Kind::DealEnded => format!("{} is complete.", deal(&seller, &buyer, &price)),
        Kind::StockDecreased => format!("{} was sold{}.", product(said), left(said)),
        Kind::ItemReserved => format!("{renter} reserved {item} for {price}."),
        Kind::RentalConfirmed => {
            format!("Your rental of {item} is confirmed. Please pay {price}{}.", pay_by(said))
        }
        Kind::RentalRefused => format!("Your rental was refused{}.", refused(said)),
        Kind::RentalPaid => {
            format!("The rental of {item} was paid: {price}. It can be handed over now.")
        }
        Kind::RentalPaymentCancelled => payment_cancelled(said),
        Kind::RentalCancelled => called_off(said),
        Kind::RentalLent => format!("Your rental of {item} has begun. Please take good care."),
        Kind::RentalReturned => format!("The return of {item} is confirmed. Thank you."),
        Kind::PaymentRefunded => format!("You were refunded {}.", won(said, "amount_krw")),
        Kind::ReviewRequested => {
            format!("How was your rental of {item}? Please rate it from 1 to 5.")
        }
        Kind::ReviewWritten => format!("{renter} rated the rental of {item}{}.", score(said)),
        Kind::OrderPlaced => format!("{} paid the {}.", person(said, "customer"), ordered(said)),
        Kind::OrderAccepted => "The store has accepted your order.".to_owned(),
        Kind::DeliveryStarted => "Your order waits for its courier.".to_owned(),
        Kind::OrderDelivering => "Your order is on its way.".to_owned(),
        Kind::OrderDelivered => format!("The {} has arrived.", ordered(said)),
        Kind::OrderCancelRefused => format!("Your order can't be cancelled{}.", too_late(said)),
        Kind::OrderCancelled => format!("The {} was cancelled{}.", ordered(said), why(said)),
    }
}

/// What asks for the confirmation of an address.
pub(super) fn confirmation(code: &str) -> String {
    format!("To be told at this address, confirm it with the code {code}.")
}

/// How to get no more mail from a channel.
pub(super) fn footer(channel: Uuid) -> String {
    format!("Sent by jangteo. To get no more of these, delete the channel: channels/{channel}")
}

fn person(said: &Said<'_>, who: &str) -> String {
    said.word(who).unwrap_or("someone").to_owned()
}

fn item(said: &Said<'_>) -> String {
    said.word("item_name").map_or_else(|| "the item".to_owned(), |name| format!("“{name}”"))
}

fn won(said: &Said<'_>, name: &str) -> String {
    said.number(name).map_or_else(|| "the amount due".to_owned(), |number| format!("{number} KRW"))
}

fn time(said: &Said<'_>, name: &str) -> Option<String> {
    let local = said.time(name)?;
    let month = MONTHS.get(local.month.checked_sub(1)?)?;
    Some(format!("{month} {}, {} KST", local.day, local.clock))
}

fn list_price(said: &Said<'_>) -> String {
    let price = said.number("list_price_krw");
    price.map(|price| format!(" (you ask {price} KRW)")).unwrap_or_default()
}

fn deal(seller: &str, buyer: &str, price: &str) -> String {
    format!("The deal of {seller} and {buyer} for {price}")
}

/// Where they meet, they look up themselves.
fn meeting(said: &Said<'_>) -> String {
    time(said, "meeting_time").map_or_else(
        || " The time to meet is still open.".to_owned(),
        |time| format!(" You meet on {time}."),
    )
}

fn pay_by(said: &Said<'_>) -> String {
    time(said, "pay_by").map(|time| format!(" by {time}")).unwrap_or_default()
}

fn refused(said: &Said<'_>) -> &'static str {
    match said.word("reason") {
        Some("ITEM_RESERVED") => ": somebody else has reserved the item",
        Some("ITEM_LENT") => ": the item is lent already",
        Some("ITEM_RETIRED") => ": the item is no longer rented out",
        Some("ITEM_DELETED") => ": the item was deleted",
        Some("ITEM_NOT_FOUND") => ": there is no such item",
        Some("OWN_ITEM") => ": the item is your own",
        _ => "",
    }
}

fn unsold(said: &Said<'_>) -> &'static str {
    match said.word("reason") {
        Some("OUT_OF_STOCK") => ": there are not enough pieces left",
        Some("PRODUCT_RELEASED") => ": the product is no longer sold",
        Some("PRODUCT_NOT_FOUND") => ": there is no such product",
        Some("OWN_PRODUCT") => ": the product is your own",
        Some("MADE_TO_ORDER") => ": the product is made to order",
        _ => "",
    }
}

fn product(said: &Said<'_>) -> String {
    said.word("product_name").map_or_else(|| "Your product".to_owned(), |name| format!("“{name}”"))
}

fn left(said: &Said<'_>) -> String {
    match (said.number("quantity"), said.number("on_hand")) {
        (Some(sold), Some(left)) => format!(": {sold} gone, {left} left"),
        _ => String::new(),
    }
}

fn ordered(said: &Said<'_>) -> String {
    let first = said.word("product_name");
    let first = first.map_or_else(|| "goods".to_owned(), |name| format!("“{name}”"));
    let others = said.number("other_lines").map(|number| format!(" and {number} more"));
    format!("order of {first}{} for {}", others.unwrap_or_default(), won(said, "total_krw"))
}

fn too_late(said: &Said<'_>) -> &'static str {
    match said.word("reason") {
        Some("TICKET_COOKING") => ": it is being cooked",
        Some("TICKET_COOKED") => ": it is cooked",
        Some("DELIVERY_PICKED_UP") => ": it is on its way",
        Some("DELIVERY_DELIVERED") => ": it has arrived",
        _ => "",
    }
}

fn why(said: &Said<'_>) -> &'static str {
    match said.word("reason") {
        Some("BY_CUSTOMER") => ", as the customer wished",
        Some("STORE_REJECTED") => ": the store does not make it",
        Some("STORE_CANCELLED") => ": the store was told not to make it",
        Some("DELIVERY_CANCELLED") => ": it is not delivered",
        _ => "",
    }
}

fn payment_cancelled(said: &Said<'_>) -> String {
    let (item, price) = (item(said), won(said, "price_krw"));
    let again = time(said, "pay_by").map_or_else(String::new, |time| {
        format!(" If it is not paid again by {time}, the rental is cancelled as well.")
    });
    format!("The payment of {price} for the rental of {item} was cancelled.{again}")
}

fn called_off(said: &Said<'_>) -> String {
    let (item, renter) = (item(said), person(said, "renter"));
    let why = match said.word("reason") {
        Some("NOT_PAID") => ": it was not paid in time",
        Some("BY_RENTER") => ", as the renter wished",
        _ => "",
    };
    format!("The rental of {item} by {renter} was cancelled{why}.")
}

fn score(said: &Said<'_>) -> String {
    said.word("score").map(|score| format!(": {score} of 5")).unwrap_or_default()
}
