//! Logs: lines for people, or JSON for machines, each with the trace it belongs to.

use std::{
    fmt::{self, Write as _},
    io::IsTerminal,
};

use anyhow::Context as _;
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{self, Format, Writer},
    },
    registry::LookupSpan,
};

use super::trace;
use crate::config::LogFormat;

/// Libraries that have little to say to whoever runs a market. Below `warn` some also tell what
/// passes through them, tokens among it, so none speaks up unless it is named itself.
const QUIET: &str = "info,async_nats=warn,h2=warn,hyper=warn,hyper_util=warn,\
    opentelemetry=warn,reqwest=warn,rustls=warn,sea_orm=warn,sqlx=warn,tonic=warn,tower=warn";

/// Writes logs to stdout, those that `RUST_LOG` asks for.
pub(super) fn layer<S>(
    written: LogFormat,
    asked: Option<&str>,
) -> anyhow::Result<Box<dyn Layer<S> + Send + Sync>>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let filter = filter(asked)?;
    let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let lines = tracing_subscriber::fmt::layer();
    Ok(match written {
        LogFormat::Human => {
            let format = human(colours);
            lines.event_format(format).with_ansi(colours).with_filter(filter).boxed()
        }
        LogFormat::Json => lines.json().event_format(json()).with_filter(filter).boxed(),
    })
}

fn filter(asked: Option<&str>) -> anyhow::Result<EnvFilter> {
    let all = format!("{QUIET},{}", asked.unwrap_or_default());
    let parsed = EnvFilter::builder().parse(all);
    parsed.with_context(|| format!("RUST_LOG is malformed: {}", asked.unwrap_or_default()))
}

fn human(colours: bool) -> Traced<Format<format::Compact>> {
    let suffix = |line: &mut String, trace: &str, span: &str| {
        line.truncate(line.trim_end().len());
        writeln!(line, " trace_id={trace} span_id={span}")
    };
    Traced { format: format::format().compact().with_ansi(colours), suffix }
}

fn json() -> Traced<Format<format::Json>> {
    let suffix = |line: &mut String, trace: &str, span: &str| {
        line.truncate(line.trim_end().len() - 1);
        writeln!(line, r#","trace_id":"{trace}","span_id":"{span}"}}"#)
    };
    let format = format::format().json().flatten_event(true).with_span_list(false);
    Traced { format, suffix }
}

/// A format whose lines end with the ids of the trace that they are written in.
struct Traced<F> {
    format: F,
    suffix: fn(&mut String, &str, &str) -> fmt::Result,
}

impl<S, N, F> FormatEvent<S, N> for Traced<F>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let current = trace::current();
        if !current.is_valid() {
            return self.format.format_event(context, writer, event);
        }
        let mut line = String::new();
        self.format.format_event(context, Writer::new(&mut line), event)?;
        let (trace, span) = (current.trace_id().to_string(), current.span_id().to_string());
        (self.suffix)(&mut line, &trace, &span)?;
        writer.write_str(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_for_more_does_not_wake_the_libraries() {
        let filter = filter(Some("debug,jangteo_kit=trace")).unwrap().to_string();
        let said: Vec<&str> = filter.split(',').collect();
        assert!(said.contains(&"debug") && said.contains(&"jangteo_kit=trace"), "{filter}");
        assert!(said.contains(&"h2=warn") && !said.contains(&"info"), "{filter}");
        let named = super::filter(Some("h2=debug")).unwrap().to_string();
        assert!(named.contains("h2=debug") && !named.contains("h2=warn"), "{named}");
    }

    #[test]
    fn a_malformed_filter_is_named() {
        let error = format!("{:#}", filter(Some("jangteo=loud")).unwrap_err());
        assert!(error.contains("RUST_LOG") && error.contains("jangteo=loud"), "{error}");
    }
}
