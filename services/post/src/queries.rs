//! Lists of posts, newest first: by id, since a UUIDv7 begins with its time.

use jangteo::post::v1::{ListPostsRequest, post::State};
use jangteo_kit::{
    page::{PageToken, cut, page_size},
    status::failed,
    store::{Failure, Never, Store, containing},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use tonic::Status;
use uuid::Uuid;

use crate::store::{
    self,
    entity::{Column, Entity, Model},
};

/// Rows of a page where the caller does not say.
const PAGE: u64 = 20;

/// A page of posts, with the token of the next one; `reader` is who asks, if he says.
pub(crate) async fn list(
    db: &Store,
    request: &ListPostsRequest,
    reader: Option<&str>,
) -> Result<(Vec<Model>, String), Status> {
    let scope = scope(request, reader);
    let limit = page_size(request.page_size, PAGE);
    let mut find = filtered(request, reader);
    if let Some(mut token) = PageToken::parse(&scope, &request.page_token)? {
        find = find.filter(Column::Id.lt(token.take::<Uuid>()?));
    }
    // One more than asked for tells whether there is a next page.
    let find = find.order_by_desc(Column::Id).limit(limit + 1);
    let rows = find.all(db.reader().map_err(failed)?).await;
    let rows = rows.map_err(|error| failed(Failure::<Never>::Database(error)))?;
    Ok(cut(rows, limit, |last| PageToken::new(&scope).with(last.id)))
}

fn filtered(request: &ListPostsRequest, reader: Option<&str>) -> Select<Entity> {
    let mut find = Entity::find().filter(visible(request, reader));
    if !request.seller.is_empty() {
        find = find.filter(Column::Seller.eq(request.seller.as_str()));
    }
    if let Some(state) = store::name(request.state()) {
        find = find.filter(Column::State.eq(state));
    }
    if !request.neighbourhood.is_empty() {
        find = find.filter(Column::Neighbourhood.eq(request.neighbourhood.as_str()));
    }
    if !request.text.is_empty() {
        find = find.filter(Column::GoodsFolded.like(containing(&request.text)));
    }
    find
}

/// Nobody lists deleted posts, and hidden ones only their seller, among his own.
fn visible(request: &ListPostsRequest, reader: Option<&str>) -> Condition {
    let own = reader.is_some_and(|reader| reader == request.seller);
    let mut invisible = vec![store::name(State::Deleted)];
    if !own {
        invisible.push(store::name(State::Hidden));
    }
    Condition::all().add(Column::State.is_not_in(invisible.into_iter().flatten()))
}

fn scope(request: &ListPostsRequest, reader: Option<&str>) -> String {
    let ListPostsRequest { seller, state, neighbourhood, text, .. } = request;
    format!("posts/{seller}\n{state}\n{neighbourhood}\n{text}\n{}", reader.unwrap_or_default())
}
