//! What notifications say, in the language of whoever reads them.

mod en;
mod ko;
#[cfg(test)]
mod tests;

use jangteo::notification::v1::Language;
use prost_types::Timestamp;
use uuid::Uuid;

use crate::domain::{Arguments, Kind};

/// Clocks in Korea are ahead of UTC by as many seconds, all the year.
const KOREA: i64 = 9 * 3_600;

/// What a notification of this kind says. What is not among its arguments it says without.
pub(crate) fn text(kind: Kind, arguments: &Arguments, language: Language) -> String {
    let said = Said(arguments);
    match language {
        Language::Unspecified | Language::Ko => ko::text(kind, &said),
        Language::En => en::text(kind, &said),
    }
}

/// What asks whoever reads mail at an address whether he wants to be told there.
pub(crate) fn confirmation(code: &str, language: Language) -> String {
    match language {
        Language::Unspecified | Language::Ko => ko::confirmation(code),
        Language::En => en::confirmation(code),
    }
}

/// How to get no more mail from a channel.
pub(crate) fn footer(channel: Uuid, language: Language) -> String {
    match language {
        Language::Unspecified | Language::Ko => ko::footer(channel),
        Language::En => en::footer(channel),
    }
}

/// The arguments of a text.
struct Said<'a>(&'a Arguments);

/// A time as clocks in Korea show it.
struct Local {
    /// From 1.
    month: usize,
    /// Of the month.
    day: u8,
    /// Hours and minutes.
    clock: String,
}

impl Said<'_> {
    /// What is called so.
    fn word(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|word| !word.is_empty())
    }

    /// A number with its thousands apart.
    fn number(&self, name: &str) -> Option<String> {
        self.word(name)?.parse().ok().map(grouped)
    }

    /// A time, where people meet or pay.
    fn time(&self, name: &str) -> Option<Local> {
        let utc: Timestamp = self.word(name)?.parse().ok()?;
        let here = Timestamp { seconds: utc.seconds.saturating_add(KOREA), ..utc }.to_string();
        let (date, time) = here.split_once('T')?;
        let mut parts = date.rsplit('-');
        let (day, month) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Local { month, day, clock: time.get(..5)?.to_owned() })
    }
}

fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::from(if number < 0 { "-" } else { "" });
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
