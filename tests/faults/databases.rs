//! A database that is away: at the start it is waited for, later it is told and waited for.

use anyhow::Result;
use jangteo_testing::{Disk, MariaDb, Nats, Node, Postgres, Proxy, postgres, tokens::Keys, until};
use tonic::Code;

use crate::{
    mesh::node,
    seller::{LONG, Seller, at_rest, reason, says, says_when, serving},
};

/// A server of one's own.
pub(super) trait Server {
    async fn database(&self) -> Result<String>;
    fn kill(&self);
    fn cut_power(&self, disk: &Disk) -> Result<()>;
    async fn restart(&self) -> Result<()>;
}

impl Server for Postgres {
    async fn database(&self) -> Result<String> {
        self.database().await
    }

    fn kill(&self) {
        self.kill();
    }

    fn cut_power(&self, disk: &Disk) -> Result<()> {
        self.cut_power(disk)
    }

    async fn restart(&self) -> Result<()> {
        self.restart().await
    }
}

impl Server for MariaDb {
    async fn database(&self) -> Result<String> {
        self.database().await
    }

    fn kill(&self) {
        self.kill();
    }

    fn cut_power(&self, disk: &Disk) -> Result<()> {
        self.cut_power(disk)
    }

    async fn restart(&self) -> Result<()> {
        self.restart().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_may_be_away_at_the_start_and_later() {
    comes_and_goes(Postgres::start().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_may_be_away_at_the_start_and_later() {
    comes_and_goes(MariaDb::start().await.unwrap()).await;
}

async fn comes_and_goes(server: impl Server) {
    let nats = Nats::start().await.unwrap();
    let databases = [server.database().await.unwrap(), server.database().await.unwrap()];
    server.kill();
    let node = node(&nats).database_url_of("post", &databases[0]);
    let node = node.database_url_of("view", &databases[1]).launch().unwrap();
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    let seller = Seller::at(&node, &keys, "seller01");

    lives_unready(&node).await;
    says(&node, &["database is not there yet"]).await;
    let starting = seller.write("의자").await.unwrap_err();
    assert_eq!((starting.code(), reason(&starting).as_str()), (Code::Unavailable, "STARTING"));
    assert!(says_when(&starting), "{starting:?}");
    server.restart().await.unwrap();
    node.ready().await.unwrap();
    let before = seller.write("의자").await.unwrap();
    seller.sees(&before.id).await;

    server.kill();
    lives_unready(&node).await;
    for refused in [seller.write("무선마우스").await.err(), seller.post(&before.id).await.err()]
    {
        let refused = refused.expect("no database, no answer");
        let told = (refused.code(), reason(&refused));
        assert_eq!(told, (Code::Unavailable, "DATABASE_UNAVAILABLE".to_owned()));
        assert!(says_when(&refused), "{refused:?}");
    }
    server.restart().await.unwrap();
    node.ready().await.unwrap();
    let after = seller.write("책상").await.unwrap();
    for post in [before, after] {
        seller.sees(&post.id).await;
    }
    at_rest(databases, seller.history(true), Some(&nats)).await;
}

/// Waits until it is not ready, and says that it lives all the same.
async fn lives_unready(node: &Node) {
    until(LONG, async || (serving(node, "readiness").await == Some(false)).then_some(())).await;
    assert_eq!(serving(node, "liveness").await, Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_still_waits_for_its_database_ends_when_told_to() {
    let nats = Nats::start().await.unwrap();
    let nowhere = format!("postgres://jangteo@127.0.0.1:{}/none", jangteo_testing::ports::free());
    let node = node(&nats).database_url(nowhere).launch().unwrap();
    says(&node, &["database is not there yet"]).await;
    node.terminate().unwrap();
    assert!(node.wait_exit(LONG).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_answers_nothing_is_as_good_as_gone() {
    let nats = Nats::start().await.unwrap();
    let proxy = Proxy::before(&postgres::database().await.unwrap()).await.unwrap();
    let node = node(&nats).database_url_of("post", proxy.url()).start().await.unwrap();
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    let seller = Seller::at(&node, &keys, "seller01");
    let before = seller.write("의자").await.unwrap();
    proxy.blackhole();
    lives_unready(&node).await;
    proxy.restore().await.unwrap();
    node.ready().await.unwrap();
    seller.sees(&before.id).await;
    let after = seller.insist("책상").await;
    seller.sees(&after.id).await;
}
