//! The gRPC face of payments: requests in, commands out. No rules live here.

use jangteo::payment::v1::{
    ApprovePaymentRequest, CancelPaymentRequest, CancelPaymentResponse, GetPaymentRequest,
    ListPaymentsRequest, ListPaymentsResponse, Payment as Shown, payment::State as ShownState,
    payment_service_server::PaymentService,
};
use jangteo_kit::{
    context::Context,
    event::timestamp,
    execute::{Call, Stored, Versioned, accept, caller, execute, get, user},
    ids::parse,
    status::{inconsistent, refusal},
};
use tonic::{Request, Response, Status};

use crate::{
    domain::{Command, Order, Payment, Rejection, State},
    queries,
    store::entity,
};

type Reply<T> = Result<Response<T>, Status>;

/// Serves `jangteo.payment.v1.PaymentService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
}

#[tonic::async_trait]
impl PaymentService for Grpc {
    async fn get_payment(&self, request: Request<GetPaymentRequest>) -> Reply<Shown> {
        let reader = user(&caller(&request))?;
        let id = parse("id", &request.into_inner().id)?;
        let found = get::<Payment>(&self.context, id).await?;
        found
            .filter(|found| found.state.order.payer == reader)
            .map(|found| Response::new(shown(&found)))
            .ok_or_else(|| refusal(&Rejection::NotFound).into())
    }

    async fn list_payments(
        &self,
        request: Request<ListPaymentsRequest>,
    ) -> Reply<ListPaymentsResponse> {
        let reader = user(&caller(&request))?;
        let request = request.into_inner();
        let (rows, next_page_token) =
            queries::list(self.context.store(), &request, &reader).await?;
        let payments = rows.into_iter().map(row).collect::<Result<_, _>>()?;
        Ok(Response::new(ListPaymentsResponse { payments, next_page_token }))
    }

    async fn approve_payment(&self, request: Request<ApprovePaymentRequest>) -> Reply<Shown> {
        let (call, body) = Call::keyed(request);
        let (id, key) = (Payment::id_of(&body.call_key), body.call_key);
        let order = Order { payer: body.payer, payee: body.payee, amount_krw: body.amount_krw };
        execute::<Payment>(&self.context, call, id, Command::Approve { key, order }).await
    }

    async fn cancel_payment(
        &self,
        request: Request<CancelPaymentRequest>,
    ) -> Reply<CancelPaymentResponse> {
        let (call, body) = Call::keyed(request);
        let (id, at) = (Payment::id_of(&body.call_key), call.at);
        let (key, refund) = (body.call_key, body.refund);
        let order = Order { payer: body.payer, payee: body.payee, amount_krw: body.amount_krw };
        let cancel = Command::Cancel { key, order, refund, at };
        accept::<Payment, _>(&self.context, call, id, cancel).await
    }
}

/// A payment as its payer sees it.
pub(crate) fn shown(Versioned { state: payment, head }: &Versioned<Payment>) -> Shown {
    let (state, refunded, reason) = match &payment.state {
        State::Approving => (ShownState::Approving, false, ""),
        State::Approved => (ShownState::Approved, false, ""),
        State::Declined { why } => (ShownState::Declined, false, why.reason.as_str()),
        State::Cancelling { why, .. } => (ShownState::Cancelling, false, why.reason.as_str()),
        State::Cancelled { refunded, why } => {
            (ShownState::Cancelled, *refunded, why.reason.as_str())
        }
    };
    Shown {
        id: head.id.to_string(),
        key: payment.key.clone(),
        payer: payment.order.payer.clone(),
        payee: payment.order.payee.clone(),
        amount_krw: payment.order.amount_krw,
        state: state.into(),
        refunded,
        reason: reason.to_owned(),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
    }
}

/// A row of a list as its reader sees it.
fn row(row: entity::Model) -> Result<Shown, Status> {
    Ok(shown(&Payment::read(row).map_err(inconsistent)?))
}
