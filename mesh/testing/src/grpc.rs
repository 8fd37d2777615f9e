//! A client that knows every contract from its descriptor, and can also break them.

use std::str::FromStr as _;

use bytes::{Buf, BufMut, Bytes};
use futures::{StreamExt as _, stream::BoxStream};
use jangteo::descriptors;
use jangteo_kit::peer::Way;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};
use serde_json::Value;
use tonic::{
    Request, Response, Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::http::uri::PathAndQuery,
    metadata::{AsciiMetadataKey, MetadataMap},
    transport::Channel,
};

/// What carries calls.
#[derive(Clone, Debug)]
pub enum Carrier {
    /// A channel of tonic's.
    Channel(Channel),
    /// One that sends again what could not leave.
    Way(Box<Way>),
}

impl From<Channel> for Carrier {
    fn from(channel: Channel) -> Self {
        Self::Channel(channel)
    }
}

impl From<Way> for Carrier {
    fn from(way: Way) -> Self {
        Self::Way(Box::new(way))
    }
}

/// What is sent.
#[derive(Clone, Debug)]
pub enum Body {
    /// The request as proto3 JSON.
    Json(Value),
    /// The request as a message.
    Message(DynamicMessage),
    /// Bytes that need not be a request at all.
    Raw(Bytes),
}

impl From<Value> for Body {
    fn from(json: Value) -> Self {
        Self::Json(json)
    }
}

impl From<DynamicMessage> for Body {
    fn from(message: DynamicMessage) -> Self {
        Self::Message(message)
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Raw(bytes)
    }
}

/// Metadata beside the token, such as `("jangteo-token", …)` or `("grpc-timeout", "500m")`.
pub type Metadata<'a> = &'a [(&'a str, &'a str)];

/// Calls an RPC by its path, such as `/jangteo.post.v1.PostService/CreatePost`, and answers its
/// reply with the metadata of headers and trailers.
///
/// Panics where the contracts know no such RPC, or JSON does not fit its request.
pub async fn call(
    carrier: impl Into<Carrier>,
    path: &str,
    body: impl Into<Body>,
    token: Option<&str>,
    metadata: Metadata<'_>,
) -> Result<(DynamicMessage, MetadataMap), Status> {
    let method = method(path);
    let body = encode(&method, body.into());
    let reply = raw(carrier, path, body, token, metadata).await?;
    let (metadata, bytes, _) = reply.into_parts();
    Ok((decode(method.output(), bytes)?, metadata))
}

/// Calls a server-streaming RPC by its path. Panics like [`call`].
pub async fn stream(
    carrier: impl Into<Carrier>,
    path: &str,
    body: impl Into<Body>,
    token: Option<&str>,
    metadata: Metadata<'_>,
) -> Result<BoxStream<'static, Result<DynamicMessage, Status>>, Status> {
    let method = method(path);
    let body = encode(&method, body.into());
    let replies = raw_stream(carrier, path, body, token, metadata).await?;
    let output = method.output();
    Ok(replies.map(move |bytes| decode(output.clone(), bytes?)).boxed())
}

/// Calls any path with any bytes, and answers bytes.
pub async fn raw(
    carrier: impl Into<Carrier>,
    path: &str,
    body: Bytes,
    token: Option<&str>,
    metadata: Metadata<'_>,
) -> Result<Response<Bytes>, Status> {
    let (request, path) = (request(body, token, metadata), parse(path));
    match carrier.into() {
        Carrier::Channel(channel) => ready(channel).await?.unary(request, path, Verbatim).await,
        Carrier::Way(way) => Grpc::new(*way).unary(request, path, Verbatim).await,
    }
}

/// Calls any server-streaming path with any bytes, and answers bytes.
pub async fn raw_stream(
    carrier: impl Into<Carrier>,
    path: &str,
    body: Bytes,
    token: Option<&str>,
    metadata: Metadata<'_>,
) -> Result<BoxStream<'static, Result<Bytes, Status>>, Status> {
    let (request, path) = (request(body, token, metadata), parse(path));
    let replies = match carrier.into() {
        Carrier::Channel(channel) => {
            ready(channel).await?.server_streaming(request, path, Verbatim).await?
        }
        Carrier::Way(way) => Grpc::new(*way).server_streaming(request, path, Verbatim).await?,
    };
    Ok(replies.into_inner().boxed())
}

/// The RPC of a path. Panics where the contracts know none.
pub fn method(path: &str) -> MethodDescriptor {
    let (service, name) = path.trim_start_matches('/').split_once('/').expect("/service/method");
    let service = descriptors().get_service_by_name(service);
    let method = service.and_then(|service| service.methods().find(|method| method.name() == name));
    method.unwrap_or_else(|| panic!("no contract knows {path}"))
}

/// A message as proto3 JSON, to be compared with what a test expects.
pub fn json(message: &DynamicMessage) -> Value {
    serde_json::to_value(message).expect("every message has a JSON form")
}

fn encode(method: &MethodDescriptor, body: Body) -> Bytes {
    match body {
        Body::Json(json) => DynamicMessage::deserialize(method.input(), json)
            .unwrap_or_else(|error| panic!("no {}: {error}", method.input().name()))
            .encode_to_vec()
            .into(),
        Body::Message(message) => message.encode_to_vec().into(),
        Body::Raw(bytes) => bytes,
    }
}

fn decode(output: MessageDescriptor, bytes: Bytes) -> Result<DynamicMessage, Status> {
    DynamicMessage::decode(output, bytes)
        .map_err(|error| Status::internal(format!("the reply breaks its contract: {error}")))
}

fn request(body: Bytes, token: Option<&str>, metadata: Metadata<'_>) -> Request<Bytes> {
    let mut request = Request::new(body);
    let bearer = token.map(|token| format!("Bearer {token}"));
    let bearer = bearer.iter().map(|bearer| ("authorization", bearer.as_str()));
    for (key, value) in metadata.iter().copied().chain(bearer) {
        let key = AsciiMetadataKey::from_str(key).expect("a lower-case header name");
        request.metadata_mut().append(key, value.parse().expect("a header value"));
    }
    request
}

async fn ready(channel: Channel) -> Result<Grpc<Channel>, Status> {
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| Status::unavailable(format!("not sent: {error}")))?;
    Ok(client)
}

fn parse(path: &str) -> PathAndQuery {
    PathAndQuery::from_str(path).expect("a path")
}

/// Bytes as they are.
#[derive(Clone, Copy, Debug)]
pub struct Verbatim;

impl Codec for Verbatim {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Verbatim {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Verbatim {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use serde_json::json;
    use tokio::task::JoinSet;
    use tonic::{
        Code,
        transport::{Endpoint, Server},
    };

    use super::*;
    use crate::ports;

    const CREATE: &str = "/jangteo.post.v1.PostService/CreatePost";

    fn channel(address: SocketAddr) -> Channel {
        Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy()
    }

    fn nowhere() -> SocketAddr {
        (Ipv4Addr::LOCALHOST, ports::free()).into()
    }

    #[test]
    fn json_becomes_the_request_of_the_method() {
        let bytes = encode(&method(CREATE), json!({ "goods": "의자", "priceKrw": "5000" }).into());
        let request = decode(method(CREATE).input(), bytes).unwrap();
        assert_eq!(json(&request), json!({ "goods": "의자", "priceKrw": "5000" }));
    }

    #[test]
    #[should_panic(expected = "no CreatePostRequest")]
    fn json_that_does_not_fit_is_a_mistake_of_the_test() {
        encode(&method(CREATE), json!({ "no such field": 1 }).into());
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_unavailable() {
        let status = call(channel(nowhere()), CREATE, json!({}), None, &[]).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
    }

    #[tokio::test]
    async fn a_real_server_answers_raw_calls() {
        let address = nowhere();
        let (_reporter, health) = tonic_health::server::health_reporter();
        let mut server = JoinSet::new();
        server.spawn(Server::builder().add_service(health).serve(address));
        let path = "/grpc.health.v1.Health/Check";
        let reply = crate::until(std::time::Duration::from_secs(10), async || {
            raw(channel(address), path, Bytes::new(), Some("any"), &[("x-any", "thing")]).await.ok()
        })
        .await;
        // Field 1, SERVING.
        assert_eq!(reply.into_inner().as_ref(), [0x08, 0x01]);
        let broken = Bytes::from_static(&[0xff]);
        let status = raw(channel(address), path, broken, None, &[]).await.unwrap_err();
        assert_eq!(status.code(), Code::Internal);
    }
}
