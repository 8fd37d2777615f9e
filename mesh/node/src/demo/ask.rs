//! Requests that know which RPC they are for.

use jangteo::{
    deal::v1::{
        CancelDealRequest, CompleteDealRequest, Deal, ReserveDealRequest,
        deal_service_client::DealServiceClient,
    },
    offer::v1::{
        AcceptOfferRequest, CreateOfferRequest, Offer, RefuseOfferRequest,
        offer_service_client::OfferServiceClient,
    },
    post::v1::{
        CreatePostRequest, DeletePostRequest, Post, UpdatePostRequest,
        post_service_client::PostServiceClient,
    },
    view::v1::{
        GetMyDealRequest, GetMySaleRequest, ListTimelineEntriesRequest,
        ListTimelineEntriesResponse, MyDeal, MySale, my_deals_service_client::MyDealsServiceClient,
        my_sales_service_client::MySalesServiceClient,
        timeline_service_client::TimelineServiceClient,
    },
};
use prost::{Message, Name};
use prost_reflect::DynamicMessage;
use serde_json::Value;
use tonic::{Request, Response, Status};

use crate::operator::Line;

/// A request of one RPC.
pub(super) trait Ask: Message + Name + Clone {
    /// What is answered.
    type Answer: Message + Name;

    /// Asks on this line.
    async fn ask(request: Request<Self>, line: Line) -> Result<Response<Self::Answer>, Status>;
}

/// Each request, and whose it is.
macro_rules! asks {
    ($($request:ident => $client:ident.$method:ident -> $answer:ident;)+) => {$(
        impl Ask for $request {
            type Answer = $answer;

            async fn ask(request: Request<Self>, line: Line) -> Result<Response<$answer>, Status> {
                $client::new(line).$method(request).await
            }
        }
    )+};
}

asks! {
    CreatePostRequest => PostServiceClient.create_post -> Post;
    UpdatePostRequest => PostServiceClient.update_post -> Post;
    DeletePostRequest => PostServiceClient.delete_post -> Post;
    CreateOfferRequest => OfferServiceClient.create_offer -> Offer;
    AcceptOfferRequest => OfferServiceClient.accept_offer -> Offer;
    RefuseOfferRequest => OfferServiceClient.refuse_offer -> Offer;
    ReserveDealRequest => DealServiceClient.reserve_deal -> Deal;
    CompleteDealRequest => DealServiceClient.complete_deal -> Deal;
    CancelDealRequest => DealServiceClient.cancel_deal -> Deal;
    GetMySaleRequest => MySalesServiceClient.get_my_sale -> MySale;
    GetMyDealRequest => MyDealsServiceClient.get_my_deal -> MyDeal;
    ListTimelineEntriesRequest => TimelineServiceClient.list_timeline_entries -> ListTimelineEntriesResponse;
}

/// The RPC of a request, such as `jangteo.post.v1.PostService/CreatePost`.
pub(super) fn rpc<Q: Ask>() -> String {
    let name = Q::full_name();
    let mut methods = jangteo::descriptors().services().flat_map(|service| {
        let methods: Vec<_> = service.methods().collect();
        methods
    });
    let method = methods.find(|method| method.input().full_name() == name);
    let method = method.expect("every request of the contracts is some RPC's");
    format!("{}/{}", method.parent_service().full_name(), method.name())
}

/// A message of the contracts as proto3 JSON.
pub(super) fn json<M: Message + Name>(message: &M) -> Value {
    let contract = jangteo::descriptors().get_message_by_name(&M::full_name());
    let mut dynamic = DynamicMessage::new(contract.expect("the contracts know their messages"));
    dynamic.transcode_from(message).expect("a message fits its own contract");
    serde_json::to_value(&dynamic).expect("every message has a JSON form")
}
