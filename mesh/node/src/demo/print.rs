//! How steps are shown: as a timeline for people, or as JSON for programs.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use jangteo::view::v1::TimelineEntry;
use prost_types::Timestamp;
use serde_json::Value;

use super::step::{Answer, Row, Scene, Step};

pub(super) const LOUD: Style = Style::new().bold();
pub(super) const QUIET: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Yellow.on_default();
const EVENT: Style = AnsiColor::Cyan.on_default();

/// For whom it is.
#[derive(Clone, Copy)]
pub(super) enum Print {
    /// People. There are colours at a terminal only, and none where `NO_COLOR` is set.
    Text,
    /// Programs: an object per step, on a line of its own.
    Json,
}

impl Print {
    /// A story begins.
    pub(super) fn opening(self, story: &str, about: &str) -> io::Result<()> {
        let Self::Text = self else { return Ok(()) };
        writeln!(anstream::stdout(), "{LOUD}Story {story}: {about}{LOUD:#}")
    }

    /// A step of it.
    pub(super) fn step(self, step: &Step) -> io::Result<()> {
        let mut out = anstream::stdout();
        match self {
            Self::Text => text(&mut out, step),
            Self::Json => writeln!(out, "{}", step.json()),
        }
    }

    /// All of it has come out as it should.
    pub(super) fn closing(self, story: &str, steps: usize, refusals: usize) -> io::Result<()> {
        let Self::Text = self else { return Ok(()) };
        let told = format!("{steps} steps, {refusals} of them refused, all as the story says");
        writeln!(anstream::stdout(), "\n{GOOD}Story {story}: {told}{GOOD:#}")
    }
}

/// A step as a paragraph, each line of it under a name in the margin.
fn text(out: &mut impl Write, step: &Step) -> io::Result<()> {
    let Scene { cases, who, words } = &step.scene;
    let (number, cases) = (step.number, cases.join(", "));
    writeln!(out, "\n{number:>2}  {LOUD}{who}{LOUD:#} {words}  {QUIET}{cases}{QUIET:#}")?;
    line(out, "asked", &format!("{QUIET}{}{QUIET:#}", step.rpc))?;
    answered(out, &step.answer)?;
    followed(out, &step.timelines, &step.events)?;
    for (at, Row { of, words, .. }) in step.my_page.iter().enumerate() {
        line(out, if at == 0 { "my-page" } else { "" }, &format!("{of} {words}"))?;
    }
    Ok(())
}

fn line(out: &mut impl Write, margin: &str, words: &str) -> io::Result<()> {
    writeln!(out, "    {QUIET}{margin:<8}{QUIET:#}  {words}")
}

fn answered(out: &mut impl Write, answer: &Answer) -> io::Result<()> {
    match answer {
        Answer::Granted { reply, .. } => {
            line(out, "granted", &format!("{GOOD}{}{GOOD:#}", stands(reply)))
        }
        Answer::Refused(refused) => {
            line(out, "refused", &format!("{BAD}{}{BAD:#}", refused.words()))
        }
    }
}

/// Where something stands, whatever was asked for; a store stands nowhere, nor does a list.
fn stands(reply: &Value) -> String {
    let stateless = if reply["id"].is_string() { "done" } else { "a list" };
    let state = reply["state"].as_str().unwrap_or(stateless);
    state.trim_start_matches("STATE_").to_lowercase()
}

fn followed(out: &mut impl Write, ids: &[String], events: &[TimelineEntry]) -> io::Result<()> {
    let nothing = if events.is_empty() { ": nothing followed" } else { "" };
    for (at, id) in ids.iter().enumerate() {
        let (margin, end) = (if at == 0 { "timeline" } else { "" }, at + 1 == ids.len());
        let nothing = if end { nothing } else { "" };
        line(out, margin, &format!("{QUIET}{id}{QUIET:#}{nothing}"))?;
    }
    let wide = events.iter().map(|entry| entry.context.len()).fold(5, usize::max);
    for TimelineEntry { time, context, event, .. } in events {
        let clock = clock(time.unwrap_or_default());
        line(out, "", &format!("{clock}  {context:<wide$} {EVENT}{event}{EVENT:#}"))?;
    }
    Ok(())
}

/// The time of day, UTC.
fn clock(time: Timestamp) -> String {
    let second = time.seconds.rem_euclid(24 * 60 * 60);
    let (hours, minutes, seconds) = (second / 3600, second / 60 % 60, second % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", time.nanos / 1_000_000)
}

/// An amount of money as people write it.
pub(super) fn won(krw: i64) -> String {
    let digits = krw.to_string();
    let mut written = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written + " won"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_in_groups_of_three_digits() {
        let written = [0, 999, 9_000, 510_000, 1_000_000_000].map(won);
        assert_eq!(written, ["0 won", "999 won", "9,000 won", "510,000 won", "1,000,000,000 won"]);
    }

    #[test]
    fn an_event_is_told_by_the_time_of_day() {
        let time = Timestamp { seconds: 86_400 * 20_000 + 3_723, nanos: 45_999_999 };
        assert_eq!(clock(time), "01:02:03.045");
    }
}
