//! What notifications say in Korean. Whatever stands for a name or a price ends in a consonant, so that one
//! particle fits all.

use uuid::Uuid;

use super::Said;
use crate::domain::Kind;

/// What a notification of this kind says.
pub(super) fn text(kind: Kind, said: &Said<'_>) -> String {
    let [seller, buyer, renter] = ["seller", "buyer", "renter"].map(|who| person(said, who));
    let (item, price) = (item(said), won(said, "price_krw"));
    match kind {
        Kind::DealOffered => format!("{buyer}이 {price}에 구매를 요청했습니다."),
        Kind::PriceProposed => format!("{}{buyer}이 {price}을 제안했습니다.", list_price(said)),
        Kind::OfferAccepted => {
            format!("{seller}이 {price} 구매 요청을 수락했습니다. 거래가 예약되면 알려 드립니다.")
        }
        Kind::OfferRefused => format!("{seller}이 {price} 구매 요청을 거절했습니다."),
        Kind::OfferWithdrawn => format!("{buyer}이 {price} 구매 요청을 취소했습니다."),
        Kind::OfferAutoCancelled => {
            format!("상품이 판매되었거나 삭제되어 {price} 구매 요청이 자동으로 취소되었습니다.")
        }
        Kind::OfferExpired => format!("{price} 구매 요청이 기한 만료로 종료되었습니다."),
        Kind::OfferReopened => {
            let stands = said.word("accepted").map_or("", |_| " 판매자의 수락은 유효합니다.");
            format!("거래가 취소되어 {price} 구매 요청이 다시 열렸습니다.{stands}")
        }
        Kind::DealReserved => {
            format!("{seller}과 {buyer}의 {price} 거래가 예약되었습니다.{}", meeting(said))
        }
        Kind::DealRefused => format!("거래가 성사되지 않았습니다{}.", unsold(said)),
        Kind::DealRescheduled => {
            format!("{seller}과 {buyer}의 {price} 거래 약속이 변경되었습니다.{}", meeting(said))
        }
        Kind::DealCancelled => format!("{seller}과 {buyer}의 {price} 거래가 취소되었습니다."),
        Kind::DealEnded => format!("{seller}과 {buyer}의 {price} 거래가 완료되었습니다."),
        Kind::StockDecreased => format!("{}{}.", product(said), left(said)),
        Kind::ItemReserved => format!("{renter}이 {price}에 {item} 대여를 예약했습니다."),
        Kind::RentalConfirmed => {
            format!("{item} 대여가 확정되었습니다. {}{price}을 결제해 주세요.", pay_by(said))
        }
        Kind::RentalRefused => format!("대여 요청이 거절되었습니다{}.", refused(said)),
        Kind::RentalPaid => {
            format!("{item} 대여료 {price}이 결제되었습니다. 이제 물건을 주고받으실 수 있습니다.")
        }
        Kind::RentalPaymentCancelled => payment_cancelled(said),
        Kind::RentalCancelled => called_off(said),
        Kind::RentalLent => format!("{item} 대여가 시작되었습니다. 소중히 사용해 주세요."),
        Kind::RentalReturned => format!("{item} 반납이 확인되었습니다. 감사합니다."),
        Kind::PaymentRefunded => format!("{}이 환불되었습니다.", won(said, "amount_krw")),
        Kind::ReviewRequested => {
            format!("{item} 대여는 어떠셨나요? 1점부터 5점까지 평점을 남겨 주세요.")
        }
        Kind::ReviewWritten => format!("{renter}이 {item} 대여에 {}을 남겼습니다.", score(said)),
        Kind::OrderPlaced => {
            format!("{}의 {}이 결제되었습니다.", person(said, "customer"), ordered(said))
        }
        Kind::OrderAccepted => "상점이 주문을 접수했습니다.".to_owned(),
        Kind::DeliveryStarted => "주문하신 상품의 배송이 준비되고 있습니다.".to_owned(),
        Kind::OrderDelivering => "주문하신 상품이 배송 중입니다.".to_owned(),
        Kind::OrderDelivered => format!("{}의 배송이 완료되었습니다.", ordered(said)),
        Kind::OrderCancelRefused => format!("주문을 취소할 수 없습니다{}.", too_late(said)),
        Kind::OrderCancelled => order_cancelled(said),
    }
}

/// What asks for the confirmation of an address.
pub(super) fn confirmation(code: &str) -> String {
    format!("이 주소로 알림을 받으시려면 확인 코드 {code} 를 입력해 주세요.")
}

/// How to get no more mail from a channel.
pub(super) fn footer(channel: Uuid) -> String {
    format!("장터에서 보낸 알림입니다. 더 받지 않으시려면 채널을 삭제해 주세요: channels/{channel}")
}

fn person(said: &Said<'_>, who: &str) -> String {
    said.word(who).map_or_else(|| "상대방".to_owned(), |name| format!("{name}님"))
}

fn item(said: &Said<'_>) -> String {
    said.word("item_name").map_or_else(|| "물건".to_owned(), |name| format!("‘{name}’"))
}

fn won(said: &Said<'_>, name: &str) -> String {
    said.number(name).map_or_else(|| "정해진 금액".to_owned(), |number| format!("{number}원"))
}

fn time(said: &Said<'_>, name: &str) -> Option<String> {
    let local = said.time(name)?;
    Some(format!("{}월 {}일 {}", local.month, local.day, local.clock))
}

fn list_price(said: &Said<'_>) -> String {
    let price = said.number("list_price_krw");
    price.map(|price| format!("판매가 {price}원인 상품에 ")).unwrap_or_default()
}

/// Where they meet, they look up themselves.
fn meeting(said: &Said<'_>) -> String {
    time(said, "meeting_time").map_or_else(
        || " 만날 시간은 아직 정해지지 않았습니다.".to_owned(),
        |time| format!(" 만날 시간은 {time}입니다."),
    )
}

fn pay_by(said: &Said<'_>) -> String {
    time(said, "pay_by").map(|time| format!("{time}까지 ")).unwrap_or_default()
}

fn refused(said: &Said<'_>) -> &'static str {
    match said.word("reason") {
        Some("ITEM_RESERVED") => ": 다른 분이 먼저 예약한 물건입니다",
        Some("ITEM_LENT") => ": 이미 대여 중인 물건입니다",
        Some("ITEM_RETIRED") => ": 더 이상 대여하지 않는 물건입니다",
        Some("ITEM_DELETED") => ": 삭제된 물건입니다",
        Some("ITEM_NOT_FOUND") => ": 없는 물건입니다",
        Some("OWN_ITEM") => ": 본인의 물건입니다",
        _ => "",
    }
}

fn unsold(said: &Said<'_>) -> &'static str {
    match said.word("reason") {
        Some("OUT_OF_STOCK") => ": 재고가 부족합니다",
        Some("PRODUCT_RELEASED") => ": 더 이상 판매하지 않는 상품입니다",
        Some("PRODUCT_NOT_FOUND") => ": 없는 상품입니다",
        Some("OWN_PRODUCT") => ": 본인의 상품입니다",
        Some("MADE_TO_ORDER") => ": 주문하면 만들어 드리는 상품입니다",
        _ => "",
    }
}

fn product(said: &Said<'_>) -> String {
    said.word("product_name").map_or_else(|| "상품".to_owned(), |name| format!("‘{name}’ 상품"))
}

fn left(said: &Said<'_>) -> String {
    match (said.number("quantity"), said.number("on_hand")) {
        (Some(sold), Some(left)) => format!("이 {sold}개 판매되어 재고가 {left}개 남았습니다"),
        _ => "이 판매되었습니다".to_owned(),
    }
}

fn ordered(said: &Said<'_>) -> String {
    let first = said.word("product_name");
    let first = first.map_or_else(|| "상품".to_owned(), |name| format!("‘{name}’"));
    let others = said.number("other_lines").map(|number| format!(" 외 {number}건"));
    format!("{first}{} 주문({})", others.unwrap_or_default(), won(said, "total_krw"))
}

fn too_late(said: &Said<'_>) -> &'static str {
    match said.word("reason") {
        Some("TICKET_COOKING") => ": 이미 조리 중입니다",
        Some("TICKET_COOKED") => ": 이미 조리가 완료되었습니다",
        Some("DELIVERY_PICKED_UP") => ": 이미 배송 중입니다",
        Some("DELIVERY_DELIVERED") => ": 이미 배송이 완료되었습니다",
        _ => "",
    }
}

fn order_cancelled(said: &Said<'_>) -> String {
    let why = match said.word("reason") {
        Some("BY_CUSTOMER") => "고객의 요청으로 ",
        Some("STORE_REJECTED") => "상점이 주문을 거절하여 ",
        Some("STORE_CANCELLED") => "상점의 접수가 취소되어 ",
        Some("DELIVERY_CANCELLED") => "배송이 취소되어 ",
        _ => "",
    };
    format!("{why}{}이 취소되었습니다.", ordered(said))
}

fn payment_cancelled(said: &Said<'_>) -> String {
    let (item, price) = (item(said), won(said, "price_krw"));
    let again = time(said, "pay_by").map_or_else(String::new, |time| {
        format!(" {time}까지 다시 결제되지 않으면 대여도 취소됩니다.")
    });
    format!("{item} 대여료 {price}의 결제가 취소되었습니다.{again}")
}

fn called_off(said: &Said<'_>) -> String {
    let (item, renter) = (item(said), person(said, "renter"));
    match said.word("reason") {
        Some("NOT_PAID") => {
            format!("기한 안에 결제되지 않아 {renter}의 {item} 대여가 취소되었습니다.")
        }
        Some("BY_RENTER") => format!("{renter}의 요청으로 {item} 대여가 취소되었습니다."),
        _ => format!("{renter}의 {item} 대여가 취소되었습니다."),
    }
}

fn score(said: &Said<'_>) -> String {
    said.word("score").map_or_else(|| "평점".to_owned(), |score| format!("평점 {score}점"))
}
