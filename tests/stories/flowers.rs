//! Story E: flowers, with the original data (E.12). What goes wrong is in
//! [`flowers_weaknesses`](super::flowers_weaknesses), what needs a context that is away in
//! [`flowers_away`](super::flowers_away).

use super::{
    market::{FLOWERS, Layout, Market},
    script::Script,
};
use crate::mesh::Database::{MariaDb, Postgres, Sqlite};

/// The story by grpcurl.
pub(crate) const SCRIPT: Script = Script {
    file: "tests/stories/flowers.sh",
    people: &["florist01", "customer01", "customer02"],
    couriers: &["rider01"],
    end: "story E: every step as it should be",
};

async fn played(layout: Layout) {
    let market = Market::start(layout).await.unwrap();
    SCRIPT.by_grpcurl(&market, |context| market.node(context).addr().to_owned()).await;
}

macro_rules! in_layouts {
    ($($name:ident: $layout:expr;)+) => {$(
        /// E-T1, E-T2, E-T3, E-T4, E-T5, E-T7
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            played($layout).await;
        }
    )+};
}

in_layouts! {
    it_runs_in_one_process_on_sqlite: Layout::together(FLOWERS, Sqlite);
    it_runs_in_one_process_on_postgres: Layout::together(FLOWERS, Postgres);
    it_runs_in_one_process_on_mariadb: Layout::together(FLOWERS, MariaDb);
    it_runs_in_seven_processes_on_sqlite: Layout::apart(FLOWERS, Sqlite);
}
