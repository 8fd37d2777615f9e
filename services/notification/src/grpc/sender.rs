//! Sends dispatches, for whoever wakes them.

use jangteo::notification::v1::{
    SendDispatchRequest, SendDispatchResponse, send_dispatch_response::Outcome as Told,
    sender_service_server::SenderService,
};
use jangteo_kit::{context::Context, execute::get, ids::parse, status::refusal};
use tonic::{Request, Response, Status};

use super::Reply;
use crate::{
    channel::{Channel, State},
    dispatch::{self, Dispatch, Outcome, Rejection},
    domain::Notification,
    send::{Letter, Senders},
};

/// Characters that are kept of why something did not go through.
const FAILURE: usize = 300;

/// Serves `jangteo.notification.v1.SenderService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
    pub(crate) senders: Senders,
}

#[tonic::async_trait]
impl SenderService for Grpc {
    async fn send_dispatch(
        &self,
        request: Request<SendDispatchRequest>,
    ) -> Reply<SendDispatchResponse> {
        let SendDispatchRequest { dispatch_id, call_key } = request.into_inner();
        let id = parse("dispatch_id", &dispatch_id)?;
        let dispatch = get::<Dispatch>(&self.context, id).await?;
        let dispatch = dispatch.ok_or_else(|| Status::from(refusal(&Rejection::NotFound)))?;
        if dispatch.state.state != dispatch::State::Sending || dispatch.state.key() != call_key {
            // Whoever asks so late is not listened to any more.
            return Ok(Response::new(told(Outcome::Failed("this try is over".to_owned()))));
        }
        let outcome = self.sent(&dispatch.state, dispatch.head.create_time).await?;
        Ok(Response::new(told(outcome)))
    }
}

impl Grpc {
    async fn sent(&self, dispatch: &Dispatch, at: i64) -> Result<Outcome, Status> {
        let Some((to, letter)) = self.letter(dispatch, at).await? else {
            return Ok(Outcome::Refused("there is nothing to send any more".to_owned()));
        };
        let senders = self.senders.clone();
        // Half a mail is worse than one that nobody waits for.
        Ok(self.context.outlive(async move { senders.send(&to, &letter).await }).await)
    }

    /// What a dispatch carries, and where to; nothing if the channel is not open any more.
    async fn letter(
        &self,
        dispatch: &Dispatch,
        at: i64,
    ) -> Result<Option<(State, Letter)>, Status> {
        let Some(channel) = get::<Channel>(&self.context, dispatch.channel).await? else {
            return Ok(None);
        };
        let channel = channel.state;
        let letter = match dispatch.notification {
            None => Letter::asking(dispatch.id, &channel, at),
            Some(id) => {
                let notification = get::<Notification>(&self.context, id).await?;
                notification.and_then(|notification| Letter::of(&channel, &notification.state))
            }
        };
        Ok(letter.map(|letter| (channel.state, letter)))
    }
}

fn told(outcome: Outcome) -> SendDispatchResponse {
    let (outcome, failure) = match outcome {
        Outcome::Sent => (Told::Sent, String::new()),
        Outcome::Failed(failure) => (Told::Failed, failure),
        Outcome::Refused(failure) => (Told::Refused, failure),
    };
    let failure = failure.chars().take(FAILURE).collect();
    SendDispatchResponse { outcome: outcome.into(), failure }
}
