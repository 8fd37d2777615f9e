//! Story A: second-hand goods, with the original data.

use bytes::Bytes;
use jangteo_testing::grpc;

use super::{
    market::{Layout, Market, SECOND_HAND},
    script::Script,
};
use crate::mesh::Database::{self, MariaDb, Postgres, Sqlite};

/// The story by grpcurl.
pub(crate) const SCRIPT: Script = Script {
    file: "tests/stories/second_hand.sh",
    people: &["seller01", "seller02", "buyer01", "buyer02", "buyer03"],
    couriers: &[],
    end: "story A: every step as it should be",
};

async fn played(layout: Layout) {
    let market = Market::start(layout).await.unwrap();
    SCRIPT.by_grpcurl(&market, |context| market.node(context).addr().to_owned()).await;
}

macro_rules! in_layouts {
    ($($name:ident: $layout:expr;)+) => {$(
        /// A-T1, A-T2, A-T3, A-T4, A-T5, A-T6, A-T7, A-T8, A-T9, A-T10, A-T11, A-T12
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            played($layout).await;
        }
    )+};
}

const MIXED: [(&str, Database); 4] =
    [("post", MariaDb), ("offer", Postgres), ("deal", Sqlite), ("view", Postgres)];

in_layouts! {
    it_runs_in_one_process_on_sqlite: Layout::together(SECOND_HAND, Sqlite);
    it_runs_in_one_process_on_postgres: Layout::together(SECOND_HAND, Postgres);
    it_runs_in_one_process_on_mariadb: Layout::together(SECOND_HAND, MariaDb);
    it_runs_in_one_process_on_three_kinds_of_database: Layout::together(SECOND_HAND, Sqlite).with(&MIXED);
    it_runs_in_four_processes_on_sqlite: Layout::apart(SECOND_HAND, Sqlite);
    it_runs_in_four_processes_on_postgres: Layout::apart(SECOND_HAND, Postgres);
    it_runs_in_four_processes_on_mariadb: Layout::apart(SECOND_HAND, MariaDb);
    it_runs_in_four_processes_on_three_kinds_of_database: Layout::apart(SECOND_HAND, Sqlite).with(&MIXED);
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
