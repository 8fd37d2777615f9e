//! The single entry: native gRPC, gRPC-Web and HTTP with JSON, at one address, and the description
//! of it all as `OpenAPI`.
//!
//! It knows the contracts and nothing else: which RPCs there are, how `google.api.http` binds them,
//! and by the package of a service which context answers it. Who may call and what a request may
//! hold is decided where it is answered; the gateway passes tokens on and keeps none. What contexts
//! open to each other alone is not there.

mod binding;
mod contracts;
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
mod upstream;

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use anyhow::Context as _;
use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Method,
    header::{ALLOW, CONTENT_TYPE, ETAG, RETRY_AFTER},
};
use jangteo::errors::Refusal;
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

/// What a browser may read of an answer beside its body.
const EXPOSED: [&str; 4] =
    ["grpc-status", "grpc-message", "grpc-status-details-bin", "jangteo-token"];

/// The contracts, and where they are answered.
#[derive(Debug)]
struct Gateway {
    contracts: Contracts,
    table: Table,
    upstreams: Upstreams,
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
/// of these `origins`, such as `https://market.example`, may call it from a browser.
///
/// # Errors
/// An address or an origin is malformed, or a contract binds an RPC to what is no path.
pub fn router(
    contracts: Contracts,
    here: &str,
    peers: &BTreeMap<String, String>,
    origins: &[String],
) -> anyhow::Result<Router> {
    let (table, upstreams) = (Table::of(&contracts)?, Upstreams::new(here, peers)?);
    let gateway = Arc::new(Gateway { contracts, table, upstreams, openapi: OnceLock::new() });
    let doors = Doors { grpc: grpc(&gateway)?, gateway };
    let docs = SwaggerUi::new(DOCS).config(Config::from(OPENAPI).validator_url("none"));
    let router = Router::new().route(OPENAPI, get(openapi)).fallback(enter).with_state(doors);
    let router = router.merge(docs);
    let router = router.layer(CatchPanicLayer::custom(|_| broken()));
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
    let routes = Routes::new(HealthServer::new(Aggregated(Arc::clone(gateway))))
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?);
    let passed = Arc::clone(gateway);
    let pass = move |request: Request| async move {
        native::pass(&passed, request.map(tonic::body::Body::new)).await
    };
    Ok(routes.into_axum_router().fallback(pass).layer(GrpcWebLayer::new()))
}

/// The bindings for whoever makes a client of them.
async fn openapi(State(doors): State<Doors>) -> impl IntoResponse {
    let gateway = doors.gateway;
    let made = || openapi::document(&gateway.table).to_string().into();
    ([(CONTENT_TYPE, "application/json")], gateway.openapi.get_or_init(made).clone())
}

/// A request to the door that speaks its language.
async fn enter(State(doors): State<Doors>, request: Request) -> Response {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("application/grpc")) {
        return doors.grpc.oneshot(request).await.into_response();
    }
    http_json::call(&doors.gateway, request).await
}

fn cors(origins: &[String]) -> anyhow::Result<CorsLayer> {
    let origins = origins.iter().map(|origin| {
        let is_one = origin.starts_with("http://") || origin.starts_with("https://");
        let named = || format!("an origin is like https://market.example, not {origin}");
        is_one.then_some(()).with_context(named)?;
        origin.parse::<HeaderValue>().with_context(named)
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

/// What is said where the gateway itself has a bug; the panic hook has logged it.
fn broken() -> Response {
    let said = "the gateway has a bug: it may have happened, repeat it with the same request_id";
    Refused::from(Refusal::new(Code::Internal, "BUG", said)).into_response()
}
