//! Requests that know which RPC they are for.

use jangteo::{
    deal::v1::{
        CancelDealRequest, CompleteDealRequest, Deal, ReserveDealRequest,
        deal_service_client::DealServiceClient,
    },
    delivery::v1::{
        CompleteDeliveryRequest, Delivery, PickUpDeliveryRequest,
        delivery_service_client::DeliveryServiceClient,
    },
    inventory::v1::{
        GetProductRequest, Product, RegisterProductRequest, RestockProductRequest,
        inventory_service_client::InventoryServiceClient,
    },
    item::v1::{
        DeleteItemRequest, Item, LendItemRequest, ListItemsRequest, ListItemsResponse,
        RegisterItemRequest, ReturnItemRequest, item_service_client::ItemServiceClient,
    },
    notification::v1::{
        ListNotificationsRequest, ListNotificationsResponse,
        notification_service_client::NotificationServiceClient,
    },
    offer::v1::{
        AcceptOfferRequest, CreateOfferRequest, Offer, RefuseOfferRequest,
        offer_service_client::OfferServiceClient,
    },
    order::v1::{
        CancelOrderRequest, GetOrderRequest, Order, PlaceOrderRequest,
        order_service_client::OrderServiceClient,
    },
    payment::v1::{
        ListPaymentsRequest, ListPaymentsResponse, payment_service_client::PaymentServiceClient,
    },
    post::v1::{
        CreatePostRequest, DeletePostRequest, Post, UpdatePostRequest,
        post_service_client::PostServiceClient,
    },
    provider::v1::{
        GetSandboxRequest, ListChargesRequest, ListChargesResponse, Sandbox, UpdateSandboxRequest,
        sandbox_service_client::SandboxServiceClient,
    },
    rental::v1::{
        CancelRentalPaymentRequest, CancelRentalRequest, GetRentalRequest, ListRentalsRequest,
        ListRentalsResponse, PayRentalRequest, Rental, ReserveRentalRequest,
        rental_service_client::RentalServiceClient,
    },
    review::v1::{
        GetReviewRequest, Review, WriteReviewRequest, review_service_client::ReviewServiceClient,
    },
    store::v1::{
        AcceptTicketRequest, FinishCookingRequest, GetStoreRequest, GetTicketRequest,
        OpenStoreRequest, RejectTicketRequest, StartCookingRequest, Store, Ticket,
        store_service_client::StoreServiceClient, ticket_service_client::TicketServiceClient,
    },
    view::v1::{
        GetItemBoardRowRequest, GetMyDealRequest, GetMySaleRequest, GetReviewBoardRowRequest,
        ItemBoardRow, ListTimelineEntriesRequest, ListTimelineEntriesResponse, MyDeal, MySale,
        ReviewBoardRow, item_board_service_client::ItemBoardServiceClient,
        my_deals_service_client::MyDealsServiceClient,
        my_sales_service_client::MySalesServiceClient,
        review_board_service_client::ReviewBoardServiceClient,
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
    RegisterProductRequest => InventoryServiceClient.register_product -> Product;
    RestockProductRequest => InventoryServiceClient.restock_product -> Product;
    GetProductRequest => InventoryServiceClient.get_product -> Product;
    PlaceOrderRequest => OrderServiceClient.place_order -> Order;
    GetOrderRequest => OrderServiceClient.get_order -> Order;
    CancelOrderRequest => OrderServiceClient.cancel_order -> Order;
    OpenStoreRequest => StoreServiceClient.open_store -> Store;
    GetStoreRequest => StoreServiceClient.get_store -> Store;
    GetTicketRequest => TicketServiceClient.get_ticket -> Ticket;
    AcceptTicketRequest => TicketServiceClient.accept_ticket -> Ticket;
    RejectTicketRequest => TicketServiceClient.reject_ticket -> Ticket;
    StartCookingRequest => TicketServiceClient.start_cooking -> Ticket;
    FinishCookingRequest => TicketServiceClient.finish_cooking -> Ticket;
    PickUpDeliveryRequest => DeliveryServiceClient.pick_up_delivery -> Delivery;
    CompleteDeliveryRequest => DeliveryServiceClient.complete_delivery -> Delivery;
    RegisterItemRequest => ItemServiceClient.register_item -> Item;
    DeleteItemRequest => ItemServiceClient.delete_item -> Item;
    LendItemRequest => ItemServiceClient.lend_item -> Item;
    ReturnItemRequest => ItemServiceClient.return_item -> Item;
    ListItemsRequest => ItemServiceClient.list_items -> ListItemsResponse;
    ReserveRentalRequest => RentalServiceClient.reserve_rental -> Rental;
    PayRentalRequest => RentalServiceClient.pay_rental -> Rental;
    CancelRentalPaymentRequest => RentalServiceClient.cancel_rental_payment -> Rental;
    CancelRentalRequest => RentalServiceClient.cancel_rental -> Rental;
    GetRentalRequest => RentalServiceClient.get_rental -> Rental;
    ListRentalsRequest => RentalServiceClient.list_rentals -> ListRentalsResponse;
    ListPaymentsRequest => PaymentServiceClient.list_payments -> ListPaymentsResponse;
    WriteReviewRequest => ReviewServiceClient.write_review -> Review;
    GetReviewRequest => ReviewServiceClient.get_review -> Review;
    GetSandboxRequest => SandboxServiceClient.get_sandbox -> Sandbox;
    UpdateSandboxRequest => SandboxServiceClient.update_sandbox -> Sandbox;
    ListChargesRequest => SandboxServiceClient.list_charges -> ListChargesResponse;
    ListNotificationsRequest => NotificationServiceClient.list_notifications -> ListNotificationsResponse;
    GetMySaleRequest => MySalesServiceClient.get_my_sale -> MySale;
    GetMyDealRequest => MyDealsServiceClient.get_my_deal -> MyDeal;
    GetItemBoardRowRequest => ItemBoardServiceClient.get_item_board_row -> ItemBoardRow;
    GetReviewBoardRowRequest => ReviewBoardServiceClient.get_review_board_row -> ReviewBoardRow;
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
