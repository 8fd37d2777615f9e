//! Story A: second-hand goods, with the original data.

use bytes::Bytes;
use jangteo_testing::grpc;

use super::{
    market::{Layout, Market},
    shell,
};
use crate::mesh::Database::{self, MariaDb, Postgres, Sqlite};

/// A-T1, A-T2, A-T10
async fn played(layout: Layout) {
    let market = Market::start(layout).await.unwrap();
    let mut script = shell::bash();
    script.arg(shell::root().join("tests/stories/second_hand.sh"));
    script.env("POST_ADDR", market.post().addr()).env("VIEW_ADDR", market.view().addr());
    for person in ["seller01", "seller02", "buyer01"] {
        script.env(person.to_uppercase(), market.keys.user(person));
    }
    script.env("DEAL", market.keys.service("deal"));
    let said = shell::run(script).await.well();
    assert_eq!(said, "story A: every step as it should be\n");
}

macro_rules! in_layouts {
    ($($name:ident: $apart:expr, $post:ident, $view:ident;)+) => {$(
        /// A-T1, A-T2, A-T10
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            played(Layout { apart: $apart, post: $post, view: $view }).await;
        }
    )+};
}

in_layouts! {
    it_runs_in_one_process_on_sqlite: false, Sqlite, Sqlite;
    it_runs_in_one_process_on_postgres: false, Postgres, Postgres;
    it_runs_in_one_process_on_mariadb: false, MariaDb, MariaDb;
    it_runs_in_one_process_on_two_kinds_of_database: false, MariaDb, Postgres;
    it_runs_in_two_processes_on_sqlite: true, Sqlite, Sqlite;
    it_runs_in_two_processes_on_postgres: true, Postgres, Postgres;
    it_runs_in_two_processes_on_mariadb: true, MariaDb, MariaDb;
    it_runs_in_two_processes_on_two_kinds_of_database: true, MariaDb, Postgres;
}

/// What a client asks that knows one version of reflection only: all services, or the file of one.
#[tokio::test(flavor = "multi_thread")]
async fn the_contracts_are_told_in_both_versions_of_reflection() {
    let market = Market::on(Database::Sqlite).await;
    let service = b"jangteo.post.v1.PostService";
    let list = Bytes::from_static(&[0x3a, 0]);
    let file = Bytes::from([&[0x22, u8::try_from(service.len()).unwrap()], &service[..]].concat());
    for version in ["v1", "v1alpha"] {
        let path = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
        for (asked, expected) in [(&list, &service[..]), (&file, b"CreatePostRequest")] {
            let channel = market.post().channel();
            let told =
                grpc::raw(channel, &path, asked.clone(), None, &[]).await.unwrap().into_inner();
            assert!(told.windows(expected.len()).any(|part| part == expected), "{version}");
        }
    }
}
