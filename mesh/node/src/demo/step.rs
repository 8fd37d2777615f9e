//! One step of a story, as it is told.

use anyhow::anyhow;
use jangteo::{errors, view::v1::TimelineEntry};
use jangteo_kit::server;
use serde_json::{Value, json};
use tonic::Status;

use super::ask;

/// Who does what, in words.
pub(super) struct Scene {
    /// The acceptance cases or requirements that it shows.
    pub(super) cases: &'static [&'static str],
    /// The person.
    pub(super) who: &'static str,
    /// What goes on after the person's name.
    pub(super) words: String,
}

pub(super) fn scene(
    cases: &'static [&'static str],
    who: &'static str,
    words: impl Into<String>,
) -> Scene {
    Scene { cases, who, words: words.into() }
}

/// One step: what was asked and answered, what followed, what my-page shows then.
pub(super) struct Step {
    pub(super) story: &'static str,
    /// Counts from 1 in its story.
    pub(super) number: usize,
    pub(super) scene: Scene,
    pub(super) rpc: String,
    pub(super) request: Value,
    pub(super) answer: Answer,
    /// The timelines that the events are of, whatever context they happened in.
    pub(super) timelines: Vec<String>,
    pub(super) events: Vec<TimelineEntry>,
    pub(super) my_page: Vec<Row>,
}

/// What was answered.
pub(super) enum Answer {
    /// The answer, and the consistency token of what was written.
    Granted {
        reply: Value,
        written: String,
    },
    Refused(Refused),
}

/// A refusal, for programs and for people.
pub(super) struct Refused {
    pub(super) code: &'static str,
    pub(super) reason: String,
    pub(super) message: String,
}

/// What a page shows to somebody.
pub(super) struct Row {
    pub(super) of: String,
    /// The RPC that answers it.
    pub(super) rpc: String,
    /// Null where it is not there.
    pub(super) shows: Value,
    pub(super) words: String,
}

impl From<&Status> for Refused {
    fn from(status: &Status) -> Self {
        let code = server::reason(status.code());
        let reason = errors::reason(status).unwrap_or_else(|| code.to_owned());
        Self { code, reason, message: status.message().to_owned() }
    }
}

impl Refused {
    /// In one line.
    pub(super) fn words(&self) -> String {
        format!("{}: {} ({})", self.reason, self.message, self.code)
    }
}

impl Step {
    /// The token that a read waits for to see what this step wrote.
    pub(super) fn written(&self) -> &str {
        match &self.answer {
            Answer::Granted { written, .. } => written,
            Answer::Refused(_) => "",
        }
    }

    /// The step did not come out as the story says.
    pub(super) fn differs(&self, expected: &str, seen: &str) -> anyhow::Error {
        let Self { story, number, scene: Scene { who, words, .. }, .. } = self;
        anyhow!("step {number} of story {story} ({who} {words}): expected {expected}; seen {seen}")
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let Scene { cases, who, words } = &self.scene;
        let answer = match &self.answer {
            Answer::Granted { reply, .. } => json!({"granted": reply}),
            Answer::Refused(Refused { code, reason, message }) => {
                json!({"refused": {"code": code, "reason": reason, "message": message}})
            }
        };
        json!({
            "story": self.story,
            "step": self.number,
            "cases": cases,
            "asked": {"who": who, "words": words, "rpc": self.rpc, "request": self.request},
            "answer": answer,
            "correlationIds": self.timelines,
            "events": self.events.iter().map(ask::json).collect::<Vec<_>>(),
            "myPage": self.my_page.iter().map(Row::json).collect::<Vec<_>>(),
        })
    }
}

impl Row {
    fn json(&self) -> Value {
        json!({"of": self.of, "rpc": self.rpc, "shows": self.shows})
    }
}
