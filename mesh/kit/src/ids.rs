//! Ids of requests.

use tonic::{Code, Status};
use uuid::Uuid;

use jangteo::errors::Refusal;

/// Reads the id in `field`.
///
/// # Errors
/// `INVALID_ARGUMENT`: it is no UUID. A validated request does not come that far.
pub fn parse(field: &str, text: &str) -> Result<Uuid, Status> {
    Uuid::try_parse(text).map_err(|_| {
        let said = format!("{field} must be a UUID");
        Refusal::new(Code::InvalidArgument, "FIELD_INVALID", said.clone())
            .violation(field, "NOT_A_UUID", said)
            .into()
    })
}
