//! Lists of posts: by seller, state, neighbourhood and text.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::market::{Client, Market, on_each_database};

on_each_database!(
    posts_are_found_by_text_as_it_stands_in_upper_or_lower_case,
    posts_are_found_by_seller_and_neighbourhood_to_the_letter,
    posts_are_found_by_state,
);

async fn write(seller: &Client, goods: &str, neighbourhood: &str) -> String {
    let post = json!({"goods": goods, "priceKrw": 10_000, "neighbourhood": neighbourhood});
    seller.post("CreatePost", post).await.unwrap().id().to_owned()
}

/// The goods that somebody finds.
async fn found(reader: &Client, filter: Value) -> BTreeSet<String> {
    let list = reader.post("ListPosts", filter).await.unwrap();
    let posts = list.body["posts"].as_array().cloned().unwrap_or_default();
    posts.iter().map(|post| post["goods"].as_str().unwrap().to_owned()).collect()
}

fn set(goods: &[&str]) -> BTreeSet<String> {
    goods.iter().map(|goods| (*goods).to_owned()).collect()
}

/// A-F8
async fn posts_are_found_by_text_as_it_stands_in_upper_or_lower_case(market: Market) {
    let seller = market.person("seller01");
    let goods = [
        "아이폰13 공기계",
        "100% 양모",
        "100 양모",
        "a_b",
        "axb",
        "wow!",
        "wow",
        r"c:\dir",
        "c:dir",
        "MacBook Pro",
        "ÄPFEL",
        "Straße",
        "it's \"new\"",
    ];
    for one in goods {
        write(&seller, one, "방배동").await;
    }
    let cases: [(&str, &[&str]); 15] = [
        ("아이폰", &["아이폰13 공기계"]),
        ("공기계", &["아이폰13 공기계"]),
        ("100%", &["100% 양모"]),
        ("100", &["100% 양모", "100 양모"]),
        ("%", &["100% 양모"]),
        ("_", &["a_b"]),
        ("!", &["wow!"]),
        (r"\", &[r"c:\dir"]),
        ("macbook", &["MacBook Pro"]),
        ("BOOK P", &["MacBook Pro"]),
        ("äpfel", &["ÄPFEL"]),
        ("STRAßE", &["Straße"]),
        ("t's \"N", &["it's \"new\""]),
        ("apfel", &[]),
        ("' OR 1=1 --", &[]),
    ];
    for (text, expected) in cases {
        let asked = json!({"text": text, "pageSize": 100});
        assert_eq!(found(&market.stranger(), asked).await, set(expected), "{text}");
    }
}

/// A-F8
async fn posts_are_found_by_seller_and_neighbourhood_to_the_letter(market: Market) {
    for (seller, goods, neighbourhood) in [
        ("seller01", "phone", "Bangbae"),
        ("Seller01", "mouse", "bangbae"),
        ("seller01 ", "chair", "Bangbae "),
        ("séller01", "table", "Bangbaé"),
        ("seller01", "lamp", "서초동"),
    ] {
        write(&market.person(seller), goods, neighbourhood).await;
    }
    let reader = market.stranger();
    for (seller, expected) in [
        ("seller01", set(&["phone", "lamp"])),
        ("Seller01", set(&["mouse"])),
        ("seller01 ", set(&["chair"])),
        ("seller0", set(&[])),
    ] {
        assert_eq!(found(&reader, json!({"seller": seller})).await, expected, "{seller:?}");
    }
    for (neighbourhood, expected) in [
        ("Bangbae", set(&["phone"])),
        ("bangbae", set(&["mouse"])),
        ("Bangbae ", set(&["chair"])),
        ("서초", set(&[])),
    ] {
        let asked = json!({"neighbourhood": neighbourhood});
        assert_eq!(found(&reader, asked).await, expected, "{neighbourhood:?}");
    }
    let all = json!({"seller": "seller01", "neighbourhood": "서초동", "text": "LAMP"});
    assert_eq!(found(&reader, all).await, set(&["lamp"]));
}

/// A-F8
async fn posts_are_found_by_state(market: Market) {
    let seller = market.person("seller01");
    write(&seller, "available", "방배동").await;
    let reserved = json!({
        "id": write(&seller, "reserved", "방배동").await, "seller": "seller01", "buyer": "buyer01",
        "dealId": "0190a7c5-0000-7000-8000-000000000001",
        "offerId": "0190a7c5-0000-7000-8000-000000000002", "agreedPriceKrw": 9_000,
        "callKey": "deals/0190a7c5-0000-7000-8000-000000000001",
    });
    market.service("deal").post("ReservePost", reserved).await.unwrap();
    for (goods, method) in [("hidden", "HidePost"), ("deleted", "DeletePost")] {
        let id = write(&seller, goods, "방배동").await;
        seller.post(method, json!({"id": id})).await.unwrap();
    }
    let stranger = market.stranger();
    for (state, to_stranger, to_seller) in [
        (
            "STATE_UNSPECIFIED",
            set(&["available", "reserved"]),
            set(&["available", "reserved", "hidden"]),
        ),
        ("STATE_AVAILABLE", set(&["available"]), set(&["available"])),
        ("STATE_RESERVED", set(&["reserved"]), set(&["reserved"])),
        ("STATE_SOLD", set(&[]), set(&[])),
        ("STATE_HIDDEN", set(&[]), set(&["hidden"])),
        ("STATE_DELETED", set(&[]), set(&[])),
    ] {
        let asked = json!({"seller": "seller01", "state": state});
        assert_eq!(found(&stranger, asked.clone()).await, to_stranger, "{state}");
        assert_eq!(found(&seller, asked).await, to_seller, "{state}");
        // Hidden ones show among one's own only, not in the lists of everybody.
        assert_eq!(found(&seller, json!({"state": state})).await, to_stranger, "{state}");
    }
}
