//! Webhooks: HTTP requests, signed as Standard Webhooks has it.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use jangteo_kit::clock;
use reqwest::{
    Client, StatusCode, Url,
    header::{CONTENT_TYPE, USER_AGENT},
    redirect::Policy,
};
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook,
};

use super::{Letter, reach};
use crate::dispatch::Outcome;

/// How long a receiver may take.
const LIMIT: Duration = Duration::from_secs(10);

/// What sends webhooks.
#[derive(Default)]
pub(super) struct Webhooks {
    anywhere: bool,
    /// Made when the first one is sent: its certificates are not small.
    client: OnceLock<Client>,
}

impl Webhooks {
    /// `anywhere`: over plain HTTP and into private networks, too.
    pub(super) fn new(anywhere: bool) -> Self {
        Self { anywhere, client: OnceLock::new() }
    }

    /// Reads a URL that a webhook may go to; an error says what is wrong with it.
    pub(super) fn check(&self, url: &str) -> Result<Url, &'static str> {
        let url = Url::parse(url).map_err(|_| "it is no URL such as https://shop.example/hook")?;
        let is_http = url.scheme() == "https" || self.anywhere && url.scheme() == "http";
        if !is_http {
            return Err("a webhook's URL begins with https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a webhook's URL carries no password: its requests are signed");
        }
        let host = url.host_str().unwrap_or_default();
        let address = host.trim_matches(['[', ']']).parse();
        if !self.anywhere && address.is_ok_and(|address| !reach::is_open(address)) {
            return Err("webhooks go to the open internet only");
        }
        Ok(url)
    }

    /// Sends a letter, signed with the secret of its channel.
    pub(super) async fn send(&self, url: &str, secret: &str, letter: &Letter) -> Outcome {
        let url = match self.check(url) {
            Ok(url) => url,
            Err(why) => return Outcome::Refused(why.to_owned()),
        };
        match self.request(url, secret, letter).await {
            Ok(StatusCode::GONE) => Outcome::Refused("it answered 410 Gone".to_owned()),
            Ok(status) if status.is_success() => Outcome::Sent,
            Ok(status) => Outcome::Failed(format!("it answered {status}")),
            Err(error) => Outcome::Failed(format!("{error:#}")),
        }
    }

    async fn request(&self, url: Url, secret: &str, letter: &Letter) -> anyhow::Result<StatusCode> {
        let (id, body) = (letter.id.to_string(), letter.json().to_string());
        let now = clock::now_ms().div_euclid(1000);
        let signature = Webhook::new(secret)?.sign(&id, now, body.as_bytes())?;
        let request = self
            .client()?
            .post(url)
            .header(USER_AGENT, concat!("jangteo/", env!("CARGO_PKG_VERSION")))
            .header(CONTENT_TYPE, "application/json")
            .header(HEADER_WEBHOOK_ID, id)
            .header(HEADER_WEBHOOK_TIMESTAMP, now)
            .header(HEADER_WEBHOOK_SIGNATURE, signature);
        // Of the answer nothing but its status is read.
        Ok(request.body(body).send().await.map_err(reqwest::Error::without_url)?.status())
    }

    fn client(&self) -> reqwest::Result<Client> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        // What redirects, an open receiver could point into our own network.
        let builder = Client::builder().timeout(LIMIT).redirect(Policy::none()).no_proxy();
        let builder =
            if self.anywhere { builder } else { builder.dns_resolver(Arc::new(reach::Open)) };
        let client = builder.build()?;
        Ok(self.client.get_or_init(|| client).clone())
    }
}
