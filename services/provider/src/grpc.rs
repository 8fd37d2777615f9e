//! The gRPC face of the sandbox towards payment.

use std::sync::Arc;

use jangteo::provider::v1::{
    Charge as Shown, ChargePayerRequest, RefundPayerRequest, RefundPayerResponse, Sandbox,
    charge::State as ShownState, provider_service_server::ProviderService,
};
use jangteo_kit::{
    clock,
    context::Context,
    event::timestamp,
    execute::{Call, Versioned, take, undo},
};
use tonic::{Request, Response, Status};

use crate::{
    behaviour::{Behaviour, latency, up},
    domain::{Charge, Command, Rule},
};

type Reply<T> = Result<Response<T>, Status>;

/// Serves `jangteo.provider.v1.ProviderService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
    pub(crate) behaviour: Arc<Behaviour>,
}

impl Grpc {
    /// Does `work` as the sandbox behaves now, to its end, whether or not the caller still waits.
    async fn behaving<T: Send + 'static>(
        &self,
        work: impl Future<Output = Reply<T>> + Send + 'static,
    ) -> Reply<T> {
        let sandbox = self.behaviour.now();
        up(&sandbox)?;
        let takes = latency(&sandbox, clock::chance());
        let done = self.context.outlive(async move {
            // Even a pause of nothing would take a millisecond.
            if !takes.is_zero() {
                tokio::time::sleep(takes).await;
            }
            work.await
        });
        lost(&sandbox, done.await).await
    }
}

/// An answer that gets lost never comes: the caller gives up.
async fn lost<T>(sandbox: &Sandbox, answer: Reply<T>) -> Reply<T> {
    if sandbox.lose_answers { std::future::pending().await } else { answer }
}

#[tonic::async_trait]
impl ProviderService for Grpc {
    async fn charge_payer(&self, request: Request<ChargePayerRequest>) -> Reply<Shown> {
        let (call, body) = Call::keyed(request);
        let (id, at) = (Charge::id_of(&body.call_key), call.at);
        let rule = Rule { decline_from_krw: self.behaviour.now().decline_from_krw };
        let ChargePayerRequest { payer, amount_krw, call_key: key } = body;
        let command = Command::Make { key, payer, amount_krw, rule, at };
        let context = self.context.clone();
        self.behaving(async move { take::<Charge>(&context, call, id, command).await }).await
    }

    async fn refund_payer(
        &self,
        request: Request<RefundPayerRequest>,
    ) -> Reply<RefundPayerResponse> {
        let (call, body) = Call::keyed(request);
        let (id, command) = (Charge::id_of(&body.call_key), Command::Refund { at: call.at });
        let context = self.context.clone();
        self.behaving(async move { undo::<Charge, _>(&context, call, id, command).await }).await
    }
}

/// A charge as the ledger shows it.
pub(crate) fn shown(Versioned { state: charge, head }: &Versioned<Charge>) -> Shown {
    let state = if charge.refunded { ShownState::Refunded } else { ShownState::Charged };
    Shown {
        id: head.id.to_string(),
        key: charge.key.clone(),
        payer: charge.payer.clone(),
        amount_krw: charge.amount_krw,
        state: state.into(),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
    }
}
