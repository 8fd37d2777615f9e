//! The bare echo: what tonic can do on this machine when nothing is asked of it. It is started and
//! told its address as jangteo is, and answers jangteo's read with an answer of the same size.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use anyhow::{Context as _, Result};
use futures::future::BoxFuture;
use jangteo::view::v1::{GetMySaleRequest, MySale, my_sale::State};
use prost_types::Timestamp;
use tonic::{
    Request, Response, Status,
    body::Body,
    codegen::{Body as HttpBody, Service, StdError, http},
    server::{Grpc, NamedService, UnaryService},
    transport::Server,
};
use tonic_health::ServingStatus;
use tonic_prost::ProstCodec;

use crate::seller::{GOODS, NEIGHBOURHOOD, PRICE_KRW};

/// Who sells what is read.
pub(crate) const SELLER: &str = "seller01";

/// Serves until the process ends.
pub(crate) async fn serve() -> Result<()> {
    let addr = std::env::var("JANGTEO_GRPC_ADDR").context("JANGTEO_GRPC_ADDR is not set")?;
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_service_status("readiness", ServingStatus::Serving).await;
    Ok(Server::builder().add_service(health).add_service(Echo).serve(addr.parse()?).await?)
}

/// The answer of the size that jangteo's is of.
fn answer(post_id: String, seller: &str) -> MySale {
    let time = Some(Timestamp { seconds: 1_750_000_000, nanos: 123_000_000 });
    MySale {
        post_id,
        seller: seller.into(),
        goods: GOODS.into(),
        price_krw: PRICE_KRW,
        neighbourhood: NEIGHBOURHOOD.into(),
        state: State::Available.into(),
        create_time: time,
        update_time: time,
        ..MySale::default()
    }
}

#[derive(Clone)]
struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = "jangteo.view.v1.MySalesService";
}

impl<B> Service<http::Request<B>> for Echo
where
    B: HttpBody + Send + 'static,
    B::Error: Into<StdError> + Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        Box::pin(async move { Ok(Grpc::new(ProstCodec::default()).unary(Answer, request).await) })
    }
}

struct Answer;

impl UnaryService<GetMySaleRequest> for Answer {
    type Response = MySale;
    type Future = Ready<Result<Response<MySale>, Status>>;

    fn call(&mut self, request: Request<GetMySaleRequest>) -> Self::Future {
        ready(Ok(Response::new(answer(request.into_inner().post_id, SELLER))))
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn the_answer_of_the_echo_is_a_whole_sale() {
        let sale = answer("0".repeat(36), SELLER);
        assert!((100..130).contains(&sale.encoded_len()), "{}", sale.encoded_len());
    }
}
