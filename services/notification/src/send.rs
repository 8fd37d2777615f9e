//! Carries dispatches to where they go: the one place of this context that speaks to the outside.

mod letter;
mod mail;
mod reach;
mod webhook;

use std::sync::Arc;

pub(crate) use self::letter::Letter;
use self::{mail::Mail, webhook::Webhooks};
use crate::{channel::State, dispatch::Outcome};

/// What a process is told of the outside.
#[derive(Clone, Debug, Default)]
pub struct Sending {
    /// The server that mail is handed to; none: this market sends no mail.
    pub mail: Option<MailServer>,
    /// Webhooks may go over plain HTTP and into private networks, as while somebody tries them out.
    pub webhooks_anywhere: bool,
}

/// A server that mail is handed to.
#[derive(Clone, Debug)]
pub struct MailServer {
    /// Where it is: `smtps://user:password@host:465`, `smtp://user:password@host:587?tls=required`, or
    /// `smtp://host:25` where nobody listens in.
    pub url: String,
    /// Whom the mail is from, such as `jangteo <no-reply@market.example>`.
    pub from: String,
}

/// Everything that carries dispatches. Cheap to clone.
#[derive(Clone, Default)]
pub struct Senders(Arc<Inner>);

#[derive(Default)]
struct Inner {
    mail: Option<Mail>,
    webhooks: Webhooks,
}

impl Senders {
    /// Those of a process. Nothing is connected yet.
    ///
    /// # Errors
    /// The mail server's URL, or whom mail is from, is malformed.
    pub fn open(sending: &Sending) -> anyhow::Result<Self> {
        let mail = sending.mail.as_ref().map(Mail::open).transpose()?;
        let webhooks = Webhooks::new(sending.webhooks_anywhere);
        Ok(Self(Arc::new(Inner { mail, webhooks })))
    }

    /// Whether this market sends mail.
    pub(crate) fn has_mail(&self) -> bool {
        self.0.mail.is_some()
    }

    /// Why no mail can be sent to an address.
    pub(crate) fn check_mail(address: &str) -> Result<(), &'static str> {
        mail::check(address)
    }

    /// Why no webhook can be sent to a URL.
    pub(crate) fn check_webhook(&self, url: &str) -> Result<(), &'static str> {
        self.0.webhooks.check(url).map(drop)
    }

    /// Sends a letter to where a channel leads.
    pub(crate) async fn send(&self, to: &State, letter: &Letter) -> Outcome {
        match to {
            State::Unconfirmed { address, .. } | State::Mail { address } => {
                let Some(mail) = &self.0.mail else {
                    return Outcome::Failed("this market sends no mail now".to_owned());
                };
                mail.send(address, letter).await
            }
            State::Webhook { url, secret } => self.0.webhooks.send(url, secret, letter).await,
            State::Deleted { .. } => Outcome::Refused("the channel was deleted".to_owned()),
        }
    }
}
