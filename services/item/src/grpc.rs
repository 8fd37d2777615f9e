//! The gRPC face of items: requests in, commands out. No rules live here.

mod render;

use jangteo::item::v1::{
    DeleteItemRequest, GetItemRequest, Item as Shown, LendItemRequest, ListItemsRequest,
    ListItemsResponse, RegisterItemRequest, RetireItemRequest, ReturnItemRequest,
    UndoWithholdItemRequest, UndoWithholdItemResponse, UpdateItemRequest, WithholdItemRequest,
    item_service_server::ItemService,
};
use jangteo_kit::{
    clock,
    context::Context,
    execute::{Call, caller, create, execute, get, take, undo},
    ids::parse,
    status::refusal,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

pub(crate) use self::render::shown;
use crate::{
    domain::{Actor, Command, Item, Listing, Rejection},
    queries,
};

type Reply<T> = Result<Response<T>, Status>;

/// Serves `jangteo.item.v1.ItemService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

impl Grpc {
    async fn run(&self, call: Call, id: Uuid, command: Command) -> Reply<Shown> {
        execute::<Item>(&self.context, call, id, command).await
    }
}

fn actor(call: &Call) -> Result<Actor, Status> {
    call.user().map(Actor)
}

#[tonic::async_trait]
impl ItemService for Grpc {
    async fn register_item(&self, request: Request<RegisterItemRequest>) -> Reply<Shown> {
        let (call, RegisterItemRequest { name, price_krw, .. }) = Call::of(request);
        let (id, owner, at) = (clock::new_id(), call.user()?, call.at);
        let listing = Listing { name, price_krw };
        create::<Item>(&self.context, call, id, Command::Register { id, owner, listing, at }).await
    }

    async fn get_item(&self, request: Request<GetItemRequest>) -> Reply<Shown> {
        let reader = caller(&request);
        let id = parse("id", &request.into_inner().id)?;
        get::<Item>(&self.context, id)
            .await?
            .filter(|found| found.state.is_seen_by(reader.subject()))
            .map(|found| Response::new(shown(&found)))
            .ok_or_else(|| refusal(&Rejection::NotFound).into())
    }

    async fn list_items(&self, request: Request<ListItemsRequest>) -> Reply<ListItemsResponse> {
        let reader = caller(&request);
        let request = request.into_inner();
        let (rows, next_page_token) =
            queries::list(self.context.store(), &request, reader.subject()).await?;
        let items = rows.into_iter().map(render::row).collect::<Result<_, _>>()?;
        Ok(Response::new(ListItemsResponse { items, next_page_token }))
    }

    async fn update_item(&self, request: Request<UpdateItemRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, actor(&call)?, call.at);
        let call = call.expecting(&body.etag);
        self.run(call, id, Command::Update { by, edit: render::edit(body)?, at }).await
    }

    async fn delete_item(&self, request: Request<DeleteItemRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, actor(&call)?, call.at);
        self.run(call.expecting(&body.etag), id, Command::Delete { by, at }).await
    }

    async fn lend_item(&self, request: Request<LendItemRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, actor(&call)?, call.at);
        let rental = parse("rental_id", &body.rental_id)?;
        self.run(call.expecting(&body.etag), id, Command::Lend { by, rental, at }).await
    }

    async fn return_item(&self, request: Request<ReturnItemRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, actor(&call)?, call.at);
        let rental = parse("rental_id", &body.rental_id)?;
        self.run(call.expecting(&body.etag), id, Command::Return { by, rental, at }).await
    }

    async fn withhold_item(&self, request: Request<WithholdItemRequest>) -> Reply<Shown> {
        let (call, body) = Call::keyed(request);
        let (id, rental) = (parse("id", &body.id)?, parse("rental_id", &body.rental_id)?);
        let withhold = Command::Withhold { rental, attempt: body.attempt };
        take::<Item>(&self.context, call, id, withhold).await
    }

    async fn undo_withhold_item(
        &self,
        request: Request<UndoWithholdItemRequest>,
    ) -> Reply<UndoWithholdItemResponse> {
        let (call, body) = Call::keyed(request);
        let (id, rental) = (parse("id", &body.id)?, parse("rental_id", &body.rental_id)?);
        let stays = Command::UndoWithhold { rental, attempt: body.attempt };
        undo::<Item, _>(&self.context, call, id, stays).await
    }

    async fn retire_item(&self, request: Request<RetireItemRequest>) -> Reply<Shown> {
        let (call, body) = Call::keyed(request);
        let (id, at) = (parse("id", &body.id)?, call.at);
        let rental = parse("rental_id", &body.rental_id)?;
        take::<Item>(&self.context, call, id, Command::Retire { rental, at }).await
    }
}
