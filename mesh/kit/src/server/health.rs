//! Whether a process lives, and whether it should be given work.

use tonic_health::{
    ServingStatus,
    pb::health_server::{Health as HealthService, HealthServer},
    server::{HealthReporter, health_reporter},
};

/// Restarting the process would help if this one fails.
const LIVENESS: &str = "liveness";
/// The process should get no new calls while this one fails.
const READINESS: &str = "readiness";

/// The health of a process, as `grpc.health.v1` tells it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Health {
    reporter: HealthReporter,
    ready: Vec<&'static str>,
}

impl Health {
    /// Alive and not ready: readiness is told for the process, under the empty name as well, and
    /// for each service it hosts.
    pub(super) async fn start(
        services: &[&'static str],
    ) -> (Self, HealthServer<impl HealthService + use<>>) {
        let (reporter, server) = health_reporter();
        let ready = ["", READINESS].into_iter().chain(services.iter().copied()).collect();
        let health = Self { reporter, ready };
        health.set_alive(true).await;
        health.set_ready(false).await;
        (health, server)
    }

    /// Whether the process should be given work.
    pub async fn set_ready(&self, ready: bool) {
        for name in &self.ready {
            self.reporter.set_service_status(name, status(ready)).await;
        }
    }

    /// Whether the process is worth keeping.
    pub async fn set_alive(&self, alive: bool) {
        self.reporter.set_service_status(LIVENESS, status(alive)).await;
    }
}

fn status(good: bool) -> ServingStatus {
    if good { ServingStatus::Serving } else { ServingStatus::NotServing }
}
