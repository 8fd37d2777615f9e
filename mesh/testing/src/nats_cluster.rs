//! Three brokers that are one: a `JetStream` cluster on this machine.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use async_nats::jetstream::{self, stream::ClusterInfo};

use crate::{Nats, ports, until::within};

/// How long they may take to find each other: nobody leads before 4 to 9 s are over.
const START: Duration = Duration::from_secs(40);
/// How long a broker may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Three running nats-servers, killed and cleared away when dropped. They are numbered from 0.
#[derive(Debug)]
pub struct NatsCluster {
    servers: [Nats; 3],
}

impl NatsCluster {
    /// Starts three that sync every message to disk before they acknowledge it, and waits until they
    /// are one.
    pub async fn start() -> Result<Self> {
        let routes = [(); 3].map(|()| ports::free());
        let begin = |number| Nats::begin("always", None, &membership(number, routes));
        let cluster = Self { servers: [begin(0)?, begin(1)?, begin(2)?] };
        cluster.ready().await?;
        Ok(cluster)
    }

    /// Where clients connect, to any of them: parted by commas.
    pub fn url(&self) -> String {
        self.urls().join(",")
    }

    /// Where the first one tells about itself.
    pub fn monitor_url(&self) -> String {
        self.servers[0].monitor_url()
    }

    /// A new connection to any that is there.
    pub async fn client(&self) -> Result<async_nats::Client> {
        Ok(async_nats::connect(self.urls().to_vec()).await?)
    }

    /// SIGKILL. The store stays.
    pub fn kill(&self, number: usize) {
        self.servers[number].kill();
    }

    /// SIGTERM: it hands over what it leads, and ends.
    pub fn terminate(&self, number: usize) -> Result<()> {
        self.servers[number].terminate()
    }

    /// Starts one again, killing it first if it runs, and waits until they are one.
    pub async fn restart(&self, number: usize) -> Result<()> {
        self.servers[number].restart().await?;
        self.ready().await
    }

    /// Who leads a stream; an error while nobody does.
    pub async fn leader_of(&self, stream: &str) -> Result<usize> {
        let leader = self.group_of(stream).await?.leader;
        number(leader.as_deref()).context("nobody leads it now")
    }

    /// Whether both followers of a stream have all that its leader has.
    pub async fn is_whole(&self, stream: &str) -> Result<bool> {
        let followers = self.group_of(stream).await?.replicas;
        Ok(followers.len() == 2 && followers.iter().all(|it| it.current && !it.offline))
    }

    /// Those who keep a stream, as its leader sees them: the others know less.
    async fn group_of(&self, stream: &str) -> Result<ClusterInfo> {
        let mut jetstream = jetstream::new(self.client().await?);
        jetstream.set_timeout(PATIENCE);
        let stream = jetstream.get_stream(stream).await?;
        stream.cached_info().cluster.clone().context("it is not of a cluster")
    }

    fn urls(&self) -> [String; 3] {
        self.servers.each_ref().map(Nats::url)
    }

    async fn ready(&self) -> Result<()> {
        for server in &self.servers {
            server.ready().await?;
        }
        let are_one = within(START, async || self.are_one().await.ok()).await;
        are_one.with_context(|| format!("they are not one:\n{}", self.servers[0].log()))
    }

    /// Checks that all follow one leader, whose followers are there and have heard all that it said.
    async fn are_one(&self) -> Result<()> {
        let mut told = vec![];
        for server in &self.servers {
            told.push(server.monitor("jsz").await?["meta_cluster"].take());
        }
        let names = told.iter().map(|of| number(of["leader"].as_str()));
        let [Some(leader), second, third] = names.collect::<Vec<_>>()[..] else {
            bail!("nobody leads");
        };
        ensure!([second, third] == [Some(leader); 2], "they follow different ones");
        let followers = told[leader]["replicas"].as_array().context("it has no followers")?;
        let heard = followers.iter().filter(|of| of["current"] == true && of["offline"] != true);
        ensure!(heard.count() == 2, "not all are there");
        Ok(())
    }
}

fn name(number: usize) -> String {
    format!("nats{number}")
}

/// The number of the server of this name.
fn number(named: Option<&str>) -> Option<usize> {
    (0..3).find(|number| named == Some(name(*number).as_str()))
}

/// What makes a server one of three.
fn membership(number: usize, routes: [u16; 3]) -> String {
    let all = routes.map(|port| format!("'nats://127.0.0.1:{port}'")).join(", ");
    format!(
        "server_name: {}\n\
         cluster {{ name: jangteo, listen: 127.0.0.1:{}, routes: [{all}] }}\n",
        name(number),
        routes[number]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::until;

    async fn publishes(context: &jetstream::Context) -> Option<()> {
        let sent = context.publish("kept.one", "it".into()).await.ok()?;
        sent.await.ok().map(drop)
    }

    async fn leader(cluster: &NatsCluster) -> usize {
        until(START, async || cluster.leader_of("KEPT").await.ok()).await
    }

    /// One of them is killed, and then a second one: two are a majority, one is none.
    #[tokio::test]
    async fn a_stream_outlives_its_leader_and_stops_without_a_majority() {
        let cluster = NatsCluster::start().await.unwrap();
        let context = jetstream::new(cluster.client().await.unwrap());
        let config = jetstream::stream::Config {
            name: "KEPT".into(),
            subjects: vec!["kept.>".into()],
            num_replicas: 3,
            ..Default::default()
        };
        context.create_stream(config).await.unwrap();
        until(START, async || publishes(&context).await).await;

        let first = leader(&cluster).await;
        cluster.kill(first);
        until(START, async || publishes(&context).await).await;
        let stream = until(START, async || context.get_stream("KEPT").await.ok()).await;
        assert!(stream.cached_info().state.messages >= 2, "nothing is lost");
        let second = leader(&cluster).await;
        assert_ne!(second, first);
        cluster.kill(second);
        let alone = within(2 * PATIENCE, async || publishes(&context).await).await;
        assert!(alone.is_none(), "one acknowledges nothing");

        // Neither is well without the other.
        cluster.servers[first].relaunch().unwrap();
        cluster.restart(second).await.unwrap();
        until(START, async || publishes(&context).await).await;
        let whole = async || cluster.is_whole("KEPT").await.ok().filter(|whole| *whole);
        until(START, whole).await;
    }
}
