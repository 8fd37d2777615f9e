//! A read that carries the token of a write sees it, or is told that it can't yet.

use std::time::Duration;

use tokio::time::Instant;
use tonic::Code;

use crate::{
    mesh::Mesh,
    seller::{Seller, reason, says_when},
};

async fn market() -> (Mesh, Seller) {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    (mesh, seller)
}

/// A-T10
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_writes_are_each_read_at_once() {
    let (_mesh, seller) = market().await;
    let first = seller.write("의자").await.unwrap();
    seller.sees(&first.id).await;
    for number in 0..50 {
        let post = seller.write(&format!("의자 {number}")).await.unwrap();
        seller.sale_since(&post.id, &post.token).await.unwrap();
        let edited = seller.reprice(&post.id, 20_000 + number).await.unwrap();
        let sale = seller.sale_since(&post.id, &edited.token).await.unwrap();
        assert_eq!(sale["priceKrw"], (20_000 + number).to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_none_is_refused() {
    let (_mesh, seller) = market().await;
    let post = seller.write("의자").await.unwrap();
    let cut = &post.token[..post.token.len() - 3];
    for garbage in ["garbage", "%%%", cut, &format!("{0}{0}", post.token)] {
        let refused = seller.sale_since(&post.id, garbage).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{garbage}");
        assert_eq!(reason(&refused), "CONSISTENCY_TOKEN_INVALID");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_cannot_catch_up_says_so_within_its_patience() {
    let (mesh, seller) = market().await;
    let before = seller.write("의자").await.unwrap();
    seller.sees(&before.id).await;
    mesh.nats.kill();
    let after = seller.write("책상").await.unwrap();
    let begun = Instant::now();
    let behind = seller.sale_since(&after.id, &after.token).await.unwrap_err();
    assert_eq!(behind.code(), Code::Unavailable, "{behind:?}");
    assert_eq!(reason(&behind), "VIEW_BEHIND");
    assert!(says_when(&behind), "{behind:?}");
    let waited = begun.elapsed();
    assert!(waited > Duration::from_secs(1), "it waited for {waited:?}");
    assert!(waited < Duration::from_secs(20), "it waited for {waited:?}");
    seller.sale_since(&before.id, &before.token).await.expect("what is there is told at once");
}
