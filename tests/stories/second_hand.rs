//! Story A: second-hand goods, with the original data.

use bytes::Bytes;
use jangteo_testing::grpc;

use super::{
    market::{CONTEXTS, Layout, Market},
    shell,
};
use crate::mesh::Database::{self, MariaDb, Postgres, Sqlite};

async fn played(layout: Layout) {
    let market = Market::start(layout).await.unwrap();
    play(&market, |context| market.node(context).addr().to_owned()).await;
}

/// Plays the story by grpcurl, with each context at its address.
pub(crate) async fn play(market: &Market, addr: impl Fn(&str) -> String) {
    let mut script = shell::bash();
    script.arg(shell::root().join("tests/stories/second_hand.sh"));
    for context in CONTEXTS {
        script.env(format!("{}_ADDR", context.to_uppercase()), addr(context));
    }
    for person in ["seller01", "seller02", "buyer01", "buyer02", "buyer03"] {
        script.env(person.to_uppercase(), market.keys.user(person));
    }
    let said = shell::run(script).await.well();
    assert_eq!(said, "story A: every step as it should be\n");
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

const MIXED: [Database; 4] = [MariaDb, Postgres, Sqlite, Postgres];

in_layouts! {
    it_runs_in_one_process_on_sqlite: Layout::together(Sqlite);
    it_runs_in_one_process_on_postgres: Layout::together(Postgres);
    it_runs_in_one_process_on_mariadb: Layout::together(MariaDb);
    it_runs_in_one_process_on_three_kinds_of_database: Layout { apart: false, databases: MIXED };
    it_runs_in_four_processes_on_sqlite: Layout::apart(Sqlite);
    it_runs_in_four_processes_on_postgres: Layout::apart(Postgres);
    it_runs_in_four_processes_on_mariadb: Layout::apart(MariaDb);
    it_runs_in_four_processes_on_three_kinds_of_database: Layout { apart: true, databases: MIXED };
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
