//! How it is shown: as a table for people, or as JSON for programs.

use std::io::{self, Write};

use jangteo_kit::decide::Phase;
use serde_json::{Value, json};

use super::{
    super::print::{BAD, GOOD, LOUD, Print, QUIET, won},
    balance::{Balance, Sum},
    reading::Second,
    renter::RENTERS,
    weather::Weather,
};

impl Print {
    /// What is to be seen.
    pub(super) fn begins(self, seconds: u64) -> io::Result<()> {
        let Self::Text = self else { return Ok(()) };
        let mut out = anstream::stdout();
        let about = "the payment provider gets too slow, and well again";
        writeln!(out, "{LOUD}{RENTERS} renters pay for {seconds} seconds; {about}{LOUD:#}\n")?;
        let head = "  s  provider  paid    after  later    after  busy  breaker";
        writeln!(out, "{QUIET}{head}{QUIET:#}")
    }

    /// What people were told in a second, from 1.
    pub(super) fn second(self, number: u64, weather: Weather, seen: &Second) -> io::Result<()> {
        let mut out = anstream::stdout();
        match self {
            Self::Text => writeln!(out, "{}", line(number, weather, seen)),
            Self::Json => writeln!(out, "{}", object(number, weather, seen)),
        }
    }

    /// What the books say at the end.
    pub(super) fn ends(self, balance: &Balance, phases: &[Phase]) -> io::Result<()> {
        let mut out = anstream::stdout();
        match self {
            Self::Text => table(&mut out, balance),
            Self::Json => writeln!(out, "{}", ledger(balance, phases)),
        }
    }
}

/// Phases one after the other, in words.
pub(super) fn names(phases: &[Phase]) -> String {
    let names: Vec<_> = phases.iter().map(|phase| phase.name().replace('_', "-")).collect();
    names.join(" → ")
}

fn line(number: u64, weather: Weather, seen: &Second) -> String {
    let Second { paid, later, busy, paid_ms, later_ms, phases } = seen;
    let [paid_ms, later_ms] =
        [paid_ms, later_ms].map(|ms| ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms")));
    let (provider, breaker) = (weather.name(), names(phases));
    format!(
        "{number:>3}  {provider:<8}  {paid:>4}  {paid_ms:>7}  {later:>5}  {later_ms:>7}  {busy:>4}  {breaker}"
    )
}

fn object(number: u64, weather: Weather, seen: &Second) -> Value {
    json!({
        "second": number,
        "provider": weather.name(),
        "paid": seen.paid,
        "paidMs": seen.paid_ms,
        "later": seen.later,
        "laterMs": seen.later_ms,
        "busy": seen.busy,
        "phases": phase_names(&seen.phases),
    })
}

fn phase_names(phases: &[Phase]) -> Vec<&'static str> {
    phases.iter().map(|phase| phase.name()).collect()
}

fn table(out: &mut impl Write, balance: &Balance) -> io::Result<()> {
    let Balance { told, paid, standing, undone, refunded, faults } = balance;
    writeln!(out, "\n{LOUD}The books, once all is quiet{LOUD:#}")?;
    let told = format!("{told} times a renter was told that his rental is paid");
    let sum = |Sum { count, won: krw }: &Sum, what: &str| format!("{count} {what}, {}", won(*krw));
    for (margin, words) in [
        ("told", told),
        ("paid", sum(paid, "rentals")),
        ("charged", sum(standing, "charges stand")),
        ("undone", sum(undone, "attempts came to nothing")),
        ("refunded", sum(refunded, "of them had been charged and went back")),
    ] {
        writeln!(out, "    {QUIET}{margin:<8}{QUIET:#}  {words}")?;
    }
    for fault in faults {
        writeln!(out, "    {BAD}{fault}{BAD:#}")?;
    }
    let (style, verdict) = match faults.as_slice() {
        [] => (GOOD, "They balance: nobody paid twice, and nobody for nothing"),
        _ => (BAD, "They do not balance"),
    };
    writeln!(out, "{style}{verdict}{style:#}")
}

fn ledger(balance: &Balance, phases: &[Phase]) -> Value {
    let Balance { told, paid, standing, undone, refunded, faults } = balance;
    let sum = |Sum { count, won }: &Sum| json!({"count": count, "won": won});
    json!({
        "ledger": {
            "told": told,
            "paid": sum(paid),
            "standing": sum(standing),
            "undone": sum(undone),
            "refunded": sum(refunded),
            "faults": faults,
        },
        "phases": phase_names(phases),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second() -> Second {
        Second {
            paid: 1,
            later: 13,
            busy: 0,
            paid_ms: None,
            later_ms: Some(611),
            phases: vec![Phase::Open, Phase::HalfOpen, Phase::Closed],
        }
    }

    #[test]
    fn a_second_is_a_line() {
        let text = line(9, Weather::Well, &second());
        let expected =
            "  9  well         1        -     13   611 ms     0  open → half-open → closed";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_second_is_an_object() {
        let object = object(9, Weather::Well, &second());
        assert_eq!(object["laterMs"], 611);
        assert_eq!(object["paidMs"], Value::Null);
        assert_eq!(object["phases"], json!(["open", "half_open", "closed"]));
    }
}
