//! Which of several replicas does the background work of a database.

use jangteo_testing::{Node, until};
use sea_orm::{ConnectionTrait as _, Statement};
use uuid::Uuid;

use super::rest::open;
use crate::seller::LONG;

/// The name under which a process holds leases.
pub(crate) fn name(node: &Node) -> Uuid {
    let text = std::fs::read_to_string(node.data_dir().join("node-id")).unwrap();
    text.trim().parse().unwrap()
}

/// Who holds the lease of a database, or held it last.
pub(crate) async fn holder(url: &str) -> Uuid {
    let db = open(url).await;
    let select = Statement::from_string(db.get_database_backend(), "SELECT holder FROM lease");
    let holder = until(LONG, async || {
        let rows = db.query_all_raw(select.clone()).await.unwrap();
        assert!(rows.len() <= 1, "a database has one lease");
        Some(rows.first()?.try_get::<Uuid>("", "holder").unwrap())
    });
    let holder = holder.await;
    db.close().await.unwrap();
    holder
}
