//! Story D: food from a kitchen, with the original data (D.12). What goes wrong is in
//! [`kitchen_weaknesses`](super::kitchen_weaknesses), what needs a context that is away in
//! [`kitchen_away`](super::kitchen_away).

use super::{
    market::{KITCHENS, Layout, Market},
    script::Script,
};
use crate::mesh::Database::{MariaDb, Postgres, Sqlite};

/// The story by grpcurl.
pub(crate) const SCRIPT: Script = Script {
    file: "tests/stories/kitchen.sh",
    people: &["cook01", "cook02", "customer01", "customer02"],
    couriers: &["rider01"],
    end: "story D: every step as it should be",
};

async fn played(layout: Layout) {
    let market = Market::start(layout).await.unwrap();
    SCRIPT.by_grpcurl(&market, |context| market.node(context).addr().to_owned()).await;
}

macro_rules! in_layouts {
    ($($name:ident: $layout:expr;)+) => {$(
        /// D-T1, D-T3, D-T4, D-T5
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            played($layout).await;
        }
    )+};
}

in_layouts! {
    it_runs_in_one_process_on_sqlite: Layout::together(KITCHENS, Sqlite);
    it_runs_in_one_process_on_postgres: Layout::together(KITCHENS, Postgres);
    it_runs_in_one_process_on_mariadb: Layout::together(KITCHENS, MariaDb);
    it_runs_in_eight_processes_on_sqlite: Layout::apart(KITCHENS, Sqlite);
}
