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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic::transport::Channel;
    use tonic_health::pb::{
        HealthCheckRequest, health_check_response::ServingStatus as Told,
        health_client::HealthClient,
    };

    use super::*;
    use crate::server::sample::Running;

    const SERVICE: &str = "jangteo.view.v1.MySalesService";

    async fn told(client: &mut HealthClient<Channel>) -> [Told; 4] {
        let mut all = [Told::Unknown; 4];
        for (told, name) in all.iter_mut().zip([LIVENESS, READINESS, "", SERVICE]) {
            let request = HealthCheckRequest { service: name.to_owned() };
            *told = client.check(request).await.unwrap().into_inner().status();
        }
        all
    }

    #[tokio::test]
    async fn a_process_is_alive_before_it_is_ready() {
        use Told::{NotServing as No, Serving as Yes};
        let server = Running::start(Duration::ZERO).await;
        let mut client = HealthClient::new(server.channel().await);
        assert_eq!(told(&mut client).await, [Yes, No, No, No]);
        server.stack.health.set_ready(true).await;
        assert_eq!(told(&mut client).await, [Yes, Yes, Yes, Yes]);
        server.stack.health.set_ready(false).await;
        assert_eq!(told(&mut client).await, [Yes, No, No, No]);
        server.stack.health.set_alive(false).await;
        assert_eq!(told(&mut client).await, [No, No, No, No]);
    }
}
