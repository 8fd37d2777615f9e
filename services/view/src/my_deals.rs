//! Serves a person's own deals.

mod queries;
#[cfg(test)]
mod tests;
mod watch;

use futures::stream::BoxStream;
use jangteo::{
    errors::Refusal,
    view::v1::{
        GetMyDealRequest, ListMyDealsRequest, ListMyDealsResponse, MyDeal, WatchMyDealsRequest,
        WatchMyDealsResponse, my_deals_service_server::MyDealsService,
    },
};
use jangteo_kit::{
    ids::parse,
    page::{PageToken, cut, page_size},
    project::Served,
};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use self::queries::Wanted;
use crate::{PAGE, project::my_deals::MyDeals};

/// Serves `jangteo.view.v1.MyDealsService`.
pub(crate) struct Grpc {
    pub(crate) served: Served<MyDeals>,
}

#[tonic::async_trait]
impl MyDealsService for Grpc {
    async fn get_my_deal(
        &self,
        request: Request<GetMyDealRequest>,
    ) -> Result<Response<MyDeal>, Status> {
        let person = self.served.person(&request).await?;
        let deal = parse("deal_id", &request.into_inner().deal_id)?;
        let find = |db, generation| queries::one(db, generation, &person, deal);
        let found = self.served.find(find).await?;
        found.map(|row| Response::new(queries::shown(row))).ok_or_else(absent)
    }

    async fn list_my_deals(
        &self,
        request: Request<ListMyDealsRequest>,
    ) -> Result<Response<ListMyDealsResponse>, Status> {
        let person = self.served.person(&request).await?;
        let request = request.into_inner();
        let wanted = Wanted { person, side: request.side(), state: request.state() };
        let scope = wanted.scope();
        let limit = page_size(request.page_size, PAGE);
        let token = PageToken::parse(&scope, &request.page_token)?;
        let after = token.map(|mut token| token.take::<Uuid>()).transpose()?;
        let find = |db, generation| queries::some(db, generation, &wanted, after, limit + 1);
        let rows = self.served.read(find).await?;
        let (rows, next_page_token) =
            cut(rows, limit, |(last, _)| PageToken::new(&scope).with(last.deal_id));
        let deals = rows.into_iter().map(queries::shown).collect();
        Ok(Response::new(ListMyDealsResponse { deals, next_page_token }))
    }

    type WatchMyDealsStream = BoxStream<'static, Result<WatchMyDealsResponse, Status>>;

    async fn watch_my_deals(
        &self,
        request: Request<WatchMyDealsRequest>,
    ) -> Result<Response<Self::WatchMyDealsStream>, Status> {
        let person = self.served.person(&request).await?;
        let token = request.into_inner().resume_token;
        self.served.watch(watch::Of { person }, &token).map(Response::new)
    }
}

fn absent() -> Status {
    let said =
        "there is no such deal of yours: a new one may take a moment, send its jangteo-token";
    Refusal::new(Code::NotFound, "MY_DEAL_NOT_FOUND", said).into()
}
