//! The journals of other contexts, asked over gRPC.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::Context as _;
use tonic::{
    Code, Request, Response, Status,
    transport::{Channel, Endpoint},
};
use tracing::{Instrument, Span};

use jangteo::journal::v1::{
    ListHeadsRequest, ListHeadsResponse, ReadEventsRequest, ReadEventsResponse,
    journal_service_client::JournalServiceClient,
};

use crate::{auth::ServiceIdentity, status, telemetry};

/// The service that every context has.
const JOURNAL: &str = "jangteo.journal.v1.JournalService";
/// How long a journal may take for a page.
const PAGE: Duration = Duration::from_secs(10);
/// The largest page of events that is taken.
const LARGEST: usize = 64 << 20;

/// Where the journals of the mesh are, and who asks.
#[derive(Clone)]
pub struct Sources(Arc<Inner>);

struct Inner {
    identity: ServiceIdentity,
    /// This process, for contexts without an address of their own.
    here: Channel,
    elsewhere: BTreeMap<String, Channel>,
}

impl Sources {
    /// Connects lazily to every peer.
    ///
    /// # Errors
    /// An address is malformed.
    pub fn new(
        identity: ServiceIdentity,
        here: &str,
        peers: &BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        let elsewhere = peers.iter().map(|(context, url)| {
            let channel = channel(url).with_context(|| {
                let variable = format!("JANGTEO_PEER_{}", context.to_uppercase());
                format!("{variable} must be a URL such as http://127.0.0.1:50051")
            });
            Ok((context.clone(), channel?))
        });
        let elsewhere = elsewhere.collect::<anyhow::Result<_>>()?;
        Ok(Self(Arc::new(Inner { identity, here: channel(here)?, elsewhere })))
    }

    /// The heads of a source.
    pub(super) async fn heads(
        &self,
        consumer: &str,
        ask: ListHeadsRequest,
    ) -> Result<ListHeadsResponse, Status> {
        let mut journal = self.journal(&ask.context);
        let span = telemetry::call(JOURNAL, "ListHeads");
        let request = self.request(&span, consumer, ask)?;
        answered(&span, journal.list_heads(request).instrument(span.clone()).await)
    }

    /// Events of a source.
    pub(super) async fn events(
        &self,
        consumer: &str,
        ask: ReadEventsRequest,
    ) -> Result<ReadEventsResponse, Status> {
        let mut journal = self.journal(&ask.context);
        let span = telemetry::call(JOURNAL, "ReadEvents");
        let request = self.request(&span, consumer, ask)?;
        answered(&span, journal.read_events(request).instrument(span.clone()).await)
    }

    fn journal(&self, context: &str) -> JournalServiceClient<Channel> {
        let channel = self.0.elsewhere.get(context).unwrap_or(&self.0.here).clone();
        JournalServiceClient::new(channel).max_decoding_message_size(LARGEST)
    }

    fn request<T>(&self, span: &Span, consumer: &str, ask: T) -> Result<Request<T>, Status> {
        let token =
            self.0.identity.token(consumer).map_err(|error| status::bug(&error.to_string()))?;
        let mut request = Request::new(ask);
        let bearer = format!("Bearer {token}");
        let bearer = bearer.parse().map_err(|_| status::bug("a token is ASCII"))?;
        request.metadata_mut().insert("authorization", bearer);
        request.set_timeout(PAGE);
        telemetry::inject(span, request.metadata_mut());
        Ok(request)
    }
}

/// The answer, which its span tells about.
fn answered<T>(span: &Span, answer: Result<Response<T>, Status>) -> Result<T, Status> {
    let code = answer.as_ref().err().map_or(Code::Ok, Status::code);
    telemetry::answered(span, code);
    answer.map(Response::into_inner)
}

fn channel(url: &str) -> anyhow::Result<Channel> {
    let endpoint = Endpoint::from_shared(url.to_owned())?;
    Ok(endpoint.connect_timeout(Duration::from_secs(2)).timeout(PAGE).connect_lazy())
}
