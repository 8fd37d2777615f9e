//! Lists of products, newest first.

use jangteo::inventory::v1::ListProductsRequest;
use jangteo_kit::{
    page::{Asked, newest},
    store::{Store, containing},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};
use tonic::Status;

use crate::{
    grpc::store_of,
    store::{
        self,
        entity::{Column, Entity, Model},
    },
};

/// A page of products, with the token of the next one.
pub(crate) async fn list(
    db: &Store,
    request: &ListProductsRequest,
) -> Result<(Vec<Model>, String), Status> {
    let ListProductsRequest { owner, state, store_id, text, page_size, page_token } = request;
    let scope = format!("products/{owner}\n{state}\n{store_id}\n{text}");
    let asked = Asked { scope: &scope, size: *page_size, token: page_token };
    newest(db, filtered(request)?, (Column::CreateTime, Column::Id), asked).await
}

fn filtered(request: &ListProductsRequest) -> Result<Select<Entity>, Status> {
    let mut find = Entity::find().filter(Column::State.eq(store::name(request.state())));
    if !request.owner.is_empty() {
        find = find.filter(Column::Owner.eq(request.owner.as_str()));
    }
    if let Some(store) = store_of(&request.store_id)? {
        find = find.filter(Column::StoreId.eq(store));
    }
    if !request.text.is_empty() {
        find = find.filter(Column::NameFolded.like(containing(&request.text)));
    }
    Ok(find)
}

#[cfg(test)]
mod tests;
