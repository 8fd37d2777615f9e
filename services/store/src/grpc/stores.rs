//! The stores of the market.

use jangteo::store::v1::{
    CheckStoreRequest, GetStoreRequest, ListStoresRequest, ListStoresResponse, OpenStoreRequest,
    Store as Shown, store_service_server::StoreService,
};
use jangteo_kit::{
    clock,
    context::Context,
    execute::{Call, check, create, get},
    ids::parse,
    status::refusal,
};
use tonic::{Request, Response};

use super::{Reply, render};
use crate::{
    kitchen::{Command, Rejection, Store},
    queries,
};

/// Serves `jangteo.store.v1.StoreService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

#[tonic::async_trait]
impl StoreService for Grpc {
    async fn open_store(&self, request: Request<OpenStoreRequest>) -> Reply<Shown> {
        let (call, OpenStoreRequest { name, .. }) = Call::of(request);
        let (id, owner, at) = (clock::new_id(), call.user()?, call.at);
        create::<Store>(&self.context, call, id, Command::Open { id, owner, name, at }).await
    }

    async fn get_store(&self, request: Request<GetStoreRequest>) -> Reply<Shown> {
        let id = parse("id", &request.into_inner().id)?;
        get::<Store>(&self.context, id)
            .await?
            .map(|found| Response::new(render::store(&found)))
            .ok_or_else(|| refusal(&Rejection::NotFound).into())
    }

    async fn list_stores(&self, request: Request<ListStoresRequest>) -> Reply<ListStoresResponse> {
        let (rows, next_page_token) =
            queries::stores(self.context.store(), &request.into_inner()).await?;
        let stores = rows.into_iter().map(render::store_row).collect::<Result<_, _>>()?;
        Ok(Response::new(ListStoresResponse { stores, next_page_token }))
    }

    /// What the store belongs to is kept back: a ticket that has told nothing yet would take it for what
    /// it belongs to itself, and that is its order.
    async fn check_store(&self, request: Request<CheckStoreRequest>) -> Reply<Shown> {
        let (call, body) = Call::keyed(request);
        let found = get::<Store>(&self.context, parse("id", &body.id)?).await?;
        let owned = found.filter(|found| found.state.owner == body.owner);
        let checked = check(&call, owned.ok_or(Rejection::NotFound))?;
        Ok(Response::new(checked.into_inner()))
    }
}
