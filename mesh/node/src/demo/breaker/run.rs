//! The course of it, second by second.

use std::{mem, time::Duration};

use anyhow::{anyhow, bail};
use jangteo::rental::v1::Rental;
use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver},
        watch,
    },
    task::JoinSet,
    time::{Instant, interval_at},
};
use tonic::Status;

use super::{
    super::{people::People, print::Print},
    Provider,
    balance::{Balance, balance},
    books,
    print::names,
    reading::{Reading, Second, Try},
    renter::{Course, RENTERS, Ready, Renter},
    weather::Weather,
};

const SECOND: Duration = Duration::from_secs(1);
/// How many seconds more it may take until the breaker is closed again: it stays open for 5 s, and the
/// one behind it as long.
const MORE: u64 = 15;

/// The renters, each at his own pace, and what they have told so far.
struct Crowd {
    renters: JoinSet<Result<Vec<Rental>, Status>>,
    tries: UnboundedReceiver<Try>,
    over: watch::Sender<bool>,
    /// What was heard in this second.
    heard: Vec<Try>,
}

/// Lets people pay for so many seconds, waits until all is quiet, and balances the books.
pub(super) async fn run(
    people: &People,
    provider: &Provider<'_>,
    print: Print,
    seconds: u64,
) -> anyhow::Result<()> {
    provider.behaves(Weather::at(0, seconds).sandbox()).await?;
    let refused = |status: Status| anyhow!("{}", people.refusal(&status));
    let mut ready = vec![];
    for number in 1..=RENTERS {
        ready.push(Renter::new(people, number)?.ready().await.map_err(refused)?);
    }
    print.begins(seconds)?;
    let mut show = Show { print, seconds, reading: Reading::default(), paid: 0 };
    let rented = show.plays(ready, provider, refused).await?;
    let balance = balance(&books::quiet(people, provider, &rented, show.paid).await?);
    print.ends(&balance, show.reading.phases())?;
    verdict(&balance, &show.reading)
}

/// What is shown, and has been seen so far.
struct Show {
    print: Print,
    seconds: u64,
    reading: Reading,
    paid: usize,
}

impl Show {
    /// Answers all that was rented.
    async fn plays(
        &mut self,
        ready: Vec<Ready>,
        provider: &Provider<'_>,
        refused: impl Fn(Status) -> anyhow::Error,
    ) -> anyhow::Result<Vec<Rental>> {
        let start = Instant::now();
        let mut crowd = Crowd::starts(ready, start);
        let mut ticks = interval_at(start + SECOND, SECOND);
        let mut second = 0;
        loop {
            tokio::select! {
                Some(heard) = crowd.tries.recv() => crowd.heard.push(heard),
                // None goes before it is over, unless something is wrong.
                Some(gone) = crowd.renters.join_next() => drop(gone?.map_err(&refused)?),
                _ = ticks.tick() => {
                    self.shows(second, &mem::take(&mut crowd.heard))?;
                    second += 1;
                    if self.is_over(second) {
                        break;
                    }
                    provider.behaves(Weather::at(second, self.seconds).sandbox()).await?;
                }
            }
        }
        let rented = crowd.ends().await?.map_err(refused)?;
        if !crowd.heard.is_empty() {
            self.shows(second, &crowd.heard)?;
        }
        Ok(rented)
    }

    fn shows(&mut self, second: u64, heard: &[Try]) -> anyhow::Result<()> {
        let seen = Second::of(heard, &mut self.reading);
        self.paid += seen.paid;
        Ok(self.print.second(second + 1, Weather::at(second, self.seconds), &seen)?)
    }

    /// Whether it is over after so many seconds.
    fn is_over(&self, second: u64) -> bool {
        let end = if self.reading.has_recovered() { self.seconds } else { self.seconds + MORE };
        second >= end
    }
}

impl Crowd {
    fn starts(ready: Vec<Ready>, start: Instant) -> Self {
        let (sender, tries) = mpsc::unbounded_channel();
        let (over, is_over) = watch::channel(false);
        let course = Course { start, tries: sender, over: is_over };
        let renters = ready.into_iter().map(|renter| renter.pays(course.clone())).collect();
        Self { renters, tries, over, heard: vec![] }
    }

    /// Everybody finishes what he is at; answers all that was rented, or what went wrong.
    async fn ends(&mut self) -> anyhow::Result<Result<Vec<Rental>, Status>> {
        self.over.send_replace(true);
        let mut rented = vec![];
        while let Some(gone) = self.renters.join_next().await {
            match gone? {
                Ok(his) => rented.extend(his),
                Err(status) => return Ok(Err(status)),
            }
        }
        while let Some(heard) = self.tries.recv().await {
            self.heard.push(heard);
        }
        Ok(Ok(rented))
    }
}

/// Whether it came out as it should.
fn verdict(balance: &Balance, reading: &Reading) -> anyhow::Result<()> {
    if !balance.faults.is_empty() {
        bail!("the books do not balance: {}", balance.faults.join("; "));
    }
    if !reading.has_recovered() {
        let seen = names(reading.phases());
        bail!("the breaker should be seen closed, open and closed again; seen: {seen}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{
        super::{balance::Books, reading::Told},
        *,
    };

    /// Paid, refused at once, and paid again.
    fn recovered() -> Reading {
        let heard = |told, from: u64, took: u64| {
            let from = Duration::from_millis(from);
            Try { told, from, to: from + Duration::from_millis(took) }
        };
        let tries =
            [heard(Told::Paid, 0, 200), heard(Told::Later, 900, 2), heard(Told::Paid, 6_000, 200)];
        let mut reading = Reading::default();
        Second::of(&tries, &mut reading);
        reading
    }

    #[test]
    fn it_ends_well_where_the_breaker_recovers_and_the_books_balance() {
        let balanced = balance(&Books::default());
        assert!(verdict(&balanced, &recovered()).is_ok());
        let error = verdict(&balanced, &Reading::default()).unwrap_err().to_string();
        assert!(error.contains("closed, open and closed again"), "{error}");
        let faulty = balance(&Books { told: 1, ..Books::default() });
        let error = verdict(&faulty, &recovered()).unwrap_err().to_string();
        assert!(error.starts_with("the books do not balance: 1 times"), "{error}");
    }
}
