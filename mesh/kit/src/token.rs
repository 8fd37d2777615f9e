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

/// The token of one write; nothing as long as nothing was told of it.
pub(crate) fn of(context: &str, kind: &str, head: &Head) -> String {
    if head.sequence == 0 {
        return String::new();
    }
    let written = Written {
        context: context.to_owned(),
        kind: kind.to_owned(),
        aggregate_id: head.id.as_bytes().to_vec(),
        sequence: head.sequence,
    };
    let token = ConsistencyToken { written: vec![written] };
    jangteo::token::encode(&token).expect("one aggregate fits into a token")
}

/// Both tokens in one; where one of them can't be read, or both are too long, the other alone: who
/// reads with less waits for less.
pub(crate) fn merged(one: &str, other: &str) -> String {
    let read = |text: &str| jangteo::token::decode(text).unwrap_or_default().written;
    let mut written = read(one);
    for more in read(other) {
        let same = |it: &Written| {
            (&it.context, &it.kind, &it.aggregate_id)
                == (&more.context, &more.kind, &more.aggregate_id)
        };
        match written.iter_mut().find(|it| same(it)) {
            Some(known) => known.sequence = known.sequence.max(more.sequence),
            None => written.push(more),
        }
    }
    jangteo::token::encode(&ConsistencyToken { written }).unwrap_or_else(|_| other.to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn token(posts: impl IntoIterator<Item = (u128, i64)>) -> String {
        let written = posts.into_iter().map(|(post, sequence)| Written {
            context: "post".to_owned(),
            kind: "post".to_owned(),
            aggregate_id: Uuid::from_u128(post).as_bytes().to_vec(),
            sequence,
        });
        jangteo::token::encode(&ConsistencyToken { written: written.collect() }).unwrap()
    }

    #[test]
    fn both_tokens_are_waited_for_and_of_one_aggregate_the_later_event() {
        let merged = merged(&token([(1, 5), (2, 1)]), &token([(2, 3), (1, 4), (3, 1)]));
        assert_eq!(merged, token([(1, 5), (2, 3), (3, 1)]));
    }

    #[test]
    fn nothing_adds_nothing() {
        let one = token([(1, 1)]);
        assert_eq!((merged("", &one), merged(&one, "")), (one.clone(), one));
        assert_eq!(merged("", ""), "");
    }

    #[test]
    fn what_cannot_be_read_leaves_the_other() {
        let one = token([(1, 1)]);
        assert_eq!((merged("?", &one), merged(&one, "?")), (one.clone(), one));
    }

    #[test]
    fn of_both_that_are_too_long_together_the_second_stays() {
        let (one, other) = (token((0..120).map(|n| (n, 1))), token((100..220).map(|n| (n, 1))));
        assert_eq!(merged(&one, &other), other);
    }
}
