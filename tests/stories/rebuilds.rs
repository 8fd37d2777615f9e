//! My-page serves while it is rebuilt.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use jangteo_testing::until;
use serde_json::{Value, json};

use super::market::{Client, Market, on_each_database};

on_each_database!(whoever_reads_my_page_does_not_notice_that_it_is_rebuilt);

const REBUILDS: usize = 5;
const READERS: usize = 4;
const SALES: usize = 3;

/// Rebuilds my-page and waits until the new generation serves.
async fn rebuild(operator: &Client) {
    let asked = json!({"readModel": "my_sales"});
    let started = operator.rebuild("RebuildReadModel", asked).await.unwrap();
    let asked = json!({"readModel": "my_sales", "generation": started.body["generation"]});
    until(Duration::from_secs(30), async || {
        let now = operator.rebuild("GetReadModelGeneration", asked.clone()).await.unwrap();
        (now.text("state") == "STATE_SERVING").then_some(())
    })
    .await;
}

/// Reads over and over: all sales are there, always.
async fn read(seller: &Client, post: &Value, over: &AtomicBool) -> usize {
    let mut reads = 0;
    while !over.load(Ordering::Relaxed) {
        let sale = seller.my_sales("GetMySale", json!({"postId": post}), "").await.unwrap();
        assert_eq!(&sale.body["postId"], post);
        let page = seller.my_sales("ListMySales", json!({}), "").await.unwrap();
        let sales = page.body["sales"].as_array().map_or(0, Vec::len);
        assert_eq!(sales, SALES, "after {reads} reads");
        reads += 1;
    }
    reads
}

/// A-N3
async fn whoever_reads_my_page_does_not_notice_that_it_is_rebuilt(market: Market) {
    let seller = market.person("seller01");
    let mut last = None;
    for _ in 0..SALES {
        let post = json!({"goods": "의자", "priceKrw": 5_000, "neighbourhood": "방배동"});
        last = Some(seller.post("CreatePost", post).await.unwrap());
    }
    let last = last.expect("some were written");
    let asked = json!({"postId": last.id()});
    seller.my_sales("GetMySale", asked, &last.written).await.unwrap();

    let (operator, over) = (market.operator(), AtomicBool::new(false));
    let rebuilding = async {
        for _ in 0..REBUILDS {
            rebuild(&operator).await;
        }
        over.store(true, Ordering::Relaxed);
    };
    let readers = (0..READERS).map(|_| read(&seller, &last.body["id"], &over));
    let (reads, ()) = tokio::join!(futures::future::join_all(readers), rebuilding);
    assert!(reads.into_iter().all(|reads| reads > 0));
}
