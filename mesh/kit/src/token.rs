//! Consistency tokens: what a write hands to the reads that follow it.

use tonic::{Code, Status, metadata::MetadataMap};
use uuid::Uuid;

use jangteo::{
    errors::Refusal,
    ops::v1::{ConsistencyToken, consistency_token::Written},
};

use crate::execute::Head;

/// The header that carries a token, both ways.
pub const HEADER: &str = "jangteo-token";

/// An aggregate that a caller wants to see no older than this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The context that owns it.
    pub context: String,
    /// Its kind.
    pub kind: String,
    /// The aggregate.
    pub id: Uuid,
    /// The sequence of the event that must have been applied.
    pub sequence: i64,
}

/// The token of one write.
pub(crate) fn of(context: &str, kind: &str, head: &Head) -> String {
    let written = Written {
        context: context.to_owned(),
        kind: kind.to_owned(),
        aggregate_id: head.id.as_bytes().to_vec(),
        sequence: head.sequence,
    };
    let token = ConsistencyToken { written: vec![written] };
    jangteo::token::encode(&token).expect("one aggregate fits into a token")
}

/// The token of a request; nothing where it carries none.
///
/// # Errors
/// `INVALID_ARGUMENT`, `CONSISTENCY_TOKEN_INVALID`.
pub fn of_request(metadata: &MetadataMap) -> Result<Vec<Seen>, Status> {
    let Some(text) = metadata.get(HEADER) else { return Ok(Vec::new()) };
    let text = text.to_str().map_err(|_| invalid())?;
    let token = jangteo::token::decode(text).map_err(|_| invalid())?;
    token.written.into_iter().map(seen).collect()
}

fn seen(written: Written) -> Result<Seen, Status> {
    let id = Uuid::from_slice(&written.aggregate_id).map_err(|_| invalid())?;
    Ok(Seen { context: written.context, kind: written.kind, id, sequence: written.sequence })
}

fn invalid() -> Status {
    let said =
        format!("the {HEADER} header is not a token of ours: send back what a write answered");
    Refusal::new(Code::InvalidArgument, "CONSISTENCY_TOKEN_INVALID", said).into()
}
