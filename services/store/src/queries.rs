//! Lists, newest first: everybody's of stores, and a seller's of the tickets of his stores.

use jangteo::store::v1::{ListStoresRequest, ListTicketsRequest};
use jangteo_kit::{
    ids::parse,
    page::{Asked, PageToken, cut, newest, page_size},
    status::failed,
    store::{Failure, Never, Store, containing},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use tonic::Status;
use uuid::Uuid;

use crate::{
    kitchen::table::entity as store,
    ticket::table::{self, entity as ticket},
};

/// Tickets of a page where the caller does not say.
const PAGE: u64 = 20;

/// A page of stores, with the token of the next one.
pub(crate) async fn stores(
    db: &Store,
    request: &ListStoresRequest,
) -> Result<(Vec<store::Model>, String), Status> {
    use store::Column;
    let ListStoresRequest { owner, text, page_size, page_token } = request;
    let scope = format!("stores/{owner}\n{text}");
    let asked = Asked { scope: &scope, size: *page_size, token: page_token };
    newest(db, named(owner, text), (Column::CreateTime, Column::Id), asked).await
}

fn named(owner: &str, text: &str) -> Select<store::Entity> {
    use store::{Column, Entity};
    let mut find = Entity::find();
    if !owner.is_empty() {
        find = find.filter(Column::Owner.eq(owner));
    }
    if !text.is_empty() {
        find = find.filter(Column::NameFolded.like(containing(text)));
    }
    find
}

/// A page of the tickets of `seller`, by id, since a UUIDv7 begins with its time; with the token of the
/// next one.
pub(crate) async fn tickets(
    db: &Store,
    request: &ListTicketsRequest,
    seller: &str,
) -> Result<(Vec<ticket::Model>, String), Status> {
    use ticket::Column;
    let scope = format!("tickets/{seller}\n{}\n{}", request.store_id, request.state);
    let limit = page_size(request.page_size, PAGE);
    let mut find = sold_by(seller, request)?;
    if let Some(mut token) = PageToken::parse(&scope, &request.page_token)? {
        find = find.filter(Column::Id.lt(token.take::<Uuid>()?));
    }
    // One more than asked for tells whether there is a next page.
    let find = find.order_by_desc(Column::Id).limit(limit + 1);
    let rows = find.all(db.reader().map_err(failed)?).await;
    let rows = rows.map_err(|error| failed(Failure::<Never>::Database(error)))?;
    Ok(cut(rows, limit, |last| PageToken::new(&scope).with(last.id)))
}

/// What is still arriving is in no list.
fn sold_by(seller: &str, request: &ListTicketsRequest) -> Result<Select<ticket::Entity>, Status> {
    use ticket::{Column, Entity};
    let mut find = Entity::find().filter(Column::Seller.eq(seller));
    if !request.store_id.is_empty() {
        find = find.filter(Column::StoreId.eq(parse("store_id", &request.store_id)?));
    }
    Ok(find.filter(match table::name(request.state()) {
        Some(name) => Column::State.eq(name),
        None => Column::State.ne(table::ARRIVING),
    }))
}

#[cfg(test)]
mod tests;
