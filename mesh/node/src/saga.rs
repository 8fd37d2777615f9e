//! `jangteo saga`: what waits for an answer or for a time, and what to do about it.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use jangteo::ops::v1::{
    AbortSagaRequest, GetSagaRequest, ListSagasRequest, RetrySagaRequest, Saga, saga::State,
    saga_service_client::SagaServiceClient,
};
use jangteo_kit::{clock, event::millis};
use prost_types::Timestamp;
use serde_json::json;

use crate::operator::{Line, Operator, told};

#[derive(Args)]
pub(crate) struct Sagas {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Lists them: what waits for which answer or time, since when, and how often it has asked.
    List(List),
    /// Prints one, as JSON.
    Show(One),
    /// Asks at once what is asked until it is answered, instead of when its pause is over.
    Retry(One),
    /// Gives a question up, as if its deadline had passed: what it may have taken goes back.
    Abort(One),
}

#[derive(Args)]
struct List {
    /// Only those of this context.
    #[arg(long, default_value = "")]
    context: String,
    /// Only those that wait so.
    #[arg(long, value_enum)]
    state: Option<Waits>,
    /// Only those that have waited at least this long, such as 90s.
    #[arg(long, value_parser = age)]
    min_age: Option<prost_types::Duration>,
    #[command(flatten)]
    operator: Operator,
}

#[derive(Args)]
struct One {
    /// The saga's id, as `list` prints it.
    id: String,
    #[command(flatten)]
    operator: Operator,
}

/// How they wait.
#[derive(Clone, Copy, ValueEnum)]
enum Waits {
    /// For an answer whose lack takes everything back.
    Asking,
    /// For an answer, however long it takes.
    Finishing,
    /// For a time.
    Sleeping,
}

impl From<Waits> for State {
    fn from(waits: Waits) -> Self {
        match waits {
            Waits::Asking => Self::Asking,
            Waits::Finishing => Self::Finishing,
            Waits::Sleeping => Self::Sleeping,
        }
    }
}

type Client = SagaServiceClient<Line>;

impl Sagas {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.what {
            What::List(List { context, state, min_age, operator }) => {
                let state = state.map_or(State::Unspecified, State::from).into();
                let asked = ListSagasRequest { context, state, min_age, ..Default::default() };
                let context = asked.context.clone();
                operator.ask(&context, async |line| list(Client::new(line), &asked).await)
            }
            What::Show(One { id, operator }) => {
                operator.ask(context(&id), async |line| show(Client::new(line), &id).await)
            }
            What::Retry(One { id, operator }) => {
                operator.ask(context(&id), async |line| retry(Client::new(line), &id).await)
            }
            What::Abort(One { id, operator }) => {
                operator.ask(context(&id), async |line| abort(Client::new(line), &id).await)
            }
        }
    }
}

/// A time such as `90s` or `2h`.
fn age(text: &str) -> Result<prost_types::Duration, String> {
    let age = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    age.try_into().map_err(|_| "that is longer than anything has waited".to_owned())
}

/// The context in which a saga waits.
fn context(id: &str) -> &str {
    id.split('/').next().unwrap_or_default()
}

async fn all(mut client: Client, asked: &ListSagasRequest) -> anyhow::Result<Vec<Saga>> {
    let mut sagas = vec![];
    let mut page_token = String::new();
    loop {
        let ask = ListSagasRequest { page_size: 1000, page_token, ..asked.clone() };
        let page = client.list_sagas(ask).await.map_err(told)?.into_inner();
        sagas.extend(page.sagas);
        if page.next_page_token.is_empty() {
            return Ok(sagas);
        }
        page_token = page.next_page_token;
    }
}

async fn list(client: Client, asked: &ListSagasRequest) -> anyhow::Result<()> {
    let sagas = all(client, asked).await?;
    let now = clock::now_ms();
    for saga in &sagas {
        println!("{}\n  {}", saga.id, line(saga, now));
    }
    println!("{} sagas", sagas.len());
    Ok(())
}

/// How one waits, in words for people.
fn line(saga: &Saga, now: i64) -> String {
    let since = saga.create_time.as_ref().map_or(now, millis);
    let age = u64::try_from(now.saturating_sub(since)).unwrap_or(0);
    let (age, next) = (Duration::from_millis(age), written(saga.wake_time.as_ref()));
    let (state, Saga { question, attempts, .. }) = (state(saga), saga);
    if saga.state() == State::Sleeping {
        format!("{state} for {age:?}, wakes at {next}")
    } else {
        format!("{state} {question}, asked {attempts} times in {age:?}, next at {next}")
    }
}

fn state(saga: &Saga) -> String {
    saga.state().as_str_name().trim_start_matches("STATE_").to_lowercase()
}

fn written(time: Option<&Timestamp>) -> String {
    time.map(ToString::to_string).unwrap_or_default()
}

async fn show(mut client: Client, id: &str) -> anyhow::Result<()> {
    let saga = client.get_saga(GetSagaRequest { id: id.to_owned() }).await;
    let saga = saga.map_err(told)?.into_inner();
    let shown = json!({
        "id": saga.id,
        "context": saga.context,
        "kind": saga.kind,
        "aggregate_id": saga.aggregate_id,
        "state": state(&saga),
        "call_key": saga.call_key,
        "question": saga.question,
        "attempts": saga.attempts,
        "create_time": written(saga.create_time.as_ref()),
        "wake_time": written(saga.wake_time.as_ref()),
        "deadline": saga.deadline.as_ref().map(ToString::to_string),
        "request_id": saga.request_id,
        "traceparent": saga.traceparent,
    });
    println!("{shown:#}");
    Ok(())
}

async fn retry(mut client: Client, id: &str) -> anyhow::Result<()> {
    client.retry_saga(RetrySagaRequest { id: id.to_owned() }).await.map_err(told)?;
    println!("{id}: done at once");
    Ok(())
}

async fn abort(mut client: Client, id: &str) -> anyhow::Result<()> {
    client.abort_saga(AbortSagaRequest { id: id.to_owned() }).await.map_err(told)?;
    println!("{id}: given up");
    Ok(())
}
