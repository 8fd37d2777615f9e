//! Serves the dead letters of the contexts in this process.

use std::{collections::BTreeMap, sync::Arc};

use jangteo::{
    errors::Refusal,
    ops::v1::{
        DeadLetter, DiscardDeadLetterRequest, DiscardDeadLetterResponse, GetDeadLetterRequest,
        ListDeadLettersRequest, ListDeadLettersResponse, RedriveDeadLetterRequest,
        RedriveDeadLetterResponse, dead_letter_service_server::DeadLetterService,
    },
};
use tonic::{Code, Request, Response, Status};

use super::{
    Follower, Letter,
    follower::remedied,
    held::{self, Parked},
    letter::{Remedied, Remedy},
};
use crate::{
    context::Context,
    event::timestamp,
    page::{PageToken, cut, page_size},
    status::{failed, not_here, unread},
};

/// A context, and all that follows others for it.
type Following = (Context, Arc<[Arc<dyn Follower>]>);

/// The dead letters of the contexts in this process.
pub(crate) struct DeadLetterServer(BTreeMap<&'static str, Following>);

impl DeadLetterServer {
    /// Those of these contexts.
    pub(crate) fn new(all: impl IntoIterator<Item = Following>) -> Self {
        Self(all.into_iter().map(|following| (following.0.name(), following)).collect())
    }

    fn following(&self, context: &str) -> Result<&Following, Status> {
        self.0.get(context).ok_or_else(|| not_here(context))
    }

    /// The letter of an id, and where it lies.
    fn letter(&self, id: &str) -> Result<(&Following, Letter), Status> {
        let (context, place) = id.split_once('/').ok_or_else(gone)?;
        Ok((self.following(context)?, place.parse().map_err(|_| gone())?))
    }

    /// Applies a remedy at whichever follower has the letter.
    async fn remedy(&self, id: &str, by: Remedy) -> Result<(), Status> {
        let ((context, followers), letter) = self.letter(id)?;
        match remedied(context, followers, &letter, by).await.map_err(failed)? {
            Remedied::Gone => Err(gone()),
            Remedied::Through => {
                tracing::warn!(id, remedy = ?by, "dead letter is done with");
                Ok(())
            }
            Remedied::Again(cause) => Err(again(&cause)),
        }
    }
}

fn gone() -> Status {
    let said = "there is no such dead letter, or not any more: list them";
    Refusal::new(Code::NotFound, "DEAD_LETTER_NOT_FOUND", said).into()
}

fn again(cause: &str) -> Status {
    let said = format!("it can't be applied and stays parked: {cause}");
    Refusal::new(Code::FailedPrecondition, "PARKED_AGAIN", said)
        .precondition("APPLICABLE", "event", cause)
        .into()
}

#[tonic::async_trait]
impl DeadLetterService for DeadLetterServer {
    async fn list_dead_letters(
        &self,
        request: Request<ListDeadLettersRequest>,
    ) -> Result<Response<ListDeadLettersResponse>, Status> {
        let request = request.into_inner();
        if !request.context.is_empty() {
            self.following(&request.context)?;
        }
        let scope = format!("dead/{}", request.context);
        let after = match PageToken::parse(&scope, &request.page_token)? {
            None => None,
            Some(mut token) => Some(token.take::<String>()?),
        };
        let after = after.as_deref().and_then(|id| id.split_once('/'));
        let limit = page_size(request.page_size, 100);
        let mut found = vec![];
        for (name, (context, _)) in &self.0 {
            let wanted = request.context.is_empty() || request.context == *name;
            let passed = after.is_some_and(|(context, _)| context > *name);
            let room = (limit + 1).saturating_sub(found.len() as u64);
            if !wanted || passed || room == 0 {
                continue;
            }
            let after = after.filter(|(context, _)| context == name);
            let after = after.and_then(|(_, place)| place.parse().ok());
            found.extend(page(context, after, room).await?);
        }
        let last = |row: &DeadLetter| PageToken::new(&scope).with(&row.id);
        let (dead_letters, next_page_token) = cut(found, limit, last);
        Ok(Response::new(ListDeadLettersResponse { dead_letters, next_page_token }))
    }

    async fn get_dead_letter(
        &self,
        request: Request<GetDeadLetterRequest>,
    ) -> Result<Response<DeadLetter>, Status> {
        let ((context, _), letter) = self.letter(&request.into_inner().id)?;
        let db = context.store().reader().map_err(failed)?;
        let found = held::parked_one(db, &letter).await.map_err(unread)?;
        let parked = found.ok_or_else(gone)?;
        let event = parked.event().map_err(failed)?;
        Ok(Response::new(DeadLetter { event: Some(event), ..shown(context, parked).await? }))
    }

    async fn redrive_dead_letter(
        &self,
        request: Request<RedriveDeadLetterRequest>,
    ) -> Result<Response<RedriveDeadLetterResponse>, Status> {
        self.remedy(&request.into_inner().id, Remedy::Redrive).await?;
        Ok(Response::new(RedriveDeadLetterResponse {}))
    }

    async fn discard_dead_letter(
        &self,
        request: Request<DiscardDeadLetterRequest>,
    ) -> Result<Response<DiscardDeadLetterResponse>, Status> {
        self.remedy(&request.into_inner().id, Remedy::Discard).await?;
        Ok(Response::new(DiscardDeadLetterResponse {}))
    }
}

async fn page(
    context: &Context,
    after: Option<Letter>,
    limit: u64,
) -> Result<Vec<DeadLetter>, Status> {
    let db = context.store().reader().map_err(failed)?;
    let rows = held::parked(db, after, limit).await.map_err(unread)?;
    let mut page = Vec::with_capacity(rows.len());
    for row in rows {
        page.push(shown(context, row).await?);
    }
    Ok(page)
}

async fn shown(context: &Context, parked: Parked) -> Result<DeadLetter, Status> {
    let db = context.store().reader().map_err(failed)?;
    let waiting = held::waiting(db, &parked.letter).await.map_err(unread)?;
    Ok(DeadLetter {
        id: format!("{}/{}", context.name(), parked.letter),
        context: context.name().to_owned(),
        event_type: parked.event().map(|event| event.r#type).unwrap_or_default(),
        consumer: parked.letter.consumer,
        cause: parked.cause,
        attempts: parked.attempts,
        traceparent: parked.traceparent,
        create_time: Some(timestamp(parked.time)),
        waiting: waiting.try_into().unwrap_or(i64::MAX),
        event: None,
    })
}
