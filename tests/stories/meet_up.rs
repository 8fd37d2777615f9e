//! Story C: somebody reserves pieces of a product, meets their owner, and has them; with the original
//! data (C.11).

use jangteo_testing::until;
use serde_json::json;
use tonic::Code;

use super::{
    market::{Client, Layout, MEET_UP, Market, Reply},
    refusal::refused,
    script::Script,
    trade::SOON,
};
use crate::mesh::Database::{MariaDb, Postgres, Sqlite};

const OWNER: &str = "seller01";
const BUYER: &str = "abc";
const LATE: &str = "buyer02";

/// The story by grpcurl.
pub(crate) const SCRIPT: Script = Script {
    file: "tests/stories/meet_up.sh",
    people: &[OWNER, BUYER, LATE],
    couriers: &[],
    end: "story C: every step as it should be",
};

/// What my-page shows of a deal, once it shows it so.
async fn my_deal(person: &Client, deal: &str, state: &str) -> Reply {
    person.sees("view.v1.MyDealsService/GetMyDeal", json!({"dealId": deal}), state).await
}

async fn plays(layout: Layout) {
    let market = Market::start(layout).await.unwrap();
    let [owner, buyer, late] = [OWNER, BUYER, LATE].map(|name| market.person(name));

    // C-T1, C-T2: a product, and the one piece there is of it.
    let watch = owner.stocks_watches(1).await;

    // C-T3: the deal is in progress, and both are told.
    let deal = buyer.buys(&watch, 1).await.unwrap();
    assert_eq!(deal.text("state"), "STATE_RESERVED", "{deal:?}");
    assert_eq!((deal.text("seller"), deal.text("buyer")), (OWNER, BUYER));
    assert_eq!((deal.text("productId"), deal.text("priceKrw")), (watch.as_str(), "50000"));
    owner.sees_stock(&watch, 1, 0).await;
    // What it is about, my-page hears from another context, sooner or later than of the deal.
    let shown = until(SOON, async || {
        let shown = my_deal(&buyer, deal.id(), "STATE_RESERVED").await;
        (shown.text("goods") == "애플워치").then_some(shown)
    });
    assert_eq!(shown.await.text("productId"), watch);

    // C-T5: while it is held, and after it is sold, there is none left for another.
    let second = late.buys(&watch, 1).await.unwrap();
    assert_eq!(second.text("state"), "STATE_REFUSED");
    assert_eq!(second.text("refusalReason"), "OUT_OF_STOCK");
    // C-F8: so says my-page, too.
    let shown = my_deal(&late, second.id(), "STATE_REFUSED").await;
    assert_eq!(shown.text("refusalReason"), "OUT_OF_STOCK");

    // C-T4: the owner hands it over, and the last piece is gone.
    let complete = json!({"id": deal.id()});
    let no = buyer.deal("CompleteDeal", complete.clone()).await;
    refused(no, Code::PermissionDenied, "SELLER_ONLY");
    owner.deal("CompleteDeal", complete).await.unwrap();
    owner.sees_stock(&watch, 0, 0).await;
    let third = late.buys(&watch, 1).await.unwrap();
    assert_eq!(third.text("refusalReason"), "OUT_OF_STOCK");
    my_deal(&owner, deal.id(), "STATE_ENDED").await;

    // C-T6: what is called off leaves the stock as it was.
    owner.product("RestockProduct", json!({"id": watch, "quantity": 1})).await.unwrap();
    let off = buyer.buys(&watch, 1).await.unwrap();
    buyer.deal("CancelDeal", json!({"id": off.id()})).await.unwrap();
    owner.sees_stock(&watch, 1, 1).await;
    my_deal(&buyer, off.id(), "STATE_CANCELLED").await;

    // C-F5, C.12-4: each is told of each change, once.
    let [deal, off, second, third] =
        [&deal, &off, &second, &third].map(|it| format!("deals/{}", it.id()));
    let of_both = [
        ("deal_reserved", deal.clone()),
        ("deal_ended", deal),
        ("deal_reserved", off.clone()),
        ("deal_cancelled", off),
    ];
    buyer.is_told(BUYER, &of_both).await;
    let sold = ("stock_decreased", format!("products/{watch}"));
    owner.is_told(OWNER, &[&of_both[..], &[sold]].concat()).await;
    late.is_told(LATE, &[("deal_refused", second), ("deal_refused", third)]).await;
}

macro_rules! in_layouts {
    ($($name:ident: $layout:expr;)+) => {$(
        /// C-T1, C-T2, C-T3, C-T4, C-T5, C-T6
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            plays($layout).await;
        }
    )+};
}

in_layouts! {
    it_runs_in_one_process_on_sqlite: Layout::together(MEET_UP, Sqlite);
    it_runs_in_one_process_on_postgres: Layout::together(MEET_UP, Postgres);
    it_runs_in_one_process_on_mariadb: Layout::together(MEET_UP, MariaDb);
    it_runs_in_four_processes: Layout::apart(MEET_UP, Sqlite);
}

/// C-T1, C-T2, C-T3, C-T4, C-T5, C-T6
#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_by_grpcurl() {
    let market = Market::of(MEET_UP, Sqlite).await;
    SCRIPT.by_grpcurl(&market, |context| market.node(context).addr().to_owned()).await;
}

/// C.12-1: forty want thirty pieces at once; who comes in time has them, and none is left over.
#[tokio::test(flavor = "multi_thread")]
async fn exactly_what_is_there_is_sold() {
    let market = Market::of(MEET_UP, Sqlite).await;
    let owner = market.person(OWNER);
    let watch = owner.stocks_watches(30).await;
    let buyers = (0..40).map(|number| market.person(&format!("buyer{number:02}")));
    let asked = buyers.map(|buyer| {
        let watch = watch.clone();
        async move {
            let deal = until(SOON, async || buyer.buys(&watch, 1).await.ok()).await;
            deal.text("state").to_owned()
        }
    });
    let states = futures::future::join_all(asked).await;
    let reserved = states.iter().filter(|state| *state == "STATE_RESERVED").count();
    assert_eq!((reserved, states.len()), (30, 40), "{states:?}");
    owner.sees_stock(&watch, 30, 0).await;
}

/// C-N1: nothing is held for a deal that did not come about since the stock did not answer; the
/// same request comes true once it does.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_held_while_the_stock_is_away() {
    let market = Market::start(Layout::apart(MEET_UP, Sqlite)).await.unwrap();
    let [owner, buyer] = [OWNER, BUYER].map(|name| market.person(name));
    let watch = owner.stocks_watches(1).await;
    market.node("inventory").kill();
    let no = buyer.buys(&watch, 1).await;
    refused(no, Code::Unavailable, "INVENTORY_UNAVAILABLE");
    market.node("inventory").restart().await.unwrap();
    owner.sees_stock(&watch, 1, 1).await;
    let deal = until(SOON, async || buyer.buys(&watch, 1).await.ok()).await;
    assert_eq!(deal.text("state"), "STATE_RESERVED");
}
