//! One event that can't be applied, and thousands of its aggregate behind it: everybody else goes on,
//! and once it is mended or passed over they are applied in their order.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use futures::future::join_all;
use jangteo_testing::until;
use tokio::sync::OnceCell;

use super::poison::{Lost, forge, held, hex, letters, numbers};
use crate::{
    mesh::Mesh,
    pace::{Pace, goes_on, is_full},
    seller::{LONG, Seller, at_rest_within, databases},
};

/// How many others sell at the same time.
const OTHERS: usize = 4;
const PATIENCE: Duration = Duration::from_mins(3);

/// How many events wait.
fn waiting() -> i64 {
    if is_full() { 2_000 } else { 200 }
}

/// How often each of the others sells before, and again while they wait.
fn sales() -> usize {
    if is_full() { 250 } else { 25 }
}

/// How long the others waited for an answer, and then for their page to show it.
struct Others {
    commands: Pace,
    pages: Pace,
}

impl Others {
    /// They sell until `over`.
    async fn sell(mesh: &Mesh, over: impl Fn(usize) -> bool) -> Self {
        let over = &over;
        let each = (0..OTHERS).map(async |number| {
            let seller = Seller::at(&mesh.node, &mesh.keys, &format!("other{number}"));
            let mut times = vec![];
            while !over(times.len()) {
                times.push(sale(&seller).await);
            }
            times
        });
        let (commands, pages): (Vec<_>, Vec<_>) = join_all(each).await.concat().into_iter().unzip();
        Self { commands: Pace::of(commands), pages: Pace::of(pages) }
    }

    async fn sell_for_long(mesh: &Mesh) -> Self {
        Self::sell(mesh, |done| done >= sales()).await
    }
}

async fn sale(seller: &Seller) -> (Duration, Duration) {
    let since = Instant::now();
    let written = seller.write("의자").await.unwrap();
    let answered = since.elapsed();
    until(LONG, async || seller.sale_since(&written.id, &written.token).await.ok()).await;
    (answered, since.elapsed().saturating_sub(answered))
}

/// A market in which everything that follows one event of a post waits behind it.
struct Behind {
    mesh: Mesh,
    seller: Seller,
    post: String,
    /// Those that wait for an operator.
    letters: Vec<String>,
}

impl Behind {
    /// The post's next event is poison to so many read models.
    async fn one(poison: impl AsyncFn(&Mesh, &str), models: usize) -> Self {
        let mesh = Mesh::start().await.unwrap();
        let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
        let post = seller.write("의자").await.unwrap().id;
        seller.sees(&post).await;
        let before = Others::sell_for_long(&mesh).await;
        poison(&mesh, &post).await;
        for price in 0..=waiting() {
            seller.reprice(&post, price).await.unwrap();
        }
        let (letters, [_, view]) = (letters(&mesh, models).await, databases(&mesh.node));
        let all = (1 + waiting()) * i64::try_from(models).unwrap();
        until(PATIENCE, async || (held(&view).await == all).then_some(())).await;
        let during = Others::sell_for_long(&mesh).await;
        goes_on("commands of others", &before.commands, &during.commands);
        goes_on("updates of their pages", &before.pages, &during.pages);
        Self { mesh, seller, post, letters }
    }

    /// An operator does this with each, while the others go on.
    async fn ends(&self, remedy: &str) {
        let (over, [_, view]) = (AtomicBool::new(false), databases(&self.mesh.node));
        let mended = async {
            for letter in &self.letters {
                self.mesh.jangteo(&["deadletter", remedy, letter]).await.well();
            }
            until(PATIENCE, async || (held(&view).await == 0).then_some(())).await;
            self.seller.sees_price(&self.post, waiting()).await;
            over.store(true, Ordering::Relaxed);
        };
        let (during, ()) =
            tokio::join!(Others::sell(&self.mesh, |_| over.load(Ordering::Relaxed)), mended);
        let Others { commands, pages } = during;
        println!("p99 of others while {} follow it: {commands}, then {pages}", waiting());
    }

    /// The numbers of the post's events in the order in which the timeline got them.
    async fn told(&self) -> Vec<i64> {
        let [_, view] = databases(&self.mesh.node);
        let of = hex(&self.post);
        let told = format!(
            "SELECT sequence FROM timeline_entry WHERE hex(aggregate_id) = '{of}' ORDER BY rowid"
        );
        numbers(&view, &told).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_wait_behind_one_event_until_it_is_mended() {
    let lost = OnceCell::new();
    let poison = async |mesh: &Mesh, post: &str| {
        lost.set(Lost::sale(mesh, post).await).ok().expect("it is lost once");
    };
    let behind = Behind::one(poison, 1).await;
    lost.into_inner().expect("it was lost").give_back().await;
    behind.ends("redrive").await;
    let Behind { mesh, seller, .. } = behind;
    let history = seller.history(false);
    at_rest_within(PATIENCE, databases(&mesh.node), history, Some(&mesh.nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_wait_behind_one_event_until_it_is_passed_over() {
    let forge = async |mesh: &Mesh, post: &str| forge(mesh, post, 2).await;
    let behind = Behind::one(forge, 3).await;
    assert_eq!(behind.told().await, [1]);
    behind.ends("discard").await;
    let rest = 3..=waiting() + 2;
    assert_eq!(behind.told().await, [1].into_iter().chain(rest).collect::<Vec<_>>());
}
