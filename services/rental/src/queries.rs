//! Lists of a person's rentals, newest first.

use jangteo::rental::v1::{ListRentalsRequest, list_rentals_request::Side, rental::State};
use jangteo_kit::{
    page::{Asked, newest},
    store::Store,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use tonic::Status;

use crate::store::{
    self,
    entity::{Column, Entity, Model},
};

/// A page of the rentals of `person`, with the token of the next one.
pub(crate) async fn list(
    store: &Store,
    request: &ListRentalsRequest,
    person: &str,
) -> Result<(Vec<Model>, String), Status> {
    let ListRentalsRequest { side, state, page_size, page_token } = request;
    let mut find = Entity::find().filter(of(request.side(), person));
    if request.state() != State::Unspecified {
        find = find.filter(Column::State.is_in(store::names(request.state()).iter().copied()));
    }
    let scope = format!("rentals/{person}\n{side}\n{state}");
    let asked = Asked { scope: &scope, size: *page_size, token: page_token };
    newest(store, find, (Column::CreateTime, Column::Id), asked).await
}

fn of(side: Side, person: &str) -> Condition {
    let (renter, owner) = (Column::Renter.eq(person), Column::Owner.eq(person));
    match side {
        Side::Unspecified => Condition::any().add(renter).add(owner),
        Side::Renter => Condition::all().add(renter),
        Side::Owner => Condition::all().add(owner),
    }
}
