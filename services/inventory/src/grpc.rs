//! The gRPC face of products: requests in, commands out. No rules live here.

mod render;

use std::collections::BTreeSet;

use jangteo::inventory::v1::{
    GetProductRequest, HoldStockRequest, HoldStockResponse, ListProductsRequest,
    ListProductsResponse, Product as Shown, RegisterProductRequest, ReleaseProductRequest,
    RestockProductRequest, UndoHoldStockRequest, UndoHoldStockResponse, UpdateProductRequest,
    inventory_service_server::InventoryService,
};
use jangteo_kit::{
    clock,
    context::Context,
    execute::{Call, Versioned, create, execute, get, take_all, undo_all},
    ids::parse,
    status::refusal,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

pub(crate) use self::render::{shown, store_of};
use crate::{
    domain::{Actor, Command, Listing, Product, Rejection, lines::merged},
    queries,
};

type Reply<T> = Result<Response<T>, Status>;

/// Serves `jangteo.inventory.v1.InventoryService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

impl Grpc {
    async fn run(&self, call: Call, id: Uuid, command: Command) -> Reply<Shown> {
        execute::<Product>(&self.context, call, id, command).await
    }
}

fn actor(call: &Call) -> Result<Actor, Status> {
    call.user().map(Actor)
}

#[tonic::async_trait]
impl InventoryService for Grpc {
    async fn register_product(&self, request: Request<RegisterProductRequest>) -> Reply<Shown> {
        let (call, RegisterProductRequest { name, spec, price_krw, quantity, store_id, .. }) =
            Call::of(request);
        let (id, owner, at) = (clock::new_id(), call.user()?, call.at);
        let (listing, store) = (Listing { name, spec, price_krw }, store_of(&store_id)?);
        let register = Command::Register { id, owner, listing, store, quantity, at };
        create::<Product>(&self.context, call, id, register).await
    }

    async fn get_product(&self, request: Request<GetProductRequest>) -> Reply<Shown> {
        let id = parse("id", &request.into_inner().id)?;
        get::<Product>(&self.context, id)
            .await?
            .map(|found| Response::new(shown(&found)))
            .ok_or_else(|| refusal(&Rejection::NotFound).into())
    }

    async fn list_products(
        &self,
        request: Request<ListProductsRequest>,
    ) -> Reply<ListProductsResponse> {
        let (rows, next_page_token) =
            queries::list(self.context.store(), &request.into_inner()).await?;
        let products = rows.into_iter().map(render::row).collect::<Result<_, _>>()?;
        Ok(Response::new(ListProductsResponse { products, next_page_token }))
    }

    async fn update_product(&self, request: Request<UpdateProductRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, actor(&call)?, call.at);
        let call = call.expecting(&body.etag);
        self.run(call, id, Command::Update { by, edit: render::edit(body)?, at }).await
    }

    async fn restock_product(&self, request: Request<RestockProductRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, actor(&call)?, call.at);
        let restock = Command::Restock { by, quantity: body.quantity, at };
        self.run(call.expecting(&body.etag), id, restock).await
    }

    async fn release_product(&self, request: Request<ReleaseProductRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, actor(&call)?, call.at);
        self.run(call.expecting(&body.etag), id, Command::Release { by, at }).await
    }

    async fn hold_stock(&self, request: Request<HoldStockRequest>) -> Reply<HoldStockResponse> {
        let (call, HoldStockRequest { holder_id, buyer, lines, counted_only, .. }) =
            Call::keyed(request);
        let (holder, at) = (parse("holder_id", &holder_id)?, call.at);
        let lines = merged(&render::lines(&lines)?).map_err(|no| refusal(&no))?;
        let wanted = |&(id, quantity): &(Uuid, i64)| {
            let buyer = buyer.clone();
            (id, Command::Hold { holder, buyer, quantity, counted_only, at })
        };
        let told = lines.iter().map(wanted).collect();
        let reply = move |products: &[Versioned<Product>]| render::held(products, &lines, holder);
        take_all::<Product, _>(&self.context, call, told, reply).await
    }

    async fn undo_hold_stock(
        &self,
        request: Request<UndoHoldStockRequest>,
    ) -> Reply<UndoHoldStockResponse> {
        let (call, body) = Call::keyed(request);
        let (holder, at) = (parse("holder_id", &body.holder_id)?, call.at);
        let ids = body.product_ids.iter().map(|id| parse("product_ids", id));
        // Several lines may have been of one product, which gives everything back at once.
        let ids = ids.collect::<Result<BTreeSet<_>, _>>()?;
        let told = ids.into_iter().map(|id| (id, Command::GiveBack { holder, at })).collect();
        undo_all::<Product, _>(&self.context, call, told).await
    }
}
