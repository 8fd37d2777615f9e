//! Every kind says something in both languages, with whatever it is given.

use super::*;

const LANGUAGES: [Language; 2] = [Language::Ko, Language::En];

fn arguments<'a>(named: impl IntoIterator<Item = (&'a str, &'a str)>) -> Arguments {
    named.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

/// All that any text speaks of.
fn all() -> Arguments {
    arguments([
        ("seller", "seller01"),
        ("buyer", "buyer03"),
        ("renter", "renter01"),
        ("customer", "customer01"),
        ("other_lines", "2"),
        ("total_krw", "150000"),
        ("item_name", "텐트"),
        ("product_name", "애플워치"),
        ("quantity", "2"),
        ("on_hand", "1000"),
        ("price_krw", "1234567"),
        ("list_price_krw", "2000000"),
        ("amount_krw", "15000"),
        ("meeting_time", "2024-09-24T05:30:00Z"),
        ("pay_by", "2024-12-31T15:05:00.250Z"),
        ("reason", "NOT_PAID"),
        ("accepted", "true"),
        ("score", "5"),
    ])
}

fn with(name: &str, text: &str) -> Arguments {
    let mut arguments = all();
    arguments.insert(name.to_owned(), text.to_owned());
    arguments
}

/// All, none, empty ones, and some that are not what they should be.
fn any() -> [Arguments; 4] {
    let of = |text: &str| all().into_keys().map(|name| (name, text.to_owned())).collect();
    [all(), Arguments::new(), of(""), of("?")]
}

#[test]
fn every_kind_has_both_texts_and_none_has_an_unfilled_place() {
    for arguments in any() {
        for language in LANGUAGES {
            let mut seen = vec![];
            for kind in Kind::ALL {
                let said = text(*kind, &arguments, language);
                for hole in ["{", "}", "  ", " .", "‘’", "“”", "None", "Some"] {
                    assert!(!said.contains(hole), "{kind:?} {language:?}: {said}");
                }
                assert!(said.ends_with(['.', '?']), "{kind:?} {language:?}: {said}");
                assert!(!seen.contains(&said), "{kind:?} {language:?}: {said}");
                seen.push(said);
            }
        }
    }
}

#[test]
fn korean_is_polite_and_english_is_english() {
    let is_korean = |letter: char| ('가'..='힣').contains(&letter);
    for kind in Kind::ALL {
        for arguments in any() {
            let said = text(*kind, &arguments, Language::Ko);
            assert!(said.ends_with("니다.") || said.ends_with("요."), "{kind:?}: {said}");
        }
        let named = with("item_name", "tent");
        let named = named.into_iter().map(|(name, text)| match name.as_str() {
            "product_name" => (name, "watch".to_owned()),
            _ => (name, text),
        });
        let said = text(*kind, &named.collect(), Language::En);
        assert!(!said.contains(is_korean), "{kind:?}: {said}");
    }
}

#[test]
fn korean_is_spoken_unless_english_is_asked_for() {
    for kind in Kind::ALL {
        let said = |language| text(*kind, &all(), language);
        assert_eq!(said(Language::Unspecified), said(Language::Ko));
        assert_ne!(said(Language::Unspecified), said(Language::En));
    }
}

#[test]
fn texts_speak_of_people_goods_prices_and_times() {
    for (kind, korean, english) in [
        (
            Kind::PriceProposed,
            "판매가 2,000,000원인 상품에 buyer03님이 1,234,567원을 제안했습니다.",
            "buyer03 proposes 1,234,567 KRW (you ask 2,000,000 KRW).",
        ),
        (
            Kind::DealReserved,
            "seller01님과 buyer03님의 1,234,567원 거래가 예약되었습니다. 만날 시간은 9월 24일 14:30입니다.",
            "The deal of seller01 and buyer03 for 1,234,567 KRW is reserved. You meet on September 24, 14:30 KST.",
        ),
        (
            Kind::RentalConfirmed,
            "‘텐트’ 대여가 확정되었습니다. 1월 1일 00:05까지 1,234,567원을 결제해 주세요.",
            "Your rental of “텐트” is confirmed. Please pay 1,234,567 KRW by January 1, 00:05 KST.",
        ),
        (
            Kind::StockDecreased,
            "‘애플워치’ 상품이 2개 판매되어 재고가 1,000개 남았습니다.",
            "“애플워치” was sold: 2 gone, 1,000 left.",
        ),
        (
            Kind::OrderPlaced,
            "customer01님의 ‘애플워치’ 외 2건 주문(150,000원)이 결제되었습니다.",
            "customer01 paid the order of “애플워치” and 2 more for 150,000 KRW.",
        ),
        (Kind::PaymentRefunded, "15,000원이 환불되었습니다.", "You were refunded 15,000 KRW."),
        (
            Kind::ReviewWritten,
            "renter01님이 ‘텐트’ 대여에 평점 5점을 남겼습니다.",
            "renter01 rated the rental of “텐트”: 5 of 5.",
        ),
    ] {
        assert_eq!(text(kind, &all(), Language::Ko), korean);
        assert_eq!(text(kind, &all(), Language::En), english);
    }
}

#[test]
fn why_it_came_to_nothing_changes_the_text() {
    let refused = ["RESERVED", "LENT", "RETIRED", "DELETED", "NOT_FOUND"];
    let mut refused: Vec<_> = refused.map(|why| format!("ITEM_{why}")).into();
    refused.extend(["OWN_ITEM", "SOMETHING_NEW"].map(str::to_owned));
    let cancelled = ["NOT_PAID", "BY_RENTER", "SOMETHING_NEW"].map(str::to_owned).to_vec();
    let product = ["RELEASED", "NOT_FOUND"].map(|why| format!("PRODUCT_{why}"));
    let unsold = ["OUT_OF_STOCK", "OWN_PRODUCT", "MADE_TO_ORDER", "NEW"].map(str::to_owned);
    let unsold = [&product[..], &unsold[..]].concat();
    let order = |named: [&str; 4]| named.map(str::to_owned).into_iter().chain(["NEW".to_owned()]);
    let called_off = ["BY_CUSTOMER", "STORE_REJECTED", "STORE_CANCELLED", "DELIVERY_CANCELLED"];
    let called_off = order(called_off).collect();
    let too_late = ["TICKET_COOKING", "TICKET_COOKED", "DELIVERY_PICKED_UP", "DELIVERY_DELIVERED"];
    let too_late = order(too_late).collect();
    for (kind, reasons) in [
        (Kind::RentalRefused, refused),
        (Kind::RentalCancelled, cancelled),
        (Kind::DealRefused, unsold),
        (Kind::OrderCancelled, called_off),
        (Kind::OrderCancelRefused, too_late),
    ] {
        for language in LANGUAGES {
            let said = |why: &String| text(kind, &with("reason", why), language);
            let mut texts: Vec<_> = reasons.iter().map(said).collect();
            texts.sort();
            texts.dedup();
            assert_eq!(texts.len(), reasons.len(), "{texts:?}");
            assert!(!texts.iter().any(|text| text.contains('_')), "{texts:?}");
        }
    }
}

#[test]
fn thousands_stand_apart() {
    for (number, text) in [
        (0, "0"),
        (999, "999"),
        (1_000, "1,000"),
        (12_345, "12,345"),
        (-123_456, "-123,456"),
        (i64::MIN, "-9,223,372,036,854,775,808"),
    ] {
        assert_eq!(grouped(number), text);
    }
}

#[test]
fn no_time_is_too_far_away() {
    for time in
        [Timestamp { seconds: i64::MAX, nanos: 0 }, Timestamp { seconds: i64::MIN, nanos: 0 }]
    {
        let arguments = with("meeting_time", &time.to_string());
        for language in LANGUAGES {
            assert!(text(Kind::DealReserved, &arguments, language).contains("seller01"));
        }
    }
}
