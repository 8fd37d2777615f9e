//! The journals of other contexts, asked over gRPC.

use std::time::Duration;

use tonic::Status;

use jangteo::journal::v1::{
    ListHeadsRequest, ListHeadsResponse, ReadEventsRequest, ReadEventsResponse,
};

use crate::peer::Peers;

const HEADS: &str = "/jangteo.journal.v1.JournalService/ListHeads";
const EVENTS: &str = "/jangteo.journal.v1.JournalService/ReadEvents";
/// How long a journal may take for a page.
const PAGE: Duration = Duration::from_secs(10);

/// The journals of the mesh.
#[derive(Clone)]
pub struct Sources(Peers);

impl Sources {
    /// Those of `peers`.
    pub fn new(peers: Peers) -> Self {
        Self(peers)
    }

    /// The heads of a source.
    pub(crate) async fn heads(
        &self,
        consumer: &'static str,
        ask: ListHeadsRequest,
    ) -> Result<ListHeadsResponse, Status> {
        self.0.read(consumer, &ask.context, HEADS, &ask, PAGE).await
    }

    /// Events of a source.
    pub(crate) async fn events(
        &self,
        consumer: &'static str,
        ask: ReadEventsRequest,
    ) -> Result<ReadEventsResponse, Status> {
        self.0.read(consumer, &ask.context, EVENTS, &ask, PAGE).await
    }
}
