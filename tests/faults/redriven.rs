//! An event that could not be applied, tried again once its cause is mended, and sent once more by the
//! broker before and after: it is applied once, whether the broker knows it for a copy or not.

use std::time::Duration;

use async_nats::jetstream::{
    self,
    stream::{Config, Stream},
};
use jangteo_testing::{Nats, until};

use super::poison::{Lost, hex, letters, numbers};
use crate::{
    mesh::Mesh,
    seller::{LONG, Seller, at_rest, databases},
};

/// The event that can't be applied: the second of the post and of the stream.
const POISON: u64 = 2;

/// For how long the broker knows a message that comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Window {
    /// Longer than the test takes.
    Long,
    /// Over as soon as it is looked at.
    Short,
}

/// A broker's stream of posts.
struct Posts {
    jetstream: jetstream::Context,
    window: Window,
}

impl Posts {
    /// Sets the window, as the stream's operator would.
    async fn with(nats: &Nats, window: Window) -> Self {
        let jetstream = jetstream::new(nats.client().await.unwrap());
        let posts = Self { jetstream, window };
        let config = posts.stream().await.cached_info().config.clone();
        let duplicate_window = match window {
            Window::Long => Duration::from_mins(2),
            Window::Short => Duration::from_millis(100),
        };
        posts.jetstream.update_stream(Config { duplicate_window, ..config }).await.unwrap();
        posts
    }

    async fn stream(&self) -> Stream {
        until(LONG, async || self.jetstream.get_stream("POST").await.ok()).await
    }

    /// The poison comes again as it was; waits until its follower has nothing left to take.
    async fn send_again(&self) {
        let first = self.stream().await.get_raw_message(POISON).await.unwrap();
        until(LONG, async || {
            let (subject, headers) = (first.subject.clone(), first.headers.clone());
            let payload = first.payload.clone();
            let sent = self.jetstream.publish_with_headers(subject, headers, payload);
            let stored = sent.await.unwrap().await.unwrap();
            (stored.duplicate == (self.window == Window::Long)).then_some(())
        })
        .await;
        until(LONG, async || {
            let view = self.stream().await.consumer_info("view").await.ok()?;
            (view.num_pending == 0 && view.num_ack_pending == 0).then_some(())
        })
        .await;
    }

    async fn messages(&self) -> u64 {
        self.stream().await.cached_info().state.messages
    }
}

async fn what_is_redriven_is_applied_once(window: Window) {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let post = seller.write("의자").await.unwrap().id;
    seller.sees(&post).await;
    let lost = Lost::sale(&mesh, &post).await;
    seller.reprice(&post, 20_000).await.unwrap();
    let [letter] = letters(&mesh, 1).await.try_into().unwrap();
    let posts = Posts::with(&mesh.nats, window).await;

    posts.send_again().await;
    let shown = mesh.jangteo(&["deadletter", "show", &letter]).await.well();
    assert!(shown.contains("\"attempts\": 1"), "no redelivery is a redrive: {shown}");
    lost.give_back().await;
    mesh.jangteo(&["deadletter", "redrive", &letter]).await.well();
    seller.sees_price(&post, 20_000).await;
    let [_, view] = databases(&mesh.node);
    let changes = async || numbers(&view, "SELECT change FROM my_sale").await;
    let applied = changes().await;

    posts.send_again().await;
    let again = mesh.jangteo(&["deadletter", "redrive", &letter]).await;
    assert!(again.err.contains("no such dead letter"), "{again:?}");
    assert_eq!(changes().await, applied);
    let stored = if window == Window::Long { 2 } else { 4 };
    assert!((stored..).contains(&posts.messages().await), "the broker took it for what it is");
    assert!(window == Window::Short || posts.messages().await == stored);
    seller.reprice(&post, 30_000).await.unwrap();
    seller.sees_price(&post, 30_000).await;
    let of = hex(&post);
    let told = format!(
        "SELECT sequence FROM timeline_entry WHERE hex(aggregate_id) = '{of}' ORDER BY sequence"
    );
    until(LONG, async || (numbers(&view, &told).await == [1, 2, 3]).then_some(())).await;
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_knows_for_a_copy_is_applied_once() {
    what_is_redriven_is_applied_once(Window::Long).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_has_forgotten_to_be_a_copy_is_applied_once() {
    what_is_redriven_is_applied_once(Window::Short).await;
}
