//! Events that can't be applied, and what mends them.

use jangteo_testing::until;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};
use uuid::Uuid;

use super::messages::{event, publish};
use crate::{
    mesh::Mesh,
    seller::{LONG, databases, says},
};

/// A post as SQLite writes it out.
pub(super) fn hex(post: &str) -> String {
    post.replace('-', "").to_uppercase()
}

async fn connect(url: &str) -> DatabaseConnection {
    Database::connect(url).await.unwrap()
}

/// The numbers that a query finds.
pub(super) async fn numbers(url: &str, sql: &str) -> Vec<i64> {
    let db = connect(url).await;
    let query = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(query).await.unwrap();
    db.close().await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// How many events wait in the view's database.
pub(super) async fn held(url: &str) -> i64 {
    numbers(url, "SELECT COUNT(*) FROM held").await[0]
}

/// A sale that my-page has lost, so that no further event of it can be applied, until it is given
/// back.
pub(super) struct Lost(String);

impl Lost {
    /// Takes a sale away.
    pub(super) async fn sale(mesh: &Mesh, post: &str) -> Self {
        let [_, view] = databases(&mesh.node);
        let (db, of) = (connect(&view).await, format!("hex(post_id) = '{}'", hex(post)));
        for sql in [
            format!("CREATE TABLE lost AS SELECT * FROM my_sale WHERE {of}"),
            format!("DELETE FROM my_sale WHERE {of}"),
        ] {
            db.execute_unprepared(&sql).await.unwrap();
        }
        db.close().await.unwrap();
        Self(view)
    }

    /// Puts it back as it was.
    pub(super) async fn give_back(self) {
        let db = connect(&self.0).await;
        for sql in ["INSERT INTO my_sale SELECT * FROM lost", "DROP TABLE lost"] {
            db.execute_unprepared(sql).await.unwrap();
        }
        db.close().await.unwrap();
    }
}

/// Sends what no read model can read in the place of a post's next event.
pub(super) async fn forge(mesh: &Mesh, post: &str, sequence: i64) {
    let post: Uuid = post.parse().unwrap();
    let forged = event(post, sequence, "jangteo.post.v1.PostWritten");
    publish(&mesh.nats, forged, b"\xff\xff").await;
    says(&mesh.node, &["aggregate is parked", "PostWritten"]).await;
}

/// The ids of the dead letters, once there are so many.
pub(super) async fn letters(mesh: &Mesh, many: usize) -> Vec<String> {
    let end = format!("{many} dead letters\n");
    let listed = until(LONG, async || {
        let said = mesh.jangteo(&["deadletter", "list"]).await.well();
        said.ends_with(&end).then_some(said)
    });
    let listed = listed.await;
    listed.lines().filter(|line| line.starts_with("view/")).map(str::to_owned).collect()
}
