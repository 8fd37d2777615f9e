//! Rebuilds read models, for operators.

use jangteo::{
    errors::Refusal,
    view::v1::{
        GetReadModelGenerationRequest, ReadModelGeneration, RebuildReadModelRequest,
        read_model_generation::State, rebuild_service_server::RebuildService,
    },
};
use jangteo_kit::{
    context::Context,
    project::{Generation, ReadModel, Stage, find_generation, start_rebuild},
    status::failed,
};
use tonic::{Code, Request, Response, Status};

use crate::project::ALL;

/// Serves `jangteo.view.v1.RebuildService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

#[tonic::async_trait]
impl RebuildService for Grpc {
    async fn rebuild_read_model(
        &self,
        request: Request<RebuildReadModelRequest>,
    ) -> Result<Response<ReadModelGeneration>, Status> {
        let model = named(&request.into_inner().read_model)?;
        let generation = start_rebuild(&self.context, model).await.map_err(failed)?;
        Ok(Response::new(shown(generation)))
    }

    async fn get_read_model_generation(
        &self,
        request: Request<GetReadModelGenerationRequest>,
    ) -> Result<Response<ReadModelGeneration>, Status> {
        let request = request.into_inner();
        let model = named(&request.read_model)?;
        let found = find_generation(&self.context, model, request.generation).await;
        found.map_err(failed)?.map(|one| Response::new(shown(one))).ok_or_else(|| {
            let said = format!("{model} never had a generation {}", request.generation);
            Refusal::new(Code::NotFound, "GENERATION_NOT_FOUND", said).into()
        })
    }
}

fn named(name: &str) -> Result<&'static str, Status> {
    let known = ALL.map(ReadModel::name);
    known.into_iter().find(|known| *known == name).ok_or_else(|| {
        let said = format!("there is no read model `{name}`: there are {}", known.join(", "));
        Refusal::new(Code::NotFound, "READ_MODEL_NOT_FOUND", said).into()
    })
}

fn shown(generation: Generation) -> ReadModelGeneration {
    let state = match generation.stage {
        Stage::Building => State::Building,
        Stage::Serving => State::Serving,
        Stage::Gone => State::Gone,
    };
    ReadModelGeneration {
        read_model: generation.name,
        generation: generation.number,
        state: state.into(),
    }
}
