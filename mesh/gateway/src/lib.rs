//! The single entry: native gRPC, gRPC-Web and HTTP with JSON, at one address, and the description
//! of it all as `OpenAPI`.
//!
//! It knows the contracts and nothing else: which RPCs there are, how `google.api.http` binds them,
//! and by the package of a service which context answers it. Who may call and what a request may
//! hold is decided where it is answered; the gateway passes tokens on and keeps none. What contexts
//! open to each other alone is not there.

mod binding;
mod contracts;
mod farewell;
mod health;
mod http_json;
mod native;
mod openapi;
mod query;
mod refusal;
mod reply;
mod request;
mod stream;
mod table;
mod template;
mod trace;
mod upstream;

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use anyhow::{Context as _, ensure};
use axum::{
    Router,
    extract::{Request, State},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Method, StatusCode, Uri, Version,
    header::{ALLOW, CONTENT_TYPE, ETAG, RETRY_AFTER},
};
use jangteo::errors::Refusal;
use jangteo_kit::server;
use tokio_util::sync::CancellationToken;
use tonic::{Code, service::Routes};
use tonic_health::pb::health_server::{HealthServer, SERVICE_NAME as HEALTH};
use tonic_reflection::server::Builder;
use tonic_web::GrpcWebLayer;
use tower::ServiceExt as _;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowHeaders, CorsLayer},
};
use utoipa_swagger_ui::{Config, SwaggerUi};

pub use crate::contracts::Contracts;
use crate::{health::Aggregated, refusal::Refused, table::Table, upstream::Upstreams};

/// Where the bindings are described, for programs
const OPENAPI: &str = "/openapi.json";
/// and for people, who can try them there.
const DOCS: &str = "/docs";

/// The forms of gRPC-Web.
const WEB: [&str; 4] = [
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/grpc-web-text+proto",
];

/// What a browser may read of an answer beside its body.
const EXPOSED: [&str; 4] =
    ["grpc-status", "grpc-message", "grpc-status-details-bin", "jangteo-token"];

/// The contracts, and where they are answered.
#[derive(Debug)]
struct Gateway {
    contracts: Contracts,
    table: Table,
    upstreams: Upstreams,
    /// Cancelled when streams have to end.
    leaving: CancellationToken,
    /// Made when it is first asked for.
    openapi: OnceLock<Bytes>,
}

/// A gateway by what it speaks.
#[derive(Clone)]
struct Doors {
    gateway: Arc<Gateway>,
    grpc: Router,
}

/// The whole of the gateway. Contexts are asked at `peers`, those without an address `here`; scripts
/// of these `origins`, such as `https://market.example`, may call it from a browser. With `leaving` streams
/// are ended, with word of it.
///
/// # Errors
/// An address or an origin is malformed, or a contract binds an RPC to what is no path.
pub fn router(
    contracts: Contracts,
    here: &str,
    peers: &BTreeMap<String, String>,
    origins: &[String],
    leaving: CancellationToken,
) -> anyhow::Result<Router> {
    let (table, upstreams) = (Table::of(&contracts)?, Upstreams::new(here, peers)?);
    let gateway =
        Arc::new(Gateway { contracts, table, upstreams, leaving, openapi: OnceLock::new() });
    let doors = Doors { grpc: grpc(&gateway)?, gateway };
    let docs = SwaggerUi::new(DOCS).config(Config::from(OPENAPI).validator_url("none"));
    let router = Router::new().route(OPENAPI, get(openapi)).fallback(enter).with_state(doors);
    let router = router.merge(docs);
    let router = router.layer(CatchPanicLayer::custom(|_| broken()));
    let router = router.layer(from_fn(trace::follow_http));
    Ok(if origins.is_empty() { router } else { router.layer(cors(origins)?) })
}

/// gRPC, native and from browsers: health and reflection for all, the rest routed.
fn grpc(gateway: &Arc<Gateway>) -> anyhow::Result<Router> {
    let contracts = &gateway.contracts;
    let names = contracts.services();
    let reflection = || {
        let builder = Builder::configure()
            .register_encoded_file_descriptor_set(contracts.set())
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .with_service_name(HEALTH);
        names.keys().fold(builder, Builder::with_service_name)
    };
    let health = HealthServer::new(Aggregated::of(Arc::clone(gateway)));
    let routes = Routes::new(health)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?);
    let passed = Arc::clone(gateway);
    let pass = move |request: Request| async move { native::pass(&passed, request).await };
    // What is passed on has its layers where it is answered.
    let own = server::open(routes.into_axum_router());
    let follow = from_fn_with_state(Arc::clone(gateway), trace::follow_grpc);
    // In trailers it is gRPC's own that say how a call ended.
    Ok(own.fallback(pass).layer(follow).layer(GrpcWebLayer::new()))
}

/// The bindings for whoever makes a client of them.
async fn openapi(State(doors): State<Doors>) -> impl IntoResponse {
    let gateway = doors.gateway;
    let made = || openapi::document(&gateway.table).to_string().into();
    ([(CONTENT_TYPE, "application/json")], gateway.openapi.get_or_init(made).clone())
}

/// A request to the door that speaks its language.
async fn enter(State(doors): State<Doors>, mut request: Request) -> Response {
    let Some(kind) = grpc_kind(&request) else {
        return http_json::call(&doors.gateway, request).await;
    };
    if let Err(refused) = fits(&kind, &request) {
        return http_json::refuse(refused, request).await;
    }
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        request.headers_mut().insert(CONTENT_TYPE, kind);
    }
    doors.grpc.oneshot(request).await.into_response()
}

/// The kind of gRPC that a request is, in small letters and without parameters.
fn grpc_kind(request: &Request) -> Option<String> {
    let kind = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = kind.split(';').next()?.trim().to_ascii_lowercase();
    essence.starts_with("application/grpc").then_some(essence)
}

/// Whether a request is a gRPC call, in a form that is understood.
fn speaks_grpc(request: &Request) -> bool {
    grpc_kind(request).is_some_and(|kind| fits(&kind, request).is_ok())
}

/// gRPC takes HTTP/2, gRPC-Web any version in one of four forms, both a POST.
fn fits(kind: &str, request: &Request) -> Result<(), Refused> {
    if request.method() != Method::POST {
        return Err(Refused::method("POST"));
    }
    let refused = |http, reason, said| {
        Err(Refused::from(Refusal::new(Code::Unimplemented, reason, said)).with_http(http))
    };
    let is_web = kind.starts_with("application/grpc-web");
    if is_web && !WEB.contains(&kind) {
        let said = "gRPC-Web is spoken with messages of protobuf, as such or as text";
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "NOT_GRPC_WEB", said);
    }
    if !is_web && request.version() < Version::HTTP_2 {
        let said = "gRPC takes HTTP/2: from HTTP/1.1 speak gRPC-Web or JSON";
        return refused(StatusCode::HTTP_VERSION_NOT_SUPPORTED, "NOT_HTTP2", said);
    }
    Ok(())
}

fn cors(origins: &[String]) -> anyhow::Result<CorsLayer> {
    let origins = origins.iter().map(|origin| {
        let uri: Uri = origin.parse().with_context(|| no_origin(origin))?;
        // Browsers name a scheme and a host, and nothing behind them.
        let is_whole = !origin.ends_with('/') && uri.path() == "/" && uri.query().is_none();
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        ensure!(is_whole && is_web, no_origin(origin));
        Ok(origin.parse::<HeaderValue>()?)
    });
    let exposed =
        EXPOSED.map(HeaderName::from_static).into_iter().chain([ETAG, RETRY_AFTER, ALLOW]);
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    Ok(CorsLayer::new()
        .allow_origin(origins.collect::<anyhow::Result<Vec<_>>>()?)
        .allow_methods(methods)
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed.collect::<Vec<_>>()))
}

fn no_origin(origin: &str) -> String {
    format!("an origin is like https://market.example, not `{origin}`")
}

/// What is said where the gateway itself has a bug; the panic hook has logged it.
fn broken() -> Response {
    let said = "the gateway has a bug: it may have happened, repeat it with the same request_id";
    Refused::from(Refusal::new(Code::Internal, "BUG", said)).into_response()
}
