//! Serves a seller's own sales.

mod queries;
mod watch;

use futures::stream::BoxStream;
use jangteo::view::v1::{
    GetMySaleRequest, ListMySalesRequest, ListMySalesResponse, MySale, WatchMySalesRequest,
    WatchMySalesResponse, my_sales_service_server::MySalesService,
};
use jangteo_kit::{
    context::Context,
    execute::{caller, user},
    ids::parse,
    project::{serving, wait_for},
    status::failed,
    store::{Failure, Never},
    token,
};
use sea_orm::DbErr;
use tonic::{Code, Request, Response, Status};

use jangteo::errors::Refusal;

use crate::project::my_sales::MySales;

/// Serves `jangteo.view.v1.MySalesService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

impl Grpc {
    /// Who asks, once the view has caught up with what he has written.
    async fn seller<T>(&self, request: &Request<T>) -> Result<String, Status> {
        let seen = token::of_request(request.metadata())?;
        wait_for(&self.context, &MySales, &seen).await?;
        user(&caller(request))
    }

    async fn generation(&self) -> Result<i64, Status> {
        let db = self.context.store().reader().map_err(failed)?;
        Ok(serving::<Never>(db, "my_sales").await.map_err(failed)?.number)
    }

    /// Reads from the generation that serves. One that is replaced takes its rows along: what was
    /// read while that happened is read again.
    async fn read<T, F>(&self, read: impl Fn(i64) -> F + Send + Sync) -> Result<T, Status>
    where
        T: Send,
        F: Future<Output = Result<T, Status>> + Send,
    {
        let mut generation = self.generation().await?;
        loop {
            let answer = read(generation).await;
            let now = self.generation().await?;
            if now == generation {
                return answer;
            }
            generation = now;
        }
    }
}

#[tonic::async_trait]
impl MySalesService for Grpc {
    async fn get_my_sale(
        &self,
        request: Request<GetMySaleRequest>,
    ) -> Result<Response<MySale>, Status> {
        let seller = self.seller(&request).await?;
        let post = parse("post_id", &request.into_inner().post_id)?;
        let db = self.context.store().reader().map_err(failed)?;
        let found = self.read(|generation| queries::one(db, generation, &seller, post)).await?;
        found.map(|row| Response::new(queries::shown(row))).ok_or_else(absent)
    }

    async fn list_my_sales(
        &self,
        request: Request<ListMySalesRequest>,
    ) -> Result<Response<ListMySalesResponse>, Status> {
        let seller = self.seller(&request).await?;
        let request = request.into_inner();
        let db = self.context.store().reader().map_err(failed)?;
        self.read(|generation| queries::page(db, generation, &seller, &request))
            .await
            .map(Response::new)
    }

    type WatchMySalesStream = BoxStream<'static, Result<WatchMySalesResponse, Status>>;

    async fn watch_my_sales(
        &self,
        request: Request<WatchMySalesRequest>,
    ) -> Result<Response<Self::WatchMySalesStream>, Status> {
        let seller = self.seller(&request).await?;
        let from = watch::Place::parse(&request.into_inner().resume_token)?;
        Ok(Response::new(watch::changes(self.context.clone(), seller, from)))
    }
}

fn absent() -> Status {
    let said =
        "there is no such sale of yours: a new post may take a moment, send its jangteo-token";
    Refusal::new(Code::NotFound, "MY_SALE_NOT_FOUND", said).into()
}

fn database(error: DbErr) -> Status {
    failed(Failure::Database(error))
}
