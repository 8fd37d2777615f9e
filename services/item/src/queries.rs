//! Lists of items, newest first.

use jangteo::item::v1::{ListItemsRequest, item::State};
use jangteo_kit::{
    page::{Asked, newest},
    store::{Store, containing},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};
use tonic::Status;

use crate::store::{
    self,
    entity::{Column, Entity, Model},
};

/// A page of items, with the token of the next one; `reader` is who asks, if he says.
pub(crate) async fn list(
    db: &Store,
    request: &ListItemsRequest,
    reader: Option<&str>,
) -> Result<(Vec<Model>, String), Status> {
    let ListItemsRequest { owner, state, text, page_size, page_token } = request;
    let scope = format!("items/{owner}\n{state}\n{text}\n{}", reader.unwrap_or_default());
    let asked = Asked { scope: &scope, size: *page_size, token: page_token };
    newest(db, filtered(request, reader), (Column::CreateTime, Column::Id), asked).await
}

fn filtered(request: &ListItemsRequest, reader: Option<&str>) -> Select<Entity> {
    let names = names(request, reader).iter().copied();
    let mut find = Entity::find().filter(Column::State.is_in(names));
    if !request.owner.is_empty() {
        find = find.filter(Column::Owner.eq(request.owner.as_str()));
    }
    if !request.text.is_empty() {
        find = find.filter(Column::NameFolded.like(containing(&request.text)));
    }
    find
}

/// Deleted items are listed by their owner only, among his own.
fn names(request: &ListItemsRequest, reader: Option<&str>) -> &'static [&'static str] {
    let own = reader.is_some_and(|reader| reader == request.owner);
    match request.state() {
        State::Deleted if !own => &[],
        state => store::names(state),
    }
}

#[cfg(test)]
mod tests;
