//! The gRPC face of the sandbox towards operators.

use std::sync::Arc;

use jangteo::provider::v1::{
    GetSandboxRequest, ListChargesRequest, ListChargesResponse, Sandbox, UpdateSandboxRequest,
    charge::State, sandbox_service_server::SandboxService,
};
use jangteo_kit::{
    context::Context,
    execute::Stored,
    page::{Asked, newest},
    status::inconsistent,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::{Request, Response, Status};

use crate::{
    behaviour::Behaviour,
    domain::Charge,
    grpc::shown,
    store::entity::{Column, Entity},
};

/// Serves `jangteo.provider.v1.SandboxService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
    pub(crate) behaviour: Arc<Behaviour>,
}

#[tonic::async_trait]
impl SandboxService for Grpc {
    async fn get_sandbox(
        &self,
        _: Request<GetSandboxRequest>,
    ) -> Result<Response<Sandbox>, Status> {
        Ok(Response::new(self.behaviour.now()))
    }

    async fn update_sandbox(
        &self,
        request: Request<UpdateSandboxRequest>,
    ) -> Result<Response<Sandbox>, Status> {
        let UpdateSandboxRequest { latency_ms, jitter_ms, decline_from_krw, outage, lose_answers } =
            request.into_inner();
        let sandbox = Sandbox { latency_ms, jitter_ms, decline_from_krw, outage, lose_answers };
        self.behaviour.set(sandbox);
        Ok(Response::new(sandbox))
    }

    async fn list_charges(
        &self,
        request: Request<ListChargesRequest>,
    ) -> Result<Response<ListChargesResponse>, Status> {
        let request = request.into_inner();
        let find = match request.state() {
            State::Unspecified => Entity::find(),
            state => Entity::find().filter(Column::Refunded.eq(state == State::Refunded)),
        };
        let scope = format!("charges/{}", request.state);
        let asked = Asked { scope: &scope, size: request.page_size, token: &request.page_token };
        let order = (Column::CreateTime, Column::Id);
        let (rows, next_page_token) = newest(self.context.store(), find, order, asked).await?;
        let charges = rows
            .into_iter()
            .map(|row| Charge::read(row).map(|charge| shown(&charge)).map_err(inconsistent));
        let charges = charges.collect::<Result<_, _>>()?;
        Ok(Response::new(ListChargesResponse { charges, next_page_token }))
    }
}
