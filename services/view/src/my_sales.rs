//! Serves a seller's own sales.

mod queries;
mod watch;

use futures::stream::BoxStream;
use jangteo::{
    errors::Refusal,
    view::v1::{
        GetMySaleRequest, ListMySalesRequest, ListMySalesResponse, MySale, WatchMySalesRequest,
        WatchMySalesResponse, my_sales_service_server::MySalesService,
    },
};
use jangteo_kit::{
    ids::parse,
    page::{PageToken, cut, page_size},
    project::Served,
};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use crate::{PAGE, project::my_sales::MySales};

/// Serves `jangteo.view.v1.MySalesService`.
pub(crate) struct Grpc {
    pub(crate) served: Served<MySales>,
}

#[tonic::async_trait]
impl MySalesService for Grpc {
    async fn get_my_sale(
        &self,
        request: Request<GetMySaleRequest>,
    ) -> Result<Response<MySale>, Status> {
        let seller = self.served.person(&request).await?;
        let post = parse("post_id", &request.into_inner().post_id)?;
        let find = |db, generation| queries::one(db, generation, &seller, post);
        let found = self.served.find(find).await?;
        found.map(|row| Response::new(queries::shown(row))).ok_or_else(absent)
    }

    async fn list_my_sales(
        &self,
        request: Request<ListMySalesRequest>,
    ) -> Result<Response<ListMySalesResponse>, Status> {
        let seller = self.served.person(&request).await?;
        let request = request.into_inner();
        let scope = format!("my_sales/{seller}");
        let limit = page_size(request.page_size, PAGE);
        let token = PageToken::parse(&scope, &request.page_token)?;
        let after = token.map(|mut token| token.take::<Uuid>()).transpose()?;
        let find = |db, generation| queries::some(db, generation, &seller, after, limit + 1);
        let rows = self.served.read(find).await?;
        let (rows, next_page_token) =
            cut(rows, limit, |last| PageToken::new(&scope).with(last.post_id));
        let sales = rows.into_iter().map(queries::shown).collect();
        Ok(Response::new(ListMySalesResponse { sales, next_page_token }))
    }

    type WatchMySalesStream = BoxStream<'static, Result<WatchMySalesResponse, Status>>;

    async fn watch_my_sales(
        &self,
        request: Request<WatchMySalesRequest>,
    ) -> Result<Response<Self::WatchMySalesStream>, Status> {
        let seller = self.served.person(&request).await?;
        let token = request.into_inner().resume_token;
        self.served.watch(watch::Of { seller }, &token).map(Response::new)
    }
}

fn absent() -> Status {
    let said =
        "there is no such sale of yours: a new post may take a moment, send its jangteo-token";
    Refusal::new(Code::NotFound, "MY_SALE_NOT_FOUND", said).into()
}
