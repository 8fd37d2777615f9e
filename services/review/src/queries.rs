//! Lists of reviews, newest first.

use jangteo::review::v1::ListReviewsRequest;
use jangteo_kit::{
    page::{Asked, newest},
    store::Store,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};
use tonic::Status;

use crate::store::{
    self,
    entity::{Column, Entity, Model},
};

/// A page of reviews, with the token of the next one; `reader` is who asks, if he says.
pub(crate) async fn list(
    db: &Store,
    request: &ListReviewsRequest,
    reader: Option<&str>,
) -> Result<(Vec<Model>, String), Status> {
    let scope = scope(request, reader);
    let asked = Asked { scope: &scope, size: request.page_size, token: &request.page_token };
    newest(db, filtered(request, reader), (Column::CreateTime, Column::Id), asked).await
}

fn filtered(request: &ListReviewsRequest, reader: Option<&str>) -> Select<Entity> {
    let mut find = Entity::find().filter(Column::State.is_in(states(request, reader)));
    if !request.owner.is_empty() {
        find = find.filter(Column::Owner.eq(request.owner.as_str()));
    }
    if !request.renter.is_empty() {
        find = find.filter(Column::Renter.eq(request.renter.as_str()));
    }
    find
}

/// Whoever lists his own sees them from when he is asked for them; all others are seen once written.
fn states(request: &ListReviewsRequest, reader: Option<&str>) -> Vec<&'static str> {
    let own = reader.is_some_and(|reader| reader == request.renter);
    let names = store::names(request.state()).iter().copied();
    names.filter(|name| own || *name == store::WRITTEN).collect()
}

fn scope(request: &ListReviewsRequest, reader: Option<&str>) -> String {
    let ListReviewsRequest { owner, renter, state, .. } = request;
    format!("reviews/{owner}\n{renter}\n{state}\n{}", reader.unwrap_or_default())
}

#[cfg(test)]
mod tests;
