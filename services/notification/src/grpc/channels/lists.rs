//! Lists of channels and of what goes through them, newest first.

use jangteo::notification::v1::{ListChannelsRequest, ListDispatchesRequest};
use jangteo_kit::{
    page::{Asked, newest},
    store::Store,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::Status;
use uuid::Uuid;

use crate::{channel, dispatch};

/// A page of a person's channels, with the token of the next one.
pub(super) async fn channels(
    store: &Store,
    ListChannelsRequest { page_size, page_token }: &ListChannelsRequest,
    owner: &str,
) -> Result<(Vec<channel::store::entity::Model>, String), Status> {
    use channel::store::{
        DELETED,
        entity::{Column, Entity},
    };
    let find = Entity::find().filter(Column::Owner.eq(owner)).filter(Column::State.ne(DELETED));
    let scope = format!("channels/{owner}");
    let asked = Asked { scope: &scope, size: *page_size, token: page_token };
    newest(store, find, (Column::CreateTime, Column::Id), asked).await
}

/// A page of what goes through a channel, with the token of the next one.
pub(super) async fn dispatches(
    store: &Store,
    request: &ListDispatchesRequest,
    channel: Uuid,
) -> Result<(Vec<dispatch::store::entity::Model>, String), Status> {
    use dispatch::store::{
        entity::{Column, Entity},
        name,
    };
    let mut find = Entity::find().filter(Column::ChannelId.eq(channel));
    if let Some(name) = name(request.state()) {
        find = find.filter(Column::State.eq(name));
    }
    let scope = format!("dispatches/{channel}\n{}", request.state);
    let asked = Asked { scope: &scope, size: request.page_size, token: &request.page_token };
    newest(store, find, (Column::CreateTime, Column::Id), asked).await
}
