//! Where stories are played: it numbers their steps, asks, waits for what follows, and shows it.

use std::collections::HashSet;

use jangteo::{
    errors,
    view::v1::{ListTimelineEntriesRequest, TimelineEntry},
};
use jangteo_kit::token;
use prost::{Message, Name};
use tonic::{Code, Request, Response, Status};

use super::{
    ask::{self, Ask},
    people::People,
    print::Print,
    step::{Answer, Refused, Row, Scene, Step},
    until::until,
};
use crate::operator::Line;

/// The most entries that the timeline of a story has; they fit on a page.
const ENTRIES: i32 = 100;

pub(super) struct Stage {
    people: People,
    print: Print,
    story: &'static str,
    steps: usize,
    refusals: usize,
    /// The events that have been shown.
    told: HashSet<String>,
}

impl Stage {
    pub(super) fn new(people: People, print: Print) -> Self {
        Self { people, print, story: "", steps: 0, refusals: 0, told: HashSet::new() }
    }

    /// A story begins.
    pub(super) fn opens(&mut self, story: &'static str, about: &str) -> anyhow::Result<()> {
        (self.story, self.steps, self.refusals) = (story, 0, 0);
        Ok(self.print.opening(story, about)?)
    }

    /// The story has come to its end.
    pub(super) fn closes(&self) -> anyhow::Result<()> {
        Ok(self.print.closing(self.story, self.steps, self.refusals)?)
    }

    /// Somebody asks for something, and gets it.
    pub(super) async fn granted<Q: Ask>(
        &mut self,
        scene: Scene,
        request: Q,
    ) -> anyhow::Result<(Step, Q::Answer)> {
        let (step, answer) = self.asks(scene, request).await?;
        match answer {
            Ok(reply) => Ok((step, reply)),
            Err(status) => Err(step.differs("that it is granted", &self.refusal(&status))),
        }
    }

    /// Somebody asks for something, and is refused for this reason.
    pub(super) async fn refused<Q: Ask>(
        &mut self,
        scene: Scene,
        request: Q,
        reason: &str,
    ) -> anyhow::Result<Step> {
        let (step, answer) = self.asks(scene, request).await?;
        let seen = match &answer {
            Err(status) if errors::reason(status).as_deref() == Some(reason) => {
                self.refusals += 1;
                return Ok(step);
            }
            Err(status) => self.refusal(status),
            Ok(reply) => format!("that it is granted: {}", ask::json(reply)),
        };
        Err(step.differs(&format!("that it is refused with {reason}"), &seen))
    }

    /// Waits until these events, and no others, have followed under this correlation id.
    pub(super) async fn follows(
        &mut self,
        step: &mut Step,
        correlation_id: &str,
        expected: &[&str],
    ) -> anyhow::Result<()> {
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        let look = async || self.news(correlation_id, step.written()).await;
        let fits = |news: &Result<Vec<TimelineEntry>, Status>| {
            news.as_ref().is_ok_and(|news| names(news) == expected)
        };
        let news = until(look, fits).await?;
        let seen = match news {
            Ok(news) if names(&news) == expected => {
                self.told.extend(news.iter().map(|entry| entry.id.clone()));
                correlation_id.clone_into(&mut step.correlation_id);
                step.events = news;
                return Ok(());
            }
            Ok(news) => format!("{:?}", names(&news)),
            Err(status) => self.refusal(&status),
        };
        let expected = format!("the events {expected:?} under {correlation_id}");
        Err(step.differs(&expected, &seen))
    }

    /// Waits until somebody's page answers this request as it should.
    pub(super) async fn page<Q: Ask>(
        &self,
        step: &Step,
        of: &str,
        request: Q,
        fits: impl Fn(Result<&Q::Answer, &Status>) -> bool,
    ) -> anyhow::Result<Result<Q::Answer, Status>> {
        let line = self.people.person(of)?;
        let look = async || {
            let answer = ask(line.clone(), request.clone(), step.written()).await?;
            Ok(answer.map(Response::into_inner))
        };
        until(look, |answer| fits(answer.as_ref())).await
    }

    /// Shows a step that has come out as it should.
    pub(super) fn shows(&self, step: Step, my_page: Vec<Row>) -> anyhow::Result<()> {
        Ok(self.print.step(&Step { my_page, ..step })?)
    }

    async fn asks<Q: Ask>(
        &mut self,
        scene: Scene,
        request: Q,
    ) -> anyhow::Result<(Step, Result<Q::Answer, Status>)> {
        self.steps += 1;
        let answer = self.patient(scene.who, request.clone()).await?;
        let step = Step {
            story: self.story,
            number: self.steps,
            scene,
            rpc: ask::rpc::<Q>(),
            request: ask::json(&request),
            answer: told(&answer)?,
            correlation_id: String::new(),
            events: vec![],
            my_page: vec![],
        };
        Ok((step, answer.map(Response::into_inner)))
    }

    /// Asks again where the answer says that nothing has happened yet, and may soon.
    async fn patient<Q: Ask>(
        &self,
        who: &str,
        request: Q,
    ) -> anyhow::Result<Result<Response<Q::Answer>, Status>> {
        let line = self.people.person(who)?;
        let look = async || ask(line.clone(), request.clone(), "").await;
        until(look, |answer| !answer.as_ref().is_err_and(passes)).await
    }

    /// The events of a timeline that have not been shown yet.
    async fn news(
        &self,
        id: &str,
        written: &str,
    ) -> anyhow::Result<Result<Vec<TimelineEntry>, Status>> {
        let request = ListTimelineEntriesRequest {
            correlation_id: id.to_owned(),
            page_size: ENTRIES,
            page_token: String::new(),
        };
        let answer = ask(self.people.operator()?, request, written).await?;
        let new = |entry: &TimelineEntry| !self.told.contains(&entry.id);
        Ok(answer.map(|page| page.into_inner().entries.into_iter().filter(new).collect()))
    }

    /// A refusal that no story tells of, in words.
    fn refusal(&self, status: &Status) -> String {
        format!("{}{}", Refused::from(status).words(), self.people.advice(status))
    }
}

/// Asks once; a read waits for what was written.
async fn ask<Q: Ask>(
    line: Line,
    request: Q,
    written: &str,
) -> anyhow::Result<Result<Response<Q::Answer>, Status>> {
    let mut request = Request::new(request);
    if !written.is_empty() {
        request.metadata_mut().insert(token::HEADER, written.parse()?);
    }
    Ok(Q::ask(request, line).await)
}

/// What was answered, to be shown.
fn told<A: Message + Name>(answer: &Result<Response<A>, Status>) -> anyhow::Result<Answer> {
    let response = match answer {
        Ok(response) => response,
        Err(status) => return Ok(Answer::Refused(status.into())),
    };
    let written = response.metadata().get(token::HEADER);
    let written = written.map_or(Ok(""), |token| token.to_str())?.to_owned();
    Ok(Answer::Granted { reply: ask::json(response.get_ref()), written })
}

/// Whether a refusal of ours promises that nothing happened, and that it may pass.
fn passes(status: &Status) -> bool {
    let codes = [Code::Unavailable, Code::Aborted, Code::ResourceExhausted];
    codes.contains(&status.code()) && errors::reason(status).is_some()
}

/// The events of a timeline, such as `deal.DealReserved`, in the order of their names.
fn names(entries: &[TimelineEntry]) -> Vec<String> {
    let mut names: Vec<_> =
        entries.iter().map(|entry| format!("{}.{}", entry.context, entry.event)).collect();
    names.sort_unstable();
    names
}
