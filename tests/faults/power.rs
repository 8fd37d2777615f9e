//! The power is cut under load: what was answered with success is on disk, in the database and in
//! the broker. The controls do the same to servers that do not sync, and see the loss.
//!
//! A disk whose power can be cut takes root, a loop device and `mkfs.ext4`, and its tests take
//! long: they are part of the full tier only (`JANGTEO_TEST_FULL=1`), where they fail if they can't
//! have one, unless `JANGTEO_TEST_NO_POWER_CUT=1` leaves them out.

mod sellers;

use jangteo_testing::{
    Disk, MariaDb, Nats, Node, Postgres,
    checker::{self, Case, Finding},
    disk::wanted,
    tokens::Keys,
};

use super::databases::Server;
use crate::{
    mesh::{Mesh, node},
    seller::{at_rest, databases},
};
use sellers::{Sellers, Told, history};

/// Writes that are answered before the power is cut.
const BEFORE: usize = 100;

async fn mesh(nats: Nats, node: Node) -> Mesh {
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    Mesh { nats, node, keys }
}

/// What is lacking is found by whoever looks at the databases and, if given, the stream.
async fn findings([post, view]: [String; 2], told: &[Told], nats: Option<&Nats>) -> Vec<Finding> {
    let stream = match nats {
        Some(nats) => Some(checker::messages(&nats.client().await.unwrap(), "POST").await.unwrap()),
        None => None,
    };
    let history = history(told);
    checker::check(&Case { post, view, sale: None, stream, history }).await.unwrap()
}

/// How much of what was acknowledged a control has lost; never nothing.
fn loss(findings: &[Finding], told: &[Told]) {
    let lost = findings.iter().map(|finding| match finding {
        Finding::Unpublished { .. } => 1,
        Finding::Lost { acknowledged, found, .. } => acknowledged - found,
        _ => 0,
    });
    let lost: usize = lost.sum();
    println!("{lost} of {} acknowledged writes were lost", history(told).writes.len());
    assert!(lost > 0, "a power cut that loses nothing proves nothing: {findings:?}");
}

/// Sellers write while the broker loses its power, and go on when it is back.
async fn broker_is_cut_off(mesh: &Mesh, disk: &Disk) -> Vec<Told> {
    let sellers = Sellers::at(&mesh.node, &mesh.keys);
    sellers.write(BEFORE).await;
    mesh.nats.cut_power(disk).unwrap();
    mesh.nats.restart().await.unwrap();
    sellers.write(BEFORE).await;
    sellers.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_loses_its_power_has_all_that_it_acknowledged() {
    if !wanted() {
        return;
    }
    let disk = Disk::new().unwrap();
    let nats = Nats::start_on(&disk).await.unwrap();
    let node = node(&nats).start().await.unwrap();
    let mesh = mesh(nats, node).await;
    let told = broker_is_cut_off(&mesh, &disk).await;
    at_rest(databases(&mesh.node), history(&told), Some(&mesh.nats)).await;
}

/// The stream has lost what the journal calls acknowledged; the read models get it all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_does_not_sync_loses_what_it_acknowledged_and_read_models_do_not() {
    if !wanted() {
        return;
    }
    let disk = Disk::new().unwrap();
    let nats = Nats::start_unsynced_on(&disk).await.unwrap();
    let node = node(&nats).start().await.unwrap();
    let mesh = mesh(nats, node).await;
    let told = broker_is_cut_off(&mesh, &disk).await;
    at_rest(databases(&mesh.node), history(&told), None).await;
    let findings = findings(databases(&mesh.node), &told, Some(&mesh.nats)).await;
    loss(&findings, &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_on_sqlite_that_loses_its_power_has_all_that_it_acknowledged() {
    if !wanted() {
        return;
    }
    let disk = Disk::new().unwrap();
    let nats = Nats::start().await.unwrap();
    let node = node(&nats).data_dir(disk.path().join("data")).start().await.unwrap();
    let mesh = mesh(nats, node).await;
    let sellers = Sellers::at(&mesh.node, &mesh.keys);
    sellers.write(BEFORE).await;
    mesh.node.cut_power(&disk).unwrap();
    let told = sellers.end().await;
    mesh.node.restart().await.unwrap();
    for told in &told {
        told.finds_all().await;
    }
    at_rest(databases(&mesh.node), history(&told), Some(&mesh.nats)).await;
}

/// Sellers write while the database of `post` loses its power, which then comes back.
async fn database_is_cut_off(server: &impl Server, disk: &Disk) -> (Mesh, [String; 2], Vec<Told>) {
    let nats = Nats::start().await.unwrap();
    let post = server.database().await.unwrap();
    let node = node(&nats).database_url_of("post", &post).start().await.unwrap();
    let mesh = mesh(nats, node).await;
    let [_, view] = databases(&mesh.node);
    // Empty tables are there for certain: only then it can be told what they lack.
    disk.sync().unwrap();
    let sellers = Sellers::at(&mesh.node, &mesh.keys);
    sellers.write(BEFORE).await;
    server.cut_power(disk).unwrap();
    let told = sellers.end().await;
    server.restart().await.unwrap();
    (mesh, [post, view], told)
}

async fn has_all_that_it_acknowledged(server: impl Server, disk: &Disk) {
    let (mesh, databases, told) = database_is_cut_off(&server, disk).await;
    mesh.node.ready().await.unwrap();
    for told in &told {
        told.finds_all().await;
    }
    at_rest(databases, history(&told), Some(&mesh.nats)).await;
}

async fn loses_what_it_acknowledged(server: impl Server, disk: &Disk) {
    let (_mesh, databases, told) = database_is_cut_off(&server, disk).await;
    let findings = findings(databases, &told, None).await;
    loss(&findings, &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_loses_its_power_has_all_that_it_acknowledged() {
    if wanted() {
        let disk = Disk::new().unwrap();
        has_all_that_it_acknowledged(Postgres::start_on(&disk).await.unwrap(), &disk).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_does_not_sync_loses_what_it_acknowledged() {
    if wanted() {
        let disk = Disk::new().unwrap();
        loses_what_it_acknowledged(Postgres::start_unsynced_on(&disk).await.unwrap(), &disk).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mariadb_that_loses_its_power_has_all_that_it_acknowledged() {
    if wanted() {
        let disk = Disk::new().unwrap();
        has_all_that_it_acknowledged(MariaDb::start_on(&disk).await.unwrap(), &disk).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mariadb_that_does_not_sync_loses_what_it_acknowledged() {
    if wanted() {
        let disk = Disk::new().unwrap();
        loses_what_it_acknowledged(MariaDb::start_unsynced_on(&disk).await.unwrap(), &disk).await;
    }
}
