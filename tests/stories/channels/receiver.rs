//! Whoever gets webhooks: a web server that remembers them.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use reqwest::StatusCode;
use serde_json::Value;
use standardwebhooks::{HEADER_WEBHOOK_ID, Webhook};
use tokio::task::JoinSet;

/// A webhook as it came.
#[derive(Clone, Debug)]
pub(super) struct Received {
    headers: HeaderMap,
    body: Bytes,
}

impl Received {
    /// By what its receiver knows it when it comes again.
    pub(super) fn id(&self) -> &str {
        self.headers[HEADER_WEBHOOK_ID].to_str().unwrap()
    }

    /// What it says.
    pub(super) fn json(&self) -> Value {
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether it was signed with this secret, as it is.
    pub(super) fn is_signed_with(&self, secret: &str) -> bool {
        Webhook::new(secret).unwrap().verify(&self.body, &self.headers).is_ok()
    }

    /// The same with something else in it.
    pub(super) fn tampered(&self) -> Self {
        Self { body: [&self.body[..], b" "].concat().into(), ..self.clone() }
    }
}

#[derive(Default)]
struct Memory {
    received: Vec<Received>,
    answers: VecDeque<StatusCode>,
}

/// A web server at `/hook`.
pub(super) struct Receiver {
    url: String,
    memory: Arc<Mutex<Memory>>,
    _serving: JoinSet<()>,
}

impl Receiver {
    /// One that answers the first requests so, and all others with 204.
    pub(super) async fn answering(answers: &[StatusCode]) -> Self {
        let memory = Memory { answers: answers.iter().copied().collect(), ..Memory::default() };
        let memory = Arc::new(Mutex::new(memory));
        let app = Router::new().route("/hook", post(hear)).with_state(memory.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        serving.spawn(async { axum::serve(listener, app).await.unwrap() });
        Self { url, memory, _serving: serving }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// All that came, in its order.
    pub(super) fn received(&self) -> Vec<Received> {
        self.memory.lock().unwrap().received.clone()
    }
}

/// Answers what is next; 102 Processing stands for no answer at all.
async fn hear(
    State(memory): State<Arc<Mutex<Memory>>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let answer = {
        let mut memory = memory.lock().unwrap();
        memory.received.push(Received { headers, body });
        memory.answers.pop_front().unwrap_or(StatusCode::NO_CONTENT)
    };
    if answer == StatusCode::PROCESSING { std::future::pending().await } else { answer }
}
