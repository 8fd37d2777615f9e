//! A person's channels, and what goes through them.

mod lists;
mod render;

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jangteo::notification::v1::{
    Channel as Shown, ConfirmChannelRequest, CreateChannelRequest, DeleteChannelRequest,
    Dispatch as ShownDispatch, GetChannelRequest, ListChannelsRequest, ListChannelsResponse,
    ListDispatchesRequest, ListDispatchesResponse, RetryDispatchRequest, channel::Kind,
    channel_service_server::ChannelService,
};
use jangteo_kit::{
    clock,
    context::Context,
    execute::{Call, Versioned, caller, execute, get, user},
    ids::parse,
    status::refusal,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

pub(crate) use self::render::{shown, shown_dispatch};
use super::Reply;
use crate::{
    channel::{Channel, Command, Rejection, Target},
    dispatch::{self, Dispatch},
    domain::Actor,
    send::Senders,
};

/// Serves `jangteo.notification.v1.ChannelService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
    pub(crate) senders: Senders,
}

impl Grpc {
    /// Where a request wants to be told, if that can be done.
    fn target(&self, kind: Kind, address: String) -> Result<Target, Rejection> {
        match kind {
            Kind::Mail if !self.senders.has_mail() => Err(Rejection::NoMail),
            Kind::Mail => {
                Senders::check_mail(&address).map_err(Rejection::AddressInvalid)?;
                let code = BASE64_URL_SAFE_NO_PAD.encode(&clock::secret()[..12]);
                Ok(Target::Mail { address, code })
            }
            Kind::Webhook | Kind::Unspecified => {
                self.senders.check_webhook(&address).map_err(Rejection::AddressInvalid)?;
                let secret = format!("whsec_{}", BASE64_STANDARD.encode(clock::secret()));
                Ok(Target::Webhook { url: address, secret })
            }
        }
    }

    /// A channel of the person who reads.
    async fn own(&self, id: Uuid, reader: &str) -> Result<Versioned<Channel>, Status> {
        let found = get::<Channel>(&self.context, id).await?;
        found
            .filter(|found| found.state.is_seen_by(reader))
            .ok_or_else(|| refusal(&Rejection::NotFound).into())
    }
}

#[tonic::async_trait]
impl ChannelService for Grpc {
    async fn create_channel(&self, request: Request<CreateChannelRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (owner, at, language) = (call.user()?, call.at, body.language());
        let target = self.target(body.kind(), body.address).map_err(|no| refusal(&no))?;
        let id = Channel::id_of(&owner, &target);
        let create = Command::Create { owner, target, language, at };
        execute::<Channel>(&self.context, call, id, create).await
    }

    async fn confirm_channel(&self, request: Request<ConfirmChannelRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, Actor(call.user()?), call.at);
        let confirm = Command::Confirm { by, code: body.code, at };
        execute::<Channel>(&self.context, call, id, confirm).await
    }

    async fn get_channel(&self, request: Request<GetChannelRequest>) -> Reply<Shown> {
        let reader = user(&caller(&request))?;
        let id = parse("id", &request.into_inner().id)?;
        Ok(Response::new(shown(&self.own(id, &reader).await?)))
    }

    async fn list_channels(
        &self,
        request: Request<ListChannelsRequest>,
    ) -> Reply<ListChannelsResponse> {
        let reader = user(&caller(&request))?;
        let (rows, next_page_token) =
            lists::channels(self.context.store(), &request.into_inner(), &reader).await?;
        let channels = rows.into_iter().map(render::row).collect::<Result<_, _>>()?;
        Ok(Response::new(ListChannelsResponse { channels, next_page_token }))
    }

    async fn delete_channel(&self, request: Request<DeleteChannelRequest>) -> Reply<Shown> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, Actor(call.user()?), call.at);
        execute::<Channel>(&self.context, call, id, Command::Delete { by, at }).await
    }

    async fn list_dispatches(
        &self,
        request: Request<ListDispatchesRequest>,
    ) -> Reply<ListDispatchesResponse> {
        let reader = user(&caller(&request))?;
        let request = request.into_inner();
        let id = parse("channel_id", &request.channel_id)?;
        self.own(id, &reader).await?;
        let (rows, next_page_token) = lists::dispatches(self.context.store(), &request, id).await?;
        let dispatches = rows.into_iter().map(render::dispatch_row).collect::<Result<_, _>>()?;
        Ok(Response::new(ListDispatchesResponse { dispatches, next_page_token }))
    }

    async fn retry_dispatch(&self, request: Request<RetryDispatchRequest>) -> Reply<ShownDispatch> {
        let (call, body) = Call::of(request);
        let (id, by) = (parse("id", &body.id)?, Actor(call.user()?));
        execute::<Dispatch>(&self.context, call, id, dispatch::Command::Retry { by }).await
    }
}
