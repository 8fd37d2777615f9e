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
    step::{Answer, Row, Scene, Step},
    until::until,
};
use crate::operator::Line;

/// The most entries that a timeline of a story has; they fit on a page.
const ENTRIES: i32 = 100;
/// What people are told follows whatever happens; stories tell of what happens.
const ASIDE: &str = "notification";
/// How a payment and its charge end that came to nothing.
const UNDONE: [&str; 3] = ["PaymentCancelled", "PaymentDeclined", "ChargeRefunded"];
/// Refusals that pass by themselves: word of something is still on its way to whoever refuses, or pieces
/// that a try to pay held which came to nothing are on their way back.
const ON_ITS_WAY: [&str; 2] = ["RENTAL_NOT_PAID", "OUT_OF_STOCK"];

pub(super) struct Stage {
    people: People,
    print: Print,
    story: &'static str,
    steps: usize,
    refusals: usize,
    /// The events that have been shown, and what they happened to.
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

    /// Somebody asks for something, and gets it, if need be a little later.
    pub(super) async fn granted<Q: Ask>(
        &mut self,
        scene: Scene,
        request: Q,
    ) -> anyhow::Result<(Step, Q::Answer)> {
        let settled = |answer: Result<&Q::Answer, &Status>| {
            !answer.is_err_and(|status| passes(status) || is_on_its_way(status))
        };
        let (step, answer) = self.asks(scene, request, settled).await?;
        match answer {
            Ok(reply) => Ok((step, reply)),
            Err(status) => Err(step.differs("that it is granted", &self.people.refusal(&status))),
        }
    }

    /// Somebody asks for something, and is refused for this reason.
    pub(super) async fn refused<Q: Ask>(
        &mut self,
        scene: Scene,
        request: Q,
        reason: &str,
    ) -> anyhow::Result<Step> {
        let settled = |answer: Result<&Q::Answer, &Status>| !answer.is_err_and(passes);
        let (step, answer) = self.asks(scene, request, settled).await?;
        let seen = match &answer {
            Err(status) if errors::reason(status).as_deref() == Some(reason) => {
                self.refusals += 1;
                return Ok(step);
            }
            Err(status) => self.people.refusal(status),
            Ok(reply) => format!("that it is granted: {}", ask::json(reply)),
        };
        Err(step.differs(&format!("that it is refused with {reason}"), &seen))
    }

    /// Somebody looks at something until it shows `what`.
    pub(super) async fn seen<Q: Ask>(
        &mut self,
        scene: Scene,
        request: Q,
        what: &str,
        fits: impl Fn(&Q::Answer) -> bool,
    ) -> anyhow::Result<(Step, Q::Answer)> {
        let (step, answer) = self.asks(scene, request, |answer| answer.is_ok_and(&fits)).await?;
        let seen = match answer {
            Ok(reply) if fits(&reply) => return Ok((step, reply)),
            Ok(reply) => ask::json(&reply).to_string(),
            Err(status) => self.people.refusal(&status),
        };
        Err(step.differs(what, &seen))
    }

    /// Waits until these events, and no others, have followed in these timelines; but for those of tries
    /// to pay that came to nothing, where the market was too busy for them.
    pub(super) async fn follows(
        &mut self,
        step: &mut Step,
        timelines: &[&str],
        expected: &[&str],
    ) -> anyhow::Result<()> {
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        let look = async || self.news(timelines, step.written()).await;
        let fits = |news: &Vec<TimelineEntry>| names(news, &self.told) == expected;
        let news = until(look, |news| news.as_ref().is_ok_and(fits)).await?;
        let seen = match news {
            Ok(news) if fits(&news) => {
                let ids = news.iter().flat_map(|entry| [&entry.id, &entry.aggregate_id]);
                self.told.extend(ids.cloned());
                step.timelines = timelines.iter().map(|&id| id.to_owned()).collect();
                step.events = news;
                return Ok(());
            }
            Ok(news) => format!("{:?}", names(&news, &self.told)),
            Err(status) => self.people.refusal(&status),
        };
        let expected = format!("the events {expected:?} under {}", timelines.join(" and "));
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

    /// Asks until the answer is settled; the last one counts.
    async fn asks<Q: Ask>(
        &mut self,
        scene: Scene,
        request: Q,
        settled: impl Fn(Result<&Q::Answer, &Status>) -> bool,
    ) -> anyhow::Result<(Step, Result<Q::Answer, Status>)> {
        self.steps += 1;
        let line = self.people.person(scene.who)?;
        let look = async || ask(line.clone(), request.clone(), "").await;
        let answer = until(look, |answer| settled(answer.as_ref().map(Response::get_ref))).await?;
        let step = Step {
            story: self.story,
            number: self.steps,
            scene,
            rpc: ask::rpc::<Q>(),
            request: ask::json(&request),
            answer: told(&answer)?,
            timelines: vec![],
            events: vec![],
            my_page: vec![],
        };
        Ok((step, answer.map(Response::into_inner)))
    }

    /// The events of these timelines that have not been shown yet, in the order of their times.
    async fn news(
        &self,
        timelines: &[&str],
        written: &str,
    ) -> anyhow::Result<Result<Vec<TimelineEntry>, Status>> {
        let mut news = vec![];
        for &id in timelines {
            let request = ListTimelineEntriesRequest {
                correlation_id: id.to_owned(),
                page_size: ENTRIES,
                page_token: String::new(),
            };
            match ask(self.people.operator()?, request, written).await? {
                Ok(page) => news.extend(page.into_inner().entries),
                Err(status) => return Ok(Err(status)),
            }
        }
        news.retain(|entry| entry.context != ASIDE && !self.told.contains(&entry.id));
        let time = |entry: &TimelineEntry| entry.time.map(|time| (time.seconds, time.nanos));
        news.sort_by_key(time);
        Ok(Ok(news))
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
pub(super) fn passes(status: &Status) -> bool {
    let codes = [Code::Unavailable, Code::Aborted, Code::ResourceExhausted];
    codes.contains(&status.code()) && errors::reason(status).is_some()
}

/// Whether it passes as soon as word of something has come.
fn is_on_its_way(status: &Status) -> bool {
    errors::reason(status).is_some_and(|reason| ON_ITS_WAY.contains(&reason.as_str()))
}

/// The events of a timeline, such as `deal.DealReserved`, in the order of their names; but for those of
/// tries that came to nothing. `told`: what was shown before.
fn names(entries: &[TimelineEntry], told: &HashSet<String>) -> Vec<String> {
    let ends = entries.iter().filter(|entry| UNDONE.contains(&entry.event.as_str()));
    let undone: HashSet<_> = ends.map(|entry| &entry.aggregate_id).collect();
    let is_undone = |id: &String| undone.contains(id) && !told.contains(id);
    let entries = entries.iter().filter(|entry| !is_undone(&entry.aggregate_id));
    let mut names: Vec<_> =
        entries.map(|entry| format!("{}.{}", entry.context, entry.event)).collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(context: &str, event: &str, aggregate_id: &str) -> TimelineEntry {
        TimelineEntry {
            context: context.to_owned(),
            event: event.to_owned(),
            aggregate_id: aggregate_id.to_owned(),
            ..TimelineEntry::default()
        }
    }

    #[test]
    fn a_payment_that_was_told_is_part_of_the_story_and_one_that_came_to_nothing_is_not() {
        let paid = [
            entry("payment", "PaymentApproved", "P2"),
            entry("provider", "ChargeMade", "C2"),
            entry("provider", "ChargeMade", "C1"),
            entry("provider", "ChargeRefunded", "C1"),
            entry("payment", "PaymentCancelled", "P1"),
        ];
        let nothing = HashSet::new();
        assert_eq!(names(&paid, &nothing), ["payment.PaymentApproved", "provider.ChargeMade"]);
        assert_eq!(names(&paid[..3], &nothing).len(), 3, "it is not undone yet");

        let back = [
            entry("payment", "PaymentCancelled", "P2"),
            entry("provider", "ChargeRefunded", "C2"),
            entry("payment", "PaymentDeclined", "P3"),
        ];
        let told = ["P2", "C2"].map(str::to_owned).into();
        assert_eq!(names(&back, &told), ["payment.PaymentCancelled", "provider.ChargeRefunded"]);
    }
}
