//! Mail, by SMTP.

use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{self, response::Category},
};

use super::{Letter, MailServer};
use crate::dispatch::Outcome;

/// How long the server may take, from the first greeting to its last word.
const LIMIT: Duration = Duration::from_secs(10);
/// The last moment that a mail can be dated with, in ms since 1970: its years have four digits.
const LAST: i64 = 253_402_300_799_000;
/// What says that no person wrote it, so that no machine answers (RFC 3834).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// The server that mail is handed to.
pub(super) struct Mail {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mail {
    /// Nothing is connected yet.
    pub(super) fn open(MailServer { url, from }: &MailServer) -> anyhow::Result<Self> {
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .context("JANGTEO_MAIL_URL must be a URL such as smtps://user:password@host")?;
        let from = from
            .parse()
            .context("JANGTEO_MAIL_FROM must be an address such as jangteo <no-reply@host>")?;
        Ok(Self { server: server.timeout(Some(LIMIT)).build(), from })
    }

    /// Hands a letter to the server.
    pub(super) async fn send(&self, address: &str, letter: &Letter) -> Outcome {
        let mail = match self.mail(address, letter) {
            Ok(mail) => mail,
            Err(error) => return Outcome::Refused(format!("{error:#}")),
        };
        match tokio::time::timeout(LIMIT, self.server.send(mail)).await {
            Ok(Ok(_)) => Outcome::Sent,
            Ok(Err(error)) if is_refusal(&error) => Outcome::Refused(said(&error)),
            Ok(Err(error)) => Outcome::Failed(said(&error)),
            Err(_) => Outcome::Failed(format!("the mail server took longer than {LIMIT:?}")),
        }
    }

    fn mail(&self, address: &str, letter: &Letter) -> anyhow::Result<Message> {
        let since = Duration::from_millis(letter.event_time.clamp(0, LAST).try_into()?);
        let id = format!("<{}@{}>", letter.id, self.from.email.domain());
        let text = format!("{}\n\n{}\n\n-- \n{}\n", letter.text, letter.subject, letter.footer);
        let mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address.parse()?))
            .date(SystemTime::UNIX_EPOCH + since)
            .message_id(Some(id))
            .subject(letter.text.clone())
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(text)?;
        Ok(mail)
    }
}

/// Why no mail can be sent to an address.
pub(super) fn check(address: &str) -> Result<(), &'static str> {
    let parsed = address.parse::<Address>();
    parsed.map(drop).map_err(|_| "it is no mail address such as seller01@market.example")
}

/// Whether the server will never take this mail (55x: there is no such mailbox, or none that takes
/// ours). That it does not take our password, say, is not the mail's fault.
fn is_refusal(error: &smtp::Error) -> bool {
    error.is_permanent() && error.status().is_some_and(|code| code.category == Category::MailSystem)
}

/// An error with everything behind it.
fn said(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
