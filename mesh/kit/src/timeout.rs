//! `grpc-timeout`: how long whoever calls waits.

use std::time::Duration;

use http::HeaderMap;

/// What it is called.
pub(crate) const HEADER: &str = "grpc-timeout";
/// More digits than this are not a `grpc-timeout`.
const DIGITS: std::ops::RangeInclusive<usize> = 1..=8;

/// The header is there, and says nothing that can be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// What it says, if it is there.
pub(crate) fn asked(headers: &HeaderMap) -> Result<Option<Duration>, Malformed> {
    let mut values = headers.get_all(HEADER).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().ok().and_then(parse).map(Some).ok_or(Malformed),
        (Some(_), Some(_)) => Err(Malformed),
    }
}

fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !DIGITS.contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_hours(count)),
        "M" => Some(Duration::from_mins(count)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_is_read() {
        let read = |text| parse(text).unwrap();
        assert_eq!(read("2H"), Duration::from_hours(2));
        assert_eq!(read("2M"), Duration::from_mins(2));
        assert_eq!(read("2S"), Duration::from_secs(2));
        assert_eq!(read("2m"), Duration::from_millis(2));
        assert_eq!(read("2u"), Duration::from_micros(2));
        assert_eq!(read("2n"), Duration::from_nanos(2));
        assert_eq!(read("99999999H"), Duration::from_hours(99_999_999));
    }

    #[test]
    fn what_is_no_timeout_is_refused() {
        for wrong in ["", "S", "2", "2s", "-2S", "+2S", "2.5S", " 2S", "2 S", "123456789m", "2초"]
        {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_timeout_comes_once() {
        let mut headers = HeaderMap::new();
        headers.append(HEADER, "1S".parse().unwrap());
        assert!(asked(&headers).is_ok());
        headers.append(HEADER, "1S".parse().unwrap());
        assert!(asked(&headers).is_err());
    }
}
