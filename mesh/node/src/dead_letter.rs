//! `jangteo deadletter`: events that could not be applied, and what to do about them.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jangteo::{
    journal::v1::JournalEvent,
    ops::v1::{
        DeadLetter, DiscardDeadLetterRequest, GetDeadLetterRequest, ListDeadLettersRequest,
        RedriveDeadLetterRequest, dead_letter_service_client::DeadLetterServiceClient,
    },
};
use prost_reflect::DynamicMessage;
use serde_json::{Value, json};

use crate::operator::{Line, Operator, told};

#[derive(Args)]
pub(crate) struct DeadLetters {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Lists them: what could not be applied where, how often it was tried, what waits behind it.
    List {
        /// Only those of this context.
        #[arg(long, default_value = "")]
        context: String,
        #[command(flatten)]
        operator: Operator,
    },
    /// Prints one with its event, as JSON.
    Show(One),
    /// Tries again, one or all.
    Redrive {
        /// The dead letter's id, as `list` prints it.
        #[arg(required_unless_present = "all", default_value = "", hide_default_value = true)]
        id: String,
        /// Tries each again that there is.
        #[arg(long, conflicts_with = "id")]
        all: bool,
        #[command(flatten)]
        operator: Operator,
    },
    /// Passes one over for good: its consumer goes on with what waits behind it.
    Discard(One),
}

#[derive(Args)]
struct One {
    /// The dead letter's id, as `list` prints it.
    id: String,
    #[command(flatten)]
    operator: Operator,
}

type Client = DeadLetterServiceClient<Line>;

impl DeadLetters {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.what {
            What::List { context, operator } => {
                operator.ask(&context, async |line| list(Client::new(line), &context).await)
            }
            What::Show(One { id, operator }) => {
                operator.ask(context(&id), async |line| show(Client::new(line), &id).await)
            }
            What::Redrive { id, all, operator } => operator.ask(context(&id), async |line| {
                let mut client = Client::new(line);
                if all { redrive_all(client).await } else { redrive(&mut client, &id).await }
            }),
            What::Discard(One { id, operator }) => {
                operator.ask(context(&id), async |line| discard(Client::new(line), &id).await)
            }
        }
    }
}

/// The context in whose process a dead letter lies.
fn context(id: &str) -> &str {
    id.split('/').next().unwrap_or_default()
}

async fn all(client: &mut Client, context: &str) -> anyhow::Result<Vec<DeadLetter>> {
    let mut letters = vec![];
    let mut page_token = String::new();
    loop {
        let ask =
            ListDeadLettersRequest { context: context.to_owned(), page_size: 1000, page_token };
        let page = client.list_dead_letters(ask).await.map_err(told)?.into_inner();
        letters.extend(page.dead_letters);
        if page.next_page_token.is_empty() {
            return Ok(letters);
        }
        page_token = page.next_page_token;
    }
}

async fn list(mut client: Client, context: &str) -> anyhow::Result<()> {
    let letters = all(&mut client, context).await?;
    for letter in &letters {
        let DeadLetter { id, event_type, cause, attempts, waiting, .. } = letter;
        println!("{id}\n  {event_type}, tried {attempts} times, {waiting} more wait: {cause}");
    }
    println!("{} dead letters", letters.len());
    Ok(())
}

async fn show(mut client: Client, id: &str) -> anyhow::Result<()> {
    let letter = client.get_dead_letter(GetDeadLetterRequest { id: id.to_owned() });
    let letter = letter.await.map_err(told)?.into_inner();
    let event = letter.event.as_ref().map(event).transpose()?;
    let shown = json!({
        "id": letter.id,
        "event_type": letter.event_type,
        "cause": letter.cause,
        "attempts": letter.attempts,
        "waiting": letter.waiting,
        "create_time": letter.create_time.map(|time| time.to_string()),
        "traceparent": letter.traceparent,
        "event": event,
    });
    println!("{shown:#}");
    Ok(())
}

/// What an event says, if this binary knows its contract and can read it.
fn event(event: &JournalEvent) -> anyhow::Result<Value> {
    let known = jangteo::descriptors().get_message_by_name(&event.r#type);
    let read = known.and_then(|of| DynamicMessage::decode(of, event.payload.as_slice()).ok());
    let payload = read.map(|message| serde_json::to_value(&message)).transpose();
    Ok(json!({
        "correlation_id": event.correlation_id,
        "causation_id": event.causation_id,
        "time": event.time.map(|time| time.to_string()),
        "says": payload.context("the event has no JSON")?,
    }))
}

async fn redrive(client: &mut Client, id: &str) -> anyhow::Result<()> {
    let ask = RedriveDeadLetterRequest { id: id.to_owned() };
    client.redrive_dead_letter(ask).await.map_err(told)?;
    println!("{id}: applied");
    Ok(())
}

async fn redrive_all(mut client: Client) -> anyhow::Result<()> {
    let letters = all(&mut client, "").await?;
    let mut failed = 0;
    for DeadLetter { id, .. } in &letters {
        if let Err(error) = redrive(&mut client, id).await {
            failed += 1;
            println!("{id}: {error}");
        }
    }
    anyhow::ensure!(failed == 0, "{failed} of {} could not be applied", letters.len());
    Ok(())
}

async fn discard(mut client: Client, id: &str) -> anyhow::Result<()> {
    let ask = DiscardDeadLetterRequest { id: id.to_owned() };
    client.discard_dead_letter(ask).await.map_err(told)?;
    println!("{id}: passed over");
    Ok(())
}
