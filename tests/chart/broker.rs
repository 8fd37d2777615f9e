//! The demo broker as the chart configures it, run by a real nats-server: each context may do there
//! what it does, and nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Stdio,
};

use anyhow::{Context as _, Result};
use async_nats::{Client, ConnectOptions, Event};
use bytes::Bytes;
use jangteo_testing::{Node, ports, scratch, tokens::Keys, until, within};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    process::Child,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

use super::{
    objects::{contents, list},
    render::preset,
    table::Table,
};
use crate::{
    mesh::BINARY,
    seller::{LONG, Seller},
    stories::shell,
};

/// What is nobody's business, about whichever stream.
const NOBODYS: [&str; 8] = [
    "STREAM.DELETE",
    "STREAM.MSG.DELETE",
    "STREAM.MSG.GET",
    "STREAM.PURGE",
    "STREAM.RESTORE",
    "STREAM.SNAPSHOT",
    "STREAM.UPDATE",
    "DIRECT.GET",
];

/// Runs it so that it ends with this test, however that ends.
const RUN: &str = r#"
    set -- "${NATS_SERVER:-nats-server}" --config "$1"
    command -v setpriv >/dev/null && set -- setpriv --pdeathsig KILL "$@"
    exec "$@"
"#;

/// The demo broker, ended when dropped.
struct Broker {
    // Above the directory: a server must be gone before its files are.
    _process: Child,
    _dir: TempDir,
    addr: String,
    monitor: String,
    /// Where each context finds it, with its user and password.
    urls: BTreeMap<String, String>,
}

impl Broker {
    async fn start() -> Self {
        Self::start_with(|config| config).await
    }

    /// Starts it with its configuration changed.
    async fn start_with(change: impl FnOnce(String) -> String) -> Self {
        let dir = scratch::directory("broker").unwrap();
        let [addr, monitor] = [(); 2].map(|()| format!("127.0.0.1:{}", ports::free()));
        let config = change(configuration(dir.path(), &addr, &monitor));
        let process = serve(dir.path(), &config).unwrap();
        let log = dir.path().join("log");
        within(LONG, async || TcpStream::connect(&addr).await.ok()).await.unwrap_or_else(|| {
            panic!("the broker does not start:\n{}", fs::read_to_string(log).unwrap_or_default())
        });
        let urls = urls(&addr);
        Self { _process: process, _dir: dir, addr, monitor: format!("http://{monitor}"), urls }
    }

    /// How a context signs in.
    fn user(&self, context: &str) -> ConnectOptions {
        let who = self.urls[context].trim_start_matches("nats://").split_once('@');
        let (user, password) = who.and_then(|(who, _)| who.split_once(':')).expect("it has both");
        ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
    }

    /// Which consumers it knows, with their streams.
    async fn consumers(&self) -> Result<BTreeSet<(String, String)>> {
        let jsz = self.monitor("jsz?consumers=true").await?;
        let accounts = list(&jsz, "/account_details").iter();
        let streams = accounts.flat_map(|account| list(account, "/stream_detail"));
        let consumers = streams.flat_map(|stream| {
            let all = list(stream, "/consumer_detail").iter();
            all.filter_map(|it| Some((it["stream_name"].as_str()?, it["name"].as_str()?)))
        });
        Ok(consumers.map(|(stream, name)| (stream.to_owned(), name.to_owned())).collect())
    }

    async fn monitor(&self, page: &str) -> Result<Value> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(http.get(format!("{}/{page}", self.monitor)).send().await?.json().await?)
    }
}

/// The chart's configuration, at other places.
fn configuration(dir: &Path, addr: &str, monitor: &str) -> String {
    let map = preset("as it comes").part("ConfigMap", "nats").expect("it is configured");
    let config = contents(map).remove("nats.conf").expect("it is called so");
    let store = format!("store_dir: '{}'", dir.join("store").display());
    let replaced = [
        ("\nport: 4222\n", format!("\nlisten: {addr}\n")),
        ("\nhttp_port: 8222\n", format!("\nhttp: {monitor}\n")),
        ("store_dir: /data/jetstream", store),
    ];
    replaced.into_iter().fold(config, |config, (before, after)| {
        assert_eq!(config.matches(before).count(), 1, "{before} in\n{config}");
        config.replace(before, &after)
    })
}

/// A nats-server with the passwords that the chart has made for its users.
fn serve(dir: &Path, config: &str) -> Result<Child> {
    let file = dir.join("nats.conf");
    fs::write(&file, config)?;
    let objects = preset("as it comes");
    let broker = objects.part("StatefulSet", "nats").context("it is deployed")?;
    let passwords = objects.environment(&broker["spec"]["template"]["spec"]["containers"][0]);
    let log = fs::File::create(dir.join("log"))?;
    let mut command = shell::bash();
    command.args(["-c", RUN, "bash"]).arg(file).envs(passwords);
    Ok(command.stdout(Stdio::null()).stderr(log).spawn()?)
}

fn urls(addr: &str) -> BTreeMap<String, String> {
    let objects = preset("as it comes");
    let contexts = Table::read().names().map(|context| {
        let deployment = objects.part("Deployment", context).expect("it is deployed");
        let container = &deployment["spec"]["template"]["spec"]["containers"][0];
        let url = objects.environment(container).remove("JANGTEO_NATS_URL").expect("it is told");
        let (who, _) = url.rsplit_once('@').expect("it has a user");
        (context.to_owned(), format!("{who}@{addr}"))
    });
    contexts.collect()
}

/// A connection of a context's, and what the broker refuses it.
struct User {
    client: Client,
    refusals: UnboundedReceiver<String>,
}

impl User {
    async fn connect(broker: &Broker, context: &str) -> Self {
        let (told, refusals) = unbounded_channel();
        let options = broker
            .user(context)
            .custom_inbox_prefix(format!("_INBOX_{}", context.to_uppercase()))
            .event_callback(move |event| {
                if let Event::ServerError(error) = event {
                    // Nobody listens any more when the test is over.
                    drop(told.send(error.to_string()));
                }
                async {}
            });
        let client = options.connect(&broker.addr).await.unwrap();
        Self { client, refusals }
    }

    /// Whether it may send this. What the broker then thinks of it is another question.
    async fn may_send(&mut self, subject: &str) -> bool {
        tokio::select! {
            _ = self.client.request(subject.to_owned(), Bytes::new()) => true,
            () = refused(&mut self.refusals, subject) => false,
        }
    }

    /// Whether it is refused to listen to this.
    async fn may_not_hear(&mut self, subject: &str) -> bool {
        let _subscriber = self.client.subscribe(subject.to_owned()).await.unwrap();
        timeout(LONG, refused(&mut self.refusals, subject)).await.is_ok()
    }
}

/// Waits until the broker refuses this subject.
async fn refused(refusals: &mut UnboundedReceiver<String>, subject: &str) {
    let quoted = format!("\"{subject}\"");
    loop {
        match refusals.recv().await {
            Some(refusal) if refusal.contains(&quoted) => return,
            Some(_) => {}
            None => std::future::pending().await,
        }
    }
}

/// What a context may send to do with the stream of a source, and what not.
fn rights(table: &Table, user: &str, source: &str) -> Vec<(String, bool)> {
    let stream = source.to_uppercase();
    let (own, follows) = (user == source, table.follows(user, source));
    let mut rights = vec![
        (format!("jangteo.{source}.p00.Tried"), own),
        (format!("$JS.API.STREAM.INFO.{stream}"), own),
        (format!("$JS.API.STREAM.CREATE.{stream}"), own),
        (format!("$JS.API.CONSUMER.CREATE.{stream}"), own),
        (format!("$JS.API.CONSUMER.CREATE.{stream}.{user}"), follows),
        (format!("$JS.API.CONSUMER.INFO.{stream}.{user}"), own || follows),
        (format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{user}"), own || follows),
    ];
    let nobodys = NOBODYS.map(|what| (format!("$JS.API.{what}.{stream}"), false));
    rights.extend(nobodys);
    for other in table.names().filter(|it| *it != user && table.follows(it, source)) {
        rights.extend([
            (format!("$JS.API.CONSUMER.CREATE.{stream}.{other}"), false),
            (format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.{other}"), false),
            (format!("$JS.API.CONSUMER.DELETE.{stream}.{other}"), false),
            (format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{other}"), false),
            (format!("$JS.ACK.{stream}.{other}.1.1.1.1.1"), false),
        ]);
    }
    rights
}

/// What contexts may and should not, or may not and should.
async fn wrong(broker: &Broker, users: &[&str]) -> Vec<String> {
    let table = Table::read();
    let mut found = vec![];
    for context in users {
        let mut user = User::connect(broker, context).await;
        for (subject, right) in table.names().flat_map(|source| rights(table, context, source)) {
            if user.may_send(&subject).await != right {
                found.push(format!("{context}: {subject}: {}", !right));
            }
        }
        let others = table.names().filter(|it| it != context);
        let inboxes = others.map(|other| format!("_INBOX_{}.>", other.to_uppercase()));
        let all = [">", "jangteo.>", "_INBOX.>", "$JS.>", "$SYS.>"].map(str::to_owned);
        for subject in inboxes.chain(all) {
            if !user.may_not_hear(&subject).await {
                found.push(format!("{context} hears {subject}"));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_may_do_at_the_broker_what_it_does_and_nothing_else() {
    let broker = Broker::start().await;
    let users: Vec<_> = Table::read().names().collect();
    let found = wrong(&broker, &users).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    let jsz = broker.monitor("jsz").await.unwrap();
    assert_eq!(jsz["config"]["sync_always"], true, "it acknowledges what is not on disk");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_too_much_or_too_little_is_found() {
    for (before, after, user) in [
        ("\"jangteo.post.>\"", "\"jangteo.>\"", "post"),
        ("\"$JS.API.CONSUMER.CREATE.POST.view\"", "\"other\"", "view"),
        ("\"$JS.ACK.POST.view.>\"", "\"$JS.ACK.POST.>\"", "view"),
    ] {
        let broker = Broker::start_with(|config| {
            assert!(config.contains(before), "{before} in\n{config}");
            config.replace(before, after)
        });
        assert!(!wrong(&broker.await, &[user]).await.is_empty(), "{before} -> {after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_comes_in_without_his_password() {
    let broker = Broker::start().await;
    let guessed = ConnectOptions::with_user_and_password("post".into(), "guessed".into());
    for (options, in_vain) in
        [(ConnectOptions::new(), true), (guessed, true), (broker.user("post"), false)]
    {
        assert_eq!(options.connect(&broker.addr).await.is_err(), in_vain);
    }
}

/// Every context in a process of its own, each as its own user of the broker.
async fn contexts(broker: &Broker, key_dir: &Path) -> BTreeMap<&'static str, Node> {
    let names = || Table::read().names();
    let addrs: BTreeMap<_, _> =
        names().map(|it| (it, format!("127.0.0.1:{}", ports::free()))).collect();
    let launched = names().map(|context| {
        let node = Node::builder(BINARY).contexts([context]).at(&addrs[context]).key_dir(key_dir);
        let node = node
            .env("JANGTEO_NATS_URL", &broker.urls[context])
            .env("JANGTEO_NATS_MONITOR_URL", &broker.monitor)
            // Compared once, at the start: what arrives later has come by the broker.
            .env("JANGTEO_COMPARE_MS", "3600000")
            .env("RUST_LOG", "info,jangteo_kit::bus=debug");
        let others = addrs.iter().filter(|(other, _)| **other != context);
        let node = others.fold(node, |node, (it, addr)| node.peer(it, format!("http://{addr}")));
        (context, node.launch().unwrap())
    });
    let nodes: BTreeMap<_, _> = launched.collect();
    for node in nodes.values() {
        node.ready().await.unwrap();
    }
    nodes
}

#[tokio::test(flavor = "multi_thread")]
async fn contexts_follow_each_other_each_as_its_own_user() {
    let (broker, keys) = (Broker::start().await, scratch::directory("keys").unwrap());
    let nodes = contexts(&broker, keys.path()).await;
    let keys = Keys::open(keys.path()).await.unwrap();
    let table = Table::read();
    let follows = table.contexts.iter().flat_map(|(name, context)| {
        context.follows.iter().map(move |source| (source.to_uppercase(), name.clone()))
    });
    let follows: BTreeSet<_> = follows.collect();
    until(2 * LONG, async || {
        let consumers = broker.consumers().await.ok()?;
        follows.is_subset(&consumers).then_some(())
    })
    .await;
    let post = Seller::at(&nodes["post"], &keys, "seller01").write("의자").await.unwrap();
    Seller::at(&nodes["view"], &keys, "seller01").sees(&post.id).await;
    for (context, node) in &nodes {
        let said = node.output();
        let refused = said.lines().find(|line| line.contains("ermissions "));
        assert_eq!(refused, None, "{context}");
    }
}

#[test]
fn a_context_has_no_rights_to_what_it_does_not_follow() {
    let rights = rights(Table::read(), "provider", "post");
    let granted: Vec<_> = rights.iter().filter(|(_, right)| *right).collect();
    assert!(granted.is_empty() && rights.len() > NOBODYS.len(), "{granted:?}");
}
