use std::vec::IntoIter;

use prost_types::Timestamp;
use tonic::{Request as Incoming, Response, codegen::tokio_stream};
use tonic_types::StatusExt;

use super::*;
use crate::{
    errors,
    view::v1::{
        GetMySaleRequest, ListMySalesRequest, ListMySalesResponse, MySale, WatchMySalesRequest,
        WatchMySalesResponse,
        my_sales_service_client::MySalesServiceClient,
        my_sales_service_server::{MySalesService, MySalesServiceServer},
    },
};

const ID: &str = "0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3f";

/// Answers everything, with texts that no request may hold.
struct Anything;

#[tonic::async_trait]
impl MySalesService for Anything {
    async fn get_my_sale(
        &self,
        request: Incoming<GetMySaleRequest>,
    ) -> Result<Response<MySale>, Status> {
        let post_id = request.into_inner().post_id;
        Ok(Response::new(MySale { post_id, goods: "\n".to_owned(), ..MySale::default() }))
    }

    async fn list_my_sales(
        &self,
        _: Incoming<ListMySalesRequest>,
    ) -> Result<Response<ListMySalesResponse>, Status> {
        Ok(Response::new(ListMySalesResponse::default()))
    }

    type WatchMySalesStream = tokio_stream::Iter<IntoIter<Result<WatchMySalesResponse, Status>>>;

    async fn watch_my_sales(
        &self,
        _: Incoming<WatchMySalesRequest>,
    ) -> Result<Response<Self::WatchMySalesStream>, Status> {
        let changes = vec![Ok(WatchMySalesResponse::default()); 2];
        Ok(Response::new(tokio_stream::iter(changes)))
    }
}

fn client() -> MySalesServiceClient<MySalesServiceServer<Anything>> {
    MySalesServiceClient::new(MySalesServiceServer::new(Anything))
}

/// Calls `GetMySale` with messages of other types than the contract says.
async fn call<T, U>(request: T) -> Result<U, Status>
where
    T: Message + Send + Sync + 'static,
    U: Message + Name + Default + Send + Sync + 'static,
{
    let mut grpc = tonic::client::Grpc::new(MySalesServiceServer::new(Anything));
    let path = "/jangteo.view.v1.MySalesService/GetMySale".parse().unwrap();
    grpc.unary(Incoming::new(request), path, Checked::default()).await.map(Response::into_inner)
}

fn violations(status: &Status) -> Vec<(String, String)> {
    let bad_request = status.get_details_bad_request().unwrap();
    bad_request.field_violations.into_iter().map(|it| (it.field, it.reason)).collect()
}

#[tokio::test]
async fn a_sound_request_is_answered_and_its_reply_is_not_checked() {
    let request = GetMySaleRequest { post_id: ID.to_owned() };
    let sale = client().get_my_sale(request).await.unwrap().into_inner();
    assert_eq!((sale.post_id.as_str(), sale.goods.as_str()), (ID, "\n"));
}

#[tokio::test]
async fn a_request_against_the_rules_is_refused_with_every_field() {
    let request = ListMySalesRequest { page_size: 101, page_token: "\n".to_owned() };
    let status = client().list_my_sales(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(errors::reason(&status).as_deref(), Some("FIELD_INVALID"));
    assert!(status.message().starts_with("page_size must be 0 to 100; page_token must be"));
    let expected = [("page_size", "OUT_OF_RANGE"), ("page_token", "CONTROL_CHARACTER")];
    assert_eq!(violations(&status), expected.map(|(f, r)| (f.to_owned(), r.to_owned())));
}

#[tokio::test]
async fn a_streaming_rpc_checks_its_request_too() {
    let request = WatchMySalesRequest { resume_token: "r".repeat(101) };
    let status = client().watch_my_sales(request).await.unwrap_err();
    assert_eq!(violations(&status), [("resume_token".to_owned(), "TOO_LONG".to_owned())]);
    let mut changes =
        client().watch_my_sales(WatchMySalesRequest::default()).await.unwrap().into_inner();
    let mut count = 0;
    while changes.message().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 2);
}

#[tokio::test]
async fn bytes_that_are_no_request_are_the_callers_fault() {
    let not_a_text = Timestamp { seconds: 5, nanos: 0 };
    let status = call::<_, MySale>(not_a_text).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(errors::reason(&status).as_deref(), Some("REQUEST_MALFORMED"));
}

#[tokio::test]
async fn bytes_that_are_no_reply_are_the_servers_fault() {
    let request = GetMySaleRequest { post_id: ID.to_owned() };
    let status = call::<_, Timestamp>(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Internal);
    assert_eq!(errors::reason(&status).as_deref(), Some("REPLY_MALFORMED"));
}

#[tokio::test]
async fn the_worst_refusal_fits_into_the_headers_of_a_response() {
    let longest = Violation {
        field: "a_field_of_some_length[29].another_field_of_some_length".to_owned(),
        reason: "CONTROL_CHARACTER",
        description: "d".repeat(100),
    };
    let status = invalid(vec![longest; 20]);
    assert!(status.message().ends_with("; and 17 more"));
    let size = status.details().len() * 4 / 3 + status.message().len();
    assert!(size < 8 * 1024, "{size} bytes");
}
