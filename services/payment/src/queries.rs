//! Lists of a person's payments, newest first.

use jangteo::payment::v1::{ListPaymentsRequest, payment::State};
use jangteo_kit::{
    page::{Asked, newest},
    store::Store,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::Status;

use crate::store::{
    self,
    entity::{Column, Entity, Model},
};

/// A page of the payments that `payer` makes, with the token of the next one.
pub(crate) async fn list(
    store: &Store,
    request: &ListPaymentsRequest,
    payer: &str,
) -> Result<(Vec<Model>, String), Status> {
    let ListPaymentsRequest { resource, state, page_size, page_token } = request;
    let mut find = Entity::find().filter(Column::Payer.eq(payer));
    if !resource.is_empty() {
        find = find.filter(Column::Resource.eq(resource.as_str()));
    }
    if request.state() != State::Unspecified {
        find = find.filter(Column::State.is_in(store::names(request.state()).iter().copied()));
    }
    let scope = format!("payments/{payer}\n{resource}\n{state}");
    let asked = Asked { scope: &scope, size: *page_size, token: page_token };
    newest(store, find, (Column::CreateTime, Column::Id), asked).await
}
