//! Serves the switches of the contexts in this process.

use std::{sync::Arc, time::Duration};

use jangteo::{
    errors::Refusal,
    ops::v1::{
        ClearFaultsRequest, Faults, GetFaultsRequest, UpdateFaultsRequest,
        fault_service_server::FaultService,
    },
};
use tonic::{Code, Request, Response, Status};

use super::{Board, Switch};
use crate::{decide::Switches, status::not_here};

/// What turns switches on.
const SETTING: &str = "JANGTEO_FAULT_INJECTION";

/// Sets switches, if there are any.
pub(crate) struct FaultServer(Option<Arc<Board>>);

impl FaultServer {
    /// Without a board all is refused.
    pub(crate) fn new(board: Option<Arc<Board>>) -> Self {
        Self(board)
    }

    fn switch(&self, context: &str) -> Result<(&Board, &Switch), Status> {
        let board = self.0.as_deref().ok_or_else(disabled)?;
        Ok((board, board.of(context).ok_or_else(|| not_here(context))?))
    }

    async fn set(&self, context: String, switches: Switches) -> Result<Response<Faults>, Status> {
        let (board, switch) = self.switch(&context)?;
        board.set(switch, switches).await;
        tracing::warn!(context = context.as_str(), ?switches, "an operator has set faults");
        Ok(Response::new(shown(context, switches)))
    }
}

fn disabled() -> Status {
    let said =
        format!("nothing may misbehave on purpose here: start the process with {SETTING}=true");
    Refusal::new(Code::FailedPrecondition, "FAULT_INJECTION_DISABLED", said)
        .precondition("ENABLED", SETTING, "must be true")
        .into()
}

fn read(request: &UpdateFaultsRequest) -> Switches {
    let UpdateFaultsRequest { latency_ms, error_percent, hang, unhealthy, .. } = *request;
    Switches {
        latency: Duration::from_millis(u64::try_from(latency_ms).unwrap_or(0)),
        error_percent: u32::try_from(error_percent).unwrap_or(0),
        hang,
        unhealthy,
    }
}

fn shown(context: String, switches: Switches) -> Faults {
    let Switches { latency, error_percent, hang, unhealthy } = switches;
    Faults {
        context,
        latency_ms: i64::try_from(latency.as_millis()).unwrap_or(i64::MAX),
        error_percent: i32::try_from(error_percent).unwrap_or(i32::MAX),
        hang,
        unhealthy,
    }
}

#[tonic::async_trait]
impl FaultService for FaultServer {
    async fn get_faults(
        &self,
        request: Request<GetFaultsRequest>,
    ) -> Result<Response<Faults>, Status> {
        let context = request.into_inner().context;
        let (_, switch) = self.switch(&context)?;
        let now = switch.now();
        Ok(Response::new(shown(context, now)))
    }

    async fn update_faults(
        &self,
        request: Request<UpdateFaultsRequest>,
    ) -> Result<Response<Faults>, Status> {
        let request = request.into_inner();
        let switches = read(&request);
        self.set(request.context, switches).await
    }

    async fn clear_faults(
        &self,
        request: Request<ClearFaultsRequest>,
    ) -> Result<Response<Faults>, Status> {
        self.set(request.into_inner().context, Switches::default()).await
    }
}

#[cfg(test)]
mod tests {
    use jangteo::errors::reason;
    use tokio_util::sync::CancellationToken;
    use tonic_types::StatusExt;

    use super::*;

    fn enabled() -> FaultServer {
        FaultServer::new(Some(Arc::new(Board::new([("post", CancellationToken::new())]))))
    }

    fn faults(context: &str) -> UpdateFaultsRequest {
        UpdateFaultsRequest {
            context: context.to_owned(),
            latency_ms: 700,
            error_percent: 30,
            hang: true,
            unhealthy: false,
        }
    }

    async fn now(server: &FaultServer) -> Faults {
        let asked = Request::new(GetFaultsRequest { context: "post".to_owned() });
        server.get_faults(asked).await.unwrap().into_inner()
    }

    #[tokio::test]
    async fn what_is_set_is_told_until_it_is_cleared() {
        let server = enabled();
        let well = Faults { context: "post".to_owned(), ..Faults::default() };
        assert_eq!(now(&server).await, well);
        let set = server.update_faults(Request::new(faults("post"))).await.unwrap().into_inner();
        assert_eq!((set.latency_ms, set.error_percent), (700, 30));
        assert_eq!((set.hang, set.unhealthy), (true, false));
        assert_eq!(now(&server).await, set);
        let clear = Request::new(ClearFaultsRequest { context: "post".to_owned() });
        assert_eq!(server.clear_faults(clear).await.unwrap().into_inner(), well);
        assert_eq!(now(&server).await, well);
    }

    #[tokio::test]
    async fn what_another_process_serves_does_not_misbehave_here() {
        let refused = enabled().update_faults(Request::new(faults("view"))).await.unwrap_err();
        assert_eq!(reason(&refused).as_deref(), Some("CONTEXT_NOT_HERE"));
    }

    #[tokio::test]
    async fn unless_it_is_enabled_all_is_refused() {
        let server = FaultServer::new(None);
        let refused = server.update_faults(Request::new(faults("post"))).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert_eq!(reason(&refused).as_deref(), Some("FAULT_INJECTION_DISABLED"));
        assert!(refused.message().contains(SETTING), "{refused:?}");
        assert!(refused.get_details_precondition_failure().is_some());
    }
}
