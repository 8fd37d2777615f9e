//! Story B: rentals, with the original data. What needs a context that is away is in
//! [`rental_away`](super::rental_away).

use super::{
    market::{Layout, Market, RENTAL},
    script::Script,
};
use crate::mesh::Database::{self, MariaDb, Postgres, Sqlite};

/// The story by grpcurl.
pub(crate) const SCRIPT: Script = Script {
    file: "tests/stories/rental.sh",
    people: &["owner01", "YoungEunSong", "JangHyemi"],
    couriers: &[],
    end: "story B: every step as it should be",
};

/// B-N8: items on one product, rentals on another, the rest on a third.
pub(crate) const MIXED: [(&str, Database); 2] = [("item", Postgres), ("rental", MariaDb)];

async fn played(layout: Layout) {
    let market = Market::start(layout).await.unwrap();
    SCRIPT.by_grpcurl(&market, |context| market.node(context).addr().to_owned()).await;
}

macro_rules! in_layouts {
    ($($name:ident: $layout:expr;)+) => {$(
        /// B-T1, B-T2, B-T3, B-T4, B-T5, B-T6, B-T7, B-T10, B-T11, B-T12
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            played($layout).await;
        }
    )+};
}

in_layouts! {
    it_runs_in_one_process_on_sqlite: Layout::together(RENTAL, Sqlite);
    it_runs_in_one_process_on_postgres: Layout::together(RENTAL, Postgres);
    it_runs_in_one_process_on_mariadb: Layout::together(RENTAL, MariaDb);
    it_runs_in_one_process_on_three_kinds_of_database:
        Layout::together(RENTAL, Sqlite).with(&MIXED);
    it_runs_in_seven_processes_on_sqlite: Layout::apart(RENTAL, Sqlite);
    it_runs_in_seven_processes_on_three_kinds_of_database:
        Layout::apart(RENTAL, Sqlite).with(&MIXED);
}
