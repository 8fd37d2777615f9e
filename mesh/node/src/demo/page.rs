//! A page of somebody, what it should show, and whether it does.

use jangteo::errors;
use prost::{Message, Name};
use serde_json::Value;
use tonic::Status;

use super::{
    ask::{self, Ask},
    stage::Stage,
    step::{Refused, Row, Step},
};

/// What somebody's page should show.
pub(super) struct Page<'a, Q: Ask> {
    /// Who looks.
    pub(super) of: &'a str,
    pub(super) request: Q,
    /// None: that it is not there.
    pub(super) expected: Option<Q::Answer>,
}

/// What a page shows.
pub(super) trait Shown: Message + Name + Clone + PartialEq {
    /// Without the times.
    fn timeless(&self) -> Self;

    /// For people.
    fn words(&self) -> String;
}

impl<Q: Ask<Answer: Shown>> Page<'_, Q> {
    /// Waits until it shows that; `absent` is the reason when it is not there.
    pub(super) async fn shown(
        self,
        stage: &Stage,
        step: &Step,
        absent: &str,
    ) -> anyhow::Result<Row> {
        let Self { of, request, expected } = self;
        let fits = |seen: Result<&Q::Answer, &Status>| match (seen, &expected) {
            (Ok(seen), Some(expected)) => seen.timeless() == *expected,
            (Err(status), None) => errors::reason(status).as_deref() == Some(absent),
            _ => false,
        };
        let seen = stage.page(step, of, request, &fits).await?;
        if !fits(seen.as_ref()) {
            let expected = expected.as_ref().map_or_else(|| absent.to_owned(), said);
            let seen = seen.map_or_else(|status| Refused::from(&status).words(), |it| said(&it));
            return Err(step.differs(&format!("on the page of {of}: {expected}"), &seen));
        }
        let (shows, words) = match &seen {
            Ok(seen) => (ask::json(seen), seen.words()),
            Err(_) => (Value::Null, "gone".to_owned()),
        };
        Ok(Row { of: of.to_owned(), rpc: ask::rpc::<Q>(), shows, words })
    }
}

/// Waits until somebody is shown what fits: `what`, in words.
pub(super) async fn fitting<Q: Ask>(
    stage: &Stage,
    step: &Step,
    of: &str,
    request: Q,
    what: &str,
    fits: impl Fn(&Q::Answer) -> bool,
) -> anyhow::Result<Q::Answer> {
    match stage.page(step, of, request, |seen| seen.is_ok_and(&fits)).await? {
        Ok(seen) if fits(&seen) => Ok(seen),
        Ok(seen) => Err(step.differs(what, &said(&seen))),
        Err(status) => Err(step.differs(what, &Refused::from(&status).words())),
    }
}

fn said<M: Message + Name>(shown: &M) -> String {
    ask::json(shown).to_string()
}
