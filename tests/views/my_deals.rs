//! A person's deals: both sides see them, and watch what becomes of them.

use futures::StreamExt as _;
use jangteo_testing::{grpc, until};
use serde_json::{Value, json};
use tonic::Code;

use crate::{
    mesh::Mesh,
    seller::{LONG, Seller, reason},
};

const GET: &str = "view.v1.MyDealsService/GetMyDeal";
const LIST: &str = "view.v1.MyDealsService/ListMyDeals";

/// Reserves a deal on a post for `buyer01`, and answers it.
async fn reserve(mesh: &Mesh, post: &str) -> Value {
    let offer = mesh.call("buyer01", "offer.v1.OfferService/CreateOffer", json!({"post_id": post}));
    let (offer, _) = offer.await.unwrap();
    let asked = json!({"offer_id": offer["id"], "meeting_time": "2030-01-01T10:00:00Z"});
    mesh.call("seller01", "deal.v1.DealService/ReserveDeal", asked).await.unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_see_a_deal_and_what_becomes_of_it() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let post = seller.write("아이폰13").await.unwrap();
    let deal = reserve(&mesh, &post.id).await;
    let asked = json!({"deal_id": deal["id"]});
    let shown = async |person: &str| mesh.call(person, GET, asked.clone()).await;
    let named = until(LONG, async || {
        shown("buyer01").await.ok().filter(|(deal, _)| deal["goods"] == "아이폰13")
    });
    let (mine, _) = named.await;
    assert_eq!(mine["state"], "STATE_RESERVED");
    for field in ["offerId", "postId", "seller", "buyer", "priceKrw", "meetingTime"] {
        assert_eq!(mine[field], deal[field], "{field}");
    }
    assert_eq!(shown("seller01").await.unwrap().0, mine);
    let stranger = shown("buyer02").await.unwrap_err();
    assert_eq!(
        (stranger.code(), reason(&stranger).as_str()),
        (Code::NotFound, "MY_DEAL_NOT_FOUND")
    );

    let path = "/jangteo.view.v1.MyDealsService/WatchMyDeals";
    let token = mesh.keys.user("buyer01");
    let watch = grpc::stream(mesh.node.channel(), path, json!({}), Some(&token), &[]);
    let mut watch = watch.await.unwrap().map(|change| grpc::json(&change.unwrap()));
    assert!(watch.next().await.unwrap()["reset"].is_object());
    assert_eq!(watch.next().await.unwrap()["deal"], mine);
    let cancel = json!({"id": deal["id"]});
    let (_, written) =
        mesh.call("buyer01", "deal.v1.DealService/CancelDeal", cancel).await.unwrap();
    let cancelled = watch.next().await.unwrap();
    assert_eq!(cancelled["deal"]["state"], "STATE_CANCELLED");

    let written = [("jangteo-token", written.get("jangteo-token").unwrap().to_str().unwrap())];
    for (side, state, count) in [
        ("SIDE_BUYER", "STATE_CANCELLED", 1),
        ("SIDE_SELLER", "STATE_CANCELLED", 0),
        ("SIDE_UNSPECIFIED", "STATE_RESERVED", 0),
    ] {
        let asked = json!({"side": side, "state": state});
        let page = mesh.call_with(Some(&token), LIST, asked, &written).await.unwrap().0;
        assert_eq!(page["deals"].as_array().map_or(0, Vec::len), count, "{side} {state}");
    }
}
