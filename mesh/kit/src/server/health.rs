//! Whether a process lives, and whether it should be given work.

use std::sync::Arc;

use tokio::sync::Mutex;
use tonic_health::{
    ServingStatus,
    pb::health_server::{Health as HealthService, HealthServer},
    server::{HealthReporter, health_reporter},
};

/// The process has opened its doors; nothing turns it off again. What waits for this one does not yet
/// judge the other two.
const STARTUP: &str = "startup";
/// Restarting the process would help if this one fails.
const LIVENESS: &str = "liveness";
/// The process should get no new calls while this one fails.
const READINESS: &str = "readiness";

/// The health of a process, as `grpc.health.v1` tells it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Health {
    reporter: HealthReporter,
    ready: Vec<&'static str>,
    known: Arc<Mutex<Known>>,
}

/// What is known of a process.
#[derive(Clone, Copy, Debug)]
struct Known {
    alive: bool,
    ready: bool,
    /// No operator wants it to look otherwise.
    well: bool,
}

impl Known {
    fn is_alive(self) -> bool {
        self.alive && self.well
    }

    fn is_ready(self) -> bool {
        self.ready && self.well
    }
}

impl Health {
    /// Alive and not ready: readiness is told for the process, under the empty name as well, and
    /// for each service it hosts.
    pub(super) async fn start(
        services: &[&'static str],
    ) -> (Self, HealthServer<impl HealthService + use<>>) {
        let (reporter, server) = health_reporter();
        let ready = ["", READINESS].into_iter().chain(services.iter().copied()).collect();
        let known = Known { alive: true, ready: false, well: true };
        let health = Self { reporter, ready, known: Arc::new(Mutex::new(known)) };
        health.reporter.set_service_status(STARTUP, ServingStatus::Serving).await;
        health.tell_alive(known).await;
        health.tell_ready(known).await;
        (health, server)
    }

    /// Whether the process should be given work.
    pub async fn set_ready(&self, ready: bool) {
        self.learn(|known| known.ready = ready).await;
    }

    /// Whether the process is worth keeping.
    pub async fn set_alive(&self, alive: bool) {
        self.learn(|known| known.alive = alive).await;
    }

    /// Whether it says what it knows; if not, it says that it is neither alive nor ready.
    pub(crate) async fn set_well(&self, well: bool) {
        self.learn(|known| known.well = well).await;
    }

    /// Tells whatever is another thing than before.
    async fn learn(&self, what: impl FnOnce(&mut Known)) {
        let mut known = self.known.lock().await;
        let before = *known;
        what(&mut known);
        if known.is_alive() != before.is_alive() {
            self.tell_alive(*known).await;
        }
        if known.is_ready() != before.is_ready() {
            self.tell_ready(*known).await;
        }
    }

    async fn tell_alive(&self, known: Known) {
        self.reporter.set_service_status(LIVENESS, status(known.is_alive())).await;
    }

    async fn tell_ready(&self, known: Known) {
        for name in &self.ready {
            self.reporter.set_service_status(name, status(known.is_ready())).await;
        }
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
        let mut all = [Told::Unknown; 5];
        for (told, name) in all.iter_mut().zip([LIVENESS, READINESS, "", SERVICE, STARTUP]) {
            let request = HealthCheckRequest { service: name.to_owned() };
            *told = client.check(request).await.unwrap().into_inner().status();
        }
        let [all @ .., started] = all;
        assert_eq!(started, Told::Serving, "whatever becomes of the rest");
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

    #[tokio::test]
    async fn an_unhealthy_process_is_neither_whatever_it_learns_until_it_is_well_again() {
        use Told::{NotServing as No, Serving as Yes};
        let server = Running::start(Duration::ZERO).await;
        let (mut client, health) =
            (HealthClient::new(server.channel().await), &server.stack.health);
        health.set_ready(true).await;
        health.set_well(false).await;
        assert_eq!(told(&mut client).await, [No, No, No, No]);
        health.set_ready(false).await;
        health.set_ready(true).await;
        assert_eq!(told(&mut client).await, [No, No, No, No]);
        health.set_well(true).await;
        assert_eq!(told(&mut client).await, [Yes, Yes, Yes, Yes]);
    }
}
