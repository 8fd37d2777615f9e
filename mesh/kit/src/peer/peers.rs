//! Who is where.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use anyhow::Context as _;
use futures::{FutureExt, future::BoxFuture};
use http::uri::PathAndQuery;
use prost::Message;
use tokio::time::Instant;
use tonic::Status;
use tower::retry::budget::TpsBudget;

use super::{
    Answer, Ask, Sent, Way, answer,
    line::Line,
    rpc::{Asked, Failed, Rpc},
};
use crate::{
    auth::ServiceIdentity,
    decide::{Limits, Question},
    status,
};

/// The other contexts of the mesh, and who asks. Cheap to clone.
#[derive(Clone)]
pub struct Peers(Arc<Inner>);

struct Inner {
    identity: ServiceIdentity,
    /// This process, for contexts without an address of their own.
    here: Way,
    limits: Limits,
    known: Mutex<BTreeMap<String, Arc<Peer>>>,
}

/// One context, as it is asked.
pub(super) struct Peer {
    pub(super) name: String,
    pub(super) way: Way,
    /// What calls that may be repeated may be repeated.
    pub(super) budget: TpsBudget,
    limits: Limits,
    lines: Mutex<HashMap<String, Arc<Line>>>,
}

impl Peers {
    /// Connects lazily: `here` is this process, `peers` are the addresses of contexts elsewhere.
    ///
    /// # Errors
    /// An address is malformed.
    pub fn new(
        identity: ServiceIdentity,
        here: &str,
        peers: &BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        Self::limited(identity, here, peers, Limits::default())
    }

    /// The same with breakers of these limits.
    pub(super) fn limited(
        identity: ServiceIdentity,
        here: &str,
        peers: &BTreeMap<String, String>,
        limits: Limits,
    ) -> anyhow::Result<Self> {
        let known = peers.iter().map(|(context, url)| {
            let way = Way::to(url).with_context(|| {
                let variable = format!("JANGTEO_PEER_{}", context.to_uppercase());
                format!("{variable} must be a URL such as http://127.0.0.1:50051")
            });
            Ok((context.clone(), Arc::new(Peer::new(context, way?, limits))))
        });
        let known = Mutex::new(known.collect::<anyhow::Result<_>>()?);
        Ok(Self(Arc::new(Inner { identity, here: Way::to(here)?, limits, known })))
    }

    /// Asks for what changes nothing, by the path of an RPC; asks again where that may help.
    pub(crate) async fn read<Q: Message, R: Message + Default>(
        &self,
        by: &'static str,
        peer: &str,
        path: &'static str,
        ask: &Q,
        within: Duration,
    ) -> Result<R, Status> {
        let rpc = Rpc {
            by,
            path: PathAndQuery::from_static(path),
            message: ask.encode_to_vec().into(),
            deadline: Instant::now() + within,
            limit: within,
            repeatable: true,
            asked: None,
        };
        let response = rpc.call(&self.peer(peer), &self.0.identity).await;
        let message = response.map_err(|failed| failed.status)?.into_inner();
        R::decode(message).map_err(|error| status::bug(&error.to_string()))
    }

    async fn question(self, sent: Sent) -> Answer {
        let (name, key) = (sent.question.peer.clone(), sent.key.clone());
        let answer = match Rpc::try_from(sent) {
            Ok(rpc) => rpc.call(&self.peer(&name), &self.0.identity).await,
            Err(failed) => Err(failed),
        };
        match answer {
            Ok(response) => answer::yes(response),
            Err(failed) => unanswered(&name, &key, &failed),
        }
    }

    fn peer(&self, context: &str) -> Arc<Peer> {
        let Inner { here, limits, known, .. } = &*self.0;
        let mut known = locked(known);
        if let Some(peer) = known.get(context) {
            return Arc::clone(peer);
        }
        let peer = Arc::new(Peer::new(context, here.clone(), *limits));
        known.insert(context.to_owned(), Arc::clone(&peer));
        peer
    }
}

impl Ask for Peers {
    fn ask(&self, sent: Sent) -> BoxFuture<'static, Answer> {
        self.clone().question(sent).boxed()
    }

    fn is_away(&self, question: &Question) -> bool {
        self.peer(&question.peer).line(&question.path).is_shut()
    }

    fn is_any_away(&self) -> bool {
        locked(&self.0.known).values().any(|peer| peer.is_shut())
    }
}

impl TryFrom<Sent> for Rpc {
    type Error = Failed;

    fn try_from(sent: Sent) -> Result<Self, Failed> {
        let path = PathAndQuery::try_from(sent.question.path)
            .map_err(|error| Failed::held(status::bug(&error.to_string())))?;
        Ok(Self {
            by: sent.by,
            path,
            message: sent.question.message.into(),
            deadline: Instant::now() + sent.within,
            limit: sent.limit,
            repeatable: sent.repeatable,
            asked: Some(Asked { key: sent.key, correlation_id: sent.correlation_id }),
        })
    }
}

/// What a question came to that nobody said yes to.
fn unanswered(peer: &str, key: &str, failed: &Failed) -> Answer {
    if let Some(no) = answer::no(&failed.status, key) {
        return Answer::No(no);
    }
    let Failed { status, left, .. } = failed;
    let (code, said) = (status.code(), status.message());
    if answer::hopeless(status) {
        tracing::error!(peer, key, ?code, said, "peer does not take this question");
    } else {
        tracing::debug!(peer, key, ?code, said, left, "no answer");
    }
    if *left { Answer::Nothing } else { Answer::NotSent }
}

impl Peer {
    fn new(name: &str, way: Way, limits: Limits) -> Self {
        // A tenth of the calls of the last 10 s, and one in a second.
        let budget = TpsBudget::new(Duration::from_secs(10), 1, 0.1);
        Self { name: name.to_owned(), way, budget, limits, lines: Mutex::default() }
    }

    /// The method at `path`.
    pub(super) fn line(&self, path: &str) -> Arc<Line> {
        let mut lines = locked(&self.lines);
        if let Some(line) = lines.get(path) {
            return Arc::clone(line);
        }
        let line = Arc::new(Line::new(&self.name, path, self.limits));
        lines.insert(path.to_owned(), Arc::clone(&line));
        line
    }

    /// Whether any of its methods lets no call through now.
    fn is_shut(&self) -> bool {
        locked(&self.lines).values().any(|line| line.is_shut())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics while it holds this lock")
}
