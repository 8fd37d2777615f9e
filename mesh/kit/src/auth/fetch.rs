//! Keys that an issuer publishes at a URL: fetched into a file, and again and again.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, anyhow};
use reqwest::{Certificate, Client};
use tokio_util::task::TaskTracker;

use super::keys::KeySet;
use crate::{
    clock,
    config::{self, Published},
    decide::backoff,
};

/// How often keys are fetched: an issuer publishes a new one long before it signs with it.
const EVERY: Duration = Duration::from_mins(5);
/// How long an issuer may take.
const WITHIN: Duration = Duration::from_secs(10);
/// The longest pause between two tries.
const PAUSE: Duration = Duration::from_secs(10);

/// Fetches the keys of issuers that publish them, and goes on doing so. Keys of an earlier start are
/// good enough to begin with; without any, nobody could be told from anybody, so it waits.
///
/// # Errors
/// A file of certificates, or a place for keys, that is of no use.
pub(crate) async fn keep(auth: &config::Auth) -> anyhow::Result<()> {
    for issuer in [&auth.users, &auth.services].into_iter().flatten() {
        let Some(published) = &issuer.published else { continue };
        let fetched = Fetched::new(published.clone(), issuer.jwks.clone())?;
        if !issuer.jwks.exists() {
            fetched.insist().await;
        }
        TaskTracker::new().spawn(fetched.again());
    }
    Ok(())
}

struct Fetched {
    client: Client,
    from: Published,
    into: PathBuf,
}

impl Fetched {
    fn new(from: Published, into: PathBuf) -> anyhow::Result<Self> {
        let mut client = Client::builder().timeout(WITHIN);
        if let Some(file) = &from.ca_file {
            let unusable = || format!("no certificates: {}", file.display());
            let pem = fs::read(file).with_context(unusable)?;
            for certificate in Certificate::from_pem_bundle(&pem).with_context(unusable)? {
                client = client.add_root_certificate(certificate);
            }
        }
        if let Some(folder) = into.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(Self { client: client.build()?, from, into })
    }

    /// Tries until there are keys.
    async fn insist(&self) {
        let mut tries = 0;
        while let Err(error) = self.fetch().await {
            let url = &self.from.url;
            tracing::error!(
                url,
                error = format!("{error:#}"),
                tries,
                "an issuer's keys are not to be had yet"
            );
            tokio::time::sleep(backoff(tries, PAUSE, clock::chance())).await;
            tries += 1;
        }
    }

    async fn again(self) {
        loop {
            self.insist().await;
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Fetches them once. What is no set of keys leaves those that are there.
    async fn fetch(&self) -> anyhow::Result<()> {
        let mut request = self.client.get(&self.from.url);
        if let Some(file) = &self.from.token_file {
            let token = fs::read_to_string(file).with_context(|| file.display().to_string())?;
            request = request.bearer_auth(token.trim());
        }
        let set = request.send().await?.error_for_status()?.bytes().await?;
        KeySet::parse(&set).map_err(|error| anyhow!(error))?;
        self.place(&set)
    }

    /// Whole or not at all, and only where they are others: whoever reads them forgets what he has verified.
    fn place(&self, set: &[u8]) -> anyhow::Result<()> {
        if fs::read(&self.into).is_ok_and(|present| present == set) {
            return Ok(());
        }
        let draft = self.into.with_extension("new");
        fs::write(&draft, set)?;
        Ok(fs::rename(&draft, &self.into)?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::{Router, extract::State, http::HeaderMap, routing::get};
    use jangteo_testing::until;

    use super::*;
    use crate::auth::sample::jwks;

    /// What an issuer answers, and the last `authorization` that it was asked with.
    #[derive(Clone, Default)]
    struct Said(Arc<Mutex<(String, Option<String>)>>);

    async fn issuer(said: Said) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap());
        let answer = async |State(said): State<Said>, headers: HeaderMap| {
            let mut said = said.0.lock().unwrap();
            said.1 = headers.get("authorization").map(|it| it.to_str().unwrap().to_owned());
            said.0.clone()
        };
        let router = Router::new().route("/jwks", get(answer)).with_state(said);
        TaskTracker::new().spawn(async { axum::serve(listener, router).await });
        url
    }

    #[tokio::test]
    async fn keys_are_fetched_and_what_is_none_leaves_them() {
        let (dir, said) = (tempfile::tempdir().unwrap(), Said::default());
        let (token_file, into) = (dir.path().join("token"), dir.path().join("jwks/users.json"));
        fs::write(&token_file, "t0ken\n").unwrap();
        let url = issuer(said.clone()).await;
        let from = Published { url, token_file: Some(token_file), ca_file: None };
        let fetched = Fetched::new(from, into.clone()).unwrap();
        assert!(fetched.fetch().await.is_err() && !into.exists(), "nothing is no set of keys");
        said.0.lock().unwrap().0 = jwks(&[("a", 1)]);
        fetched.fetch().await.unwrap();
        assert_eq!(fs::read_to_string(&into).unwrap(), jwks(&[("a", 1)]));
        assert_eq!(said.0.lock().unwrap().1.as_deref(), Some("Bearer t0ken"));
        said.0.lock().unwrap().0 = "<html>maintenance</html>".to_owned();
        assert!(fetched.fetch().await.is_err());
        assert_eq!(fs::read_to_string(&into).unwrap(), jwks(&[("a", 1)]));
    }

    #[tokio::test]
    async fn a_process_waits_for_its_first_keys() {
        let (dir, said) = (tempfile::tempdir().unwrap(), Said::default());
        let (token_file, jwks_file) = (dir.path().join("token"), dir.path().join("users.json"));
        fs::write(&token_file, "t0ken").unwrap();
        let url = issuer(said.clone()).await;
        let published = Some(Published { url, token_file: Some(token_file), ca_file: None });
        let users = config::Issuer { name: "u".to_owned(), jwks: jwks_file.clone(), published };
        let auth = config::Auth { users: Some(users), ..config::Auth::default() };
        let begun = TaskTracker::new();
        let kept = begun.spawn(async move { keep(&auth).await });
        let asked = async || said.0.lock().unwrap().1.is_some().then_some(());
        until(Duration::from_secs(20), asked).await;
        assert!(!kept.is_finished(), "it has asked, and there are none yet");
        said.0.lock().unwrap().0 = jwks(&[("a", 1)]);
        kept.await.unwrap().unwrap();
        assert!(jwks_file.exists());
    }
}
