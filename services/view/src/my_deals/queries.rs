//! Rows of a person's deals, newest first: by deal id, since a UUIDv7 begins with its time.

use std::cmp::Reverse;

use jangteo::view::v1::{MyDeal, list_my_deals_request::Side, my_deal::State};
use jangteo_kit::{event::timestamp, project::Place};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, Select, SelectTwo,
};
use uuid::Uuid;

use crate::{
    CHANGES,
    project::my_deals::{
        entity::{Column, Entity, Model},
        goods,
    },
};

/// A deal, and what the post calls its goods, once that is known.
pub(super) type Row = (Model, Option<goods::Model>);

/// Which deals a person wants to see.
pub(super) struct Wanted {
    pub(super) person: String,
    pub(super) side: Side,
    pub(super) state: State,
}

impl Wanted {
    /// Names the list that these deals make.
    pub(super) fn scope(&self) -> String {
        let Self { person, side, state } = self;
        format!("my_deals/{person}\n{}\n{}", side.as_str_name(), state.as_str_name())
    }

    fn select(&self, generation: i64, side: Column) -> Select<Entity> {
        let find = of(generation, &self.person, side);
        match self.state {
            State::Unspecified => find,
            state => find.filter(Column::State.eq(i32::from(state))),
        }
    }
}

/// Nobody buys from himself, so no deal is on both sides; each side has its index.
fn sides(side: Side) -> &'static [Column] {
    match side {
        Side::Unspecified => &[Column::Seller, Column::Buyer],
        Side::Buyer => &[Column::Buyer],
        Side::Seller => &[Column::Seller],
    }
}

fn mine(person: &str) -> Condition {
    Condition::any().add(Column::Seller.eq(person)).add(Column::Buyer.eq(person))
}

/// The deals of a person, on this side of them.
fn of(generation: i64, person: &str, side: Column) -> Select<Entity> {
    Entity::find().filter(Column::Generation.eq(generation)).filter(side.eq(person))
}

fn with_goods(find: Select<Entity>) -> SelectTwo<Entity, goods::Entity> {
    let goods = Entity::belongs_to(goods::Entity)
        .from((Column::Generation, Column::PostId))
        .to((goods::Column::Generation, goods::Column::PostId));
    find.join(JoinType::LeftJoin, goods.into()).select_also(goods::Entity)
}

/// One deal of the person.
pub(super) async fn one(
    db: &DatabaseConnection,
    generation: i64,
    person: &str,
    deal: Uuid,
) -> Result<Option<Row>, DbErr> {
    with_goods(Entity::find_by_id((generation, deal)).filter(mine(person))).one(db).await
}

/// The first deals of those wanted; those that come after one of them, if it is given.
pub(super) async fn some(
    db: &DatabaseConnection,
    generation: i64,
    wanted: &Wanted,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Row>, DbErr> {
    let later = Condition::all().add_option(after.map(|after| Column::DealId.lt(after)));
    let mut rows = vec![];
    for side in sides(wanted.side) {
        let find = wanted.select(generation, *side).filter(later.clone());
        let find = find.order_by_desc(Column::DealId).limit(limit);
        rows.extend(with_goods(find).all(db).await?);
    }
    rows.sort_unstable_by_key(|(deal, _)| Reverse(deal.deal_id));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

/// The person's rows that changed after `place`, in the order of their changes.
pub(super) async fn changed(
    db: &DatabaseConnection,
    person: &str,
    place: Place,
) -> Result<Vec<Row>, DbErr> {
    // One query for both sides: between two, a change of the first could slip away.
    let later = Entity::find()
        .filter(Column::Generation.eq(place.generation))
        .filter(Column::Change.gt(place.change))
        .filter(mine(person));
    with_goods(later.order_by_asc(Column::Change).limit(CHANGES)).all(db).await
}

/// A row as clients see it.
pub(super) fn shown((row, goods): Row) -> MyDeal {
    let of_product = row.pieces.is_some();
    let on_post = |id: Uuid| if of_product { String::new() } else { id.to_string() };
    MyDeal {
        deal_id: row.deal_id.to_string(),
        offer_id: on_post(row.offer_id),
        post_id: on_post(row.post_id),
        product_id: if of_product { row.post_id.to_string() } else { String::new() },
        quantity: row.pieces.unwrap_or(1),
        goods: goods.map(|of| of.goods).unwrap_or_default(),
        seller: row.seller,
        buyer: row.buyer,
        price_krw: row.price_krw,
        state: i32::try_from(row.state).unwrap_or_default(),
        meeting_time: row.meeting_time.map(timestamp),
        refusal_reason: row.refusal_reason.unwrap_or_default(),
        create_time: Some(timestamp(row.create_time)),
        update_time: Some(timestamp(row.update_time)),
    }
}
