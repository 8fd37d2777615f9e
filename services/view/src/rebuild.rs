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
    project::{Generation, ReadModel, Stage, extent, find_generation, start_rebuild},
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
        self.shown(generation).await
    }

    async fn get_read_model_generation(
        &self,
        request: Request<GetReadModelGenerationRequest>,
    ) -> Result<Response<ReadModelGeneration>, Status> {
        let request = request.into_inner();
        let model = named(&request.read_model)?;
        let found = find_generation(&self.context, model, request.generation).await;
        let found = found.map_err(failed)?.ok_or_else(|| {
            let said = format!("{model} never had a generation {}", request.generation);
            Refusal::new(Code::NotFound, "GENERATION_NOT_FOUND", said)
        })?;
        self.shown(found).await
    }
}

impl Grpc {
    async fn shown(&self, generation: Generation) -> Result<Response<ReadModelGeneration>, Status> {
        let (aggregates, behind) = extent(&self.context, &generation).await.map_err(failed)?;
        let count = |many: u64| i64::try_from(many).unwrap_or(i64::MAX);
        Ok(Response::new(ReadModelGeneration {
            state: state(generation.stage).into(),
            read_model: generation.name,
            generation: generation.number,
            aggregates: count(aggregates),
            behind: count(behind),
        }))
    }
}

fn named(name: &str) -> Result<&'static str, Status> {
    let known = ALL.map(ReadModel::name);
    known.into_iter().find(|known| *known == name).ok_or_else(|| {
        let said = format!("there is no read model `{name}`: there are {}", known.join(", "));
        Refusal::new(Code::NotFound, "READ_MODEL_NOT_FOUND", said).into()
    })
}

fn state(stage: Stage) -> State {
    match stage {
        Stage::Building => State::Building,
        Stage::Serving => State::Serving,
        Stage::Gone => State::Gone,
    }
}
