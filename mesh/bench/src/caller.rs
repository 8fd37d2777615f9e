//! Somebody who calls a server, with as little work of his own as there can be: he shares the
//! machine with it.

use anyhow::Result;
use bytes::Bytes;
use jangteo_testing::{Node, grpc::Verbatim};
use tonic::{
    Request, Status, client::Grpc, codegen::http::uri::PathAndQuery, metadata::MetadataMap,
    transport::Channel,
};

use crate::load::CONNECTIONS;

/// A person on some connections.
pub(crate) struct Caller {
    channels: Vec<Channel>,
    metadata: MetadataMap,
}

impl Caller {
    /// Somebody with this token, on connections of his own.
    pub(crate) fn new(node: &Node, token: &str) -> Result<Self> {
        Self::over(|| node.channel(), token)
    }

    /// The same, through the gateway that the node hosts.
    pub(crate) fn through(node: &Node, token: &str) -> Result<Self> {
        Self::over(|| node.http_channel(), token)
    }

    fn over(connect: impl FnMut() -> Channel, token: &str) -> Result<Self> {
        let metadata = signed((), token)?.metadata().clone();
        let channels = std::iter::repeat_with(connect).take(CONNECTIONS).collect();
        Ok(Self { channels, metadata })
    }

    /// Calls an RPC by its path; `n` chooses the connection.
    pub(crate) async fn call(
        &self,
        n: u64,
        path: &'static str,
        body: Bytes,
    ) -> Result<Bytes, Status> {
        let mut client = Grpc::new(self.channels[pick(n, self.channels.len())].clone());
        client.ready().await.map_err(|error| Status::unavailable(format!("not sent: {error}")))?;
        let mut request = Request::new(body);
        *request.metadata_mut() = self.metadata.clone();
        let path = PathAndQuery::from_static(path);
        Ok(client.unary(request, path, Verbatim).await?.into_inner())
    }
}

/// A request of whoever has this token.
pub(crate) fn signed<T>(request: T, token: &str) -> Result<Request<T>> {
    let mut request = Request::new(request);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse()?);
    Ok(request)
}

/// One of so many, each as often as the others.
pub(crate) fn pick(n: u64, count: usize) -> usize {
    usize::try_from(n % count as u64).expect("it is less than the count")
}
