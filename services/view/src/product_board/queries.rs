//! Rows of the board of products, newest first: by product id, since a UUIDv7 begins with its time.

use jangteo::view::v1::ProductBoardRow;
use jangteo_kit::{event::timestamp, project::Place, store::containing};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;

use crate::{
    CHANGES,
    project::product_board::entity::{Column, Entity, Model},
};

/// Which products somebody wants to see; what is empty lets everything through.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) owner: String,
    pub(super) text: String,
    pub(super) only_available: bool,
}

impl Wanted {
    /// Names the list that these products make.
    pub(super) fn scope(&self) -> String {
        let Self { owner, text, only_available } = self;
        format!("product_board/{owner}\n{text}\n{only_available}")
    }

    fn select(&self, generation: i64) -> Select<Entity> {
        let mut find = all(generation);
        if !self.owner.is_empty() {
            find = find.filter(Column::Owner.eq(self.owner.as_str()));
        }
        if !self.text.is_empty() {
            find = find.filter(Column::NameFolded.like(containing(&self.text)));
        }
        if self.only_available { find.filter(available()) } else { find }
    }
}

/// What is made to order can always be had, as long as it is sold.
fn available() -> Condition {
    let to_be_had =
        Condition::any().add(Column::Available.gt(0)).add(Column::StoreId.is_not_null());
    Condition::all().add(Column::Released.eq(false)).add(to_be_had)
}

fn all(generation: i64) -> Select<Entity> {
    Entity::find().filter(Column::Generation.eq(generation))
}

/// One product.
pub(super) async fn one(
    db: &DatabaseConnection,
    generation: i64,
    product: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((generation, product)).one(db).await
}

/// The first products of those wanted; those that come after one of them, if it is given.
pub(super) async fn some(
    db: &DatabaseConnection,
    generation: i64,
    wanted: &Wanted,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut find = wanted.select(generation);
    if let Some(after) = after {
        find = find.filter(Column::ProductId.lt(after));
    }
    find.order_by_desc(Column::ProductId).limit(limit).all(db).await
}

/// The products that changed after `place`, in the order of their changes.
pub(super) async fn changed(db: &DatabaseConnection, place: Place) -> Result<Vec<Model>, DbErr> {
    let later = all(place.generation).filter(Column::Change.gt(place.change));
    later.order_by_asc(Column::Change).limit(CHANGES).all(db).await
}

/// A row as clients see it.
pub(super) fn shown(row: Model) -> ProductBoardRow {
    ProductBoardRow {
        product_id: row.product_id.to_string(),
        owner: row.owner,
        name: row.name,
        spec: row.spec,
        price_krw: row.price_krw,
        on_hand: row.on_hand,
        available: row.available,
        released: row.released,
        store_id: row.store_id.map(|id| id.to_string()).unwrap_or_default(),
        create_time: Some(timestamp(row.create_time)),
        update_time: Some(timestamp(row.update_time)),
    }
}
