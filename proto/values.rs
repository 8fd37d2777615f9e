//! Single values against their limits.

use std::ops::RangeInclusive;

use prost_reflect::{DynamicMessage, EnumDescriptor, Value};

use crate::limits::Each;

/// The broken rule, and what is allowed.
type Refused = (&'static str, String);

/// Whether a value is within its limits; messages and field masks are the request's business.
pub(crate) fn check(each: &Each, value: &Value) -> Result<(), Refused> {
    match (each, value) {
        (Each::Text { min_len, max_len, uuid }, Value::String(text)) => {
            printable(text)?;
            length(text, *min_len, *max_len)?;
            if *uuid { canonical_uuid(text) } else { Ok(()) }
        }
        (Each::Bytes { max_len }, Value::Bytes(bytes)) => {
            let allowed = || ("TOO_LONG", format!("must be at most {max_len} bytes"));
            ensure(bytes.len() <= *max_len, allowed)
        }
        (Each::Number { least, most }, Value::I32(number)) => {
            range(i64::from(*number), *least, *most)
        }
        (Each::Number { least, most }, Value::I64(number)) => range(*number, *least, *most),
        (Each::Enum { of, defined_only, not_in }, Value::EnumNumber(number)) => {
            ensure(!defined_only || of.get_value(*number).is_some(), || undefined(of))?;
            ensure(!not_in.contains(number), || forbidden(of, not_in))
        }
        (Each::Timestamp, Value::Message(timestamp)) => writable(timestamp),
        (Each::Duration, Value::Message(duration)) => lasting(duration),
        _ => Ok(()),
    }
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> Refused) -> Result<(), Refused> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// Text that shows what it says: it can't forge a log line nor turn what stands beside it around.
fn printable(text: &str) -> Result<(), Refused> {
    let allowed = "must be one line without control characters or marks that change its direction";
    ensure(!text.chars().any(is_control), || ("CONTROL_CHARACTER", allowed.to_owned()))
}

fn is_control(c: char) -> bool {
    let separator = matches!(c, '\u{2028}' | '\u{2029}');
    let bidi_override = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || separator || bidi_override
}

fn length(text: &str, min_len: usize, max_len: usize) -> Result<(), Refused> {
    let count = text.chars().count();
    let blank = text.trim().is_empty();
    let visible = if blank { 0 } else { count };
    ensure(visible >= min_len, || {
        ("TOO_SHORT", format!("{} characters, not only spaces", span(min_len, max_len)))
    })?;
    ensure(count <= max_len, || ("TOO_LONG", format!("must be at most {max_len} characters")))
}

fn span(least: usize, most: usize) -> String {
    if most == usize::MAX {
        format!("must be at least {least}")
    } else {
        format!("must be {least} to {most}")
    }
}

fn range(number: i64, least: i64, most: i64) -> Result<(), Refused> {
    ensure((least..=most).contains(&number), || {
        let allowed = match (least, most) {
            (i64::MIN, most) => format!("must be {most} or less"),
            (least, i64::MAX) => format!("must be {least} or more"),
            (least, most) => format!("must be {least} to {most}"),
        };
        ("OUT_OF_RANGE", allowed)
    })
}

fn canonical_uuid(text: &str) -> Result<(), Refused> {
    let fits = |(index, byte): (usize, u8)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    ensure(text.len() == 36 && text.bytes().enumerate().all(fits), || {
        let example = "0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3f";
        ("NOT_A_UUID", format!("must be a UUID of 36 characters, such as {example}"))
    })
}

fn undefined(of: &EnumDescriptor) -> Refused {
    let names: Vec<_> = of.values().map(|value| value.name().to_owned()).collect();
    ("UNDEFINED_VALUE", format!("must be one of {}", names.join(", ")))
}

fn forbidden(of: &EnumDescriptor, not_in: &[i32]) -> Refused {
    let values = not_in.iter().filter_map(|number| of.get_value(*number));
    let names: Vec<_> = values.map(|it| it.name().to_owned()).collect();
    ("NOT_ALLOWED", format!("must not be {}", names.join(" or ")))
}

/// The seconds from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
const WRITABLE_SECONDS: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// The seconds of 10,000 years: the longest that the contract of durations allows.
const LASTING_SECONDS: RangeInclusive<i64> = 0..=315_576_000_000;

fn writable(timestamp: &DynamicMessage) -> Result<(), Refused> {
    ensure(is_within(timestamp, &WRITABLE_SECONDS), || {
        let allowed = "must be a time of the years 1 to 9999 with nanos from 0 to 999999999";
        ("INVALID_TIMESTAMP", allowed.to_owned())
    })
}

fn lasting(duration: &DynamicMessage) -> Result<(), Refused> {
    ensure(is_within(duration, &LASTING_SECONDS), || {
        let allowed = "must last from 0 seconds to 10000 years with nanos from 0 to 999999999";
        ("INVALID_DURATION", allowed.to_owned())
    })
}

/// Whether seconds and nanos of a message are what they may be.
fn is_within(message: &DynamicMessage, allowed: &RangeInclusive<i64>) -> bool {
    let seconds = message.get_field_by_name("seconds").and_then(|it| it.as_i64());
    let nanos = message.get_field_by_name("nanos").and_then(|it| it.as_i32());
    seconds.is_some_and(|it| allowed.contains(&it))
        && nanos.is_some_and(|it| (0..1_000_000_000).contains(&it))
}
