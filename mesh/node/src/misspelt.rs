//! Variables that name no setting. A file with such a key is refused; a variable may be a newer version's,
//! which was rolled back, so it is warned of.

use std::collections::BTreeSet;

use clap::{Command, CommandFactory as _};

use crate::{Cli, settings};

const PREFIX: &str = "JANGTEO_";
/// The settings of one context begin so; those are checked by [`settings`].
const BY_CONTEXT: [&str; 2] = ["JANGTEO_DATABASE_URL_", "JANGTEO_PEER_"];
/// What is read elsewhere: on a terminal, and by tests of crashes.
const ELSEWHERE: [&str; 3] = ["JANGTEO_WELCOME", "JANGTEO_FAILPOINT", "JANGTEO_CLOCK_AHEAD_MS"];
/// How alike two names are, of 1, where one may stand for the other.
const ALIKE: f64 = 0.9;

/// Warns of each variable that nobody reads.
pub(crate) fn warn() {
    let known = known();
    for (name, _) in settings::variables().filter(|(name, it)| is_unread(name, it, &known)) {
        let hint = nearest(&name, &known).map(|meant| format!("is {meant} meant?"));
        let hint = hint.unwrap_or_else(|| "see jangteo serve --help".to_owned());
        tracing::warn!("{name} names no setting: {hint}");
    }
}

/// The variables of all commands.
fn known() -> BTreeSet<String> {
    let mut known = ELSEWHERE.map(str::to_owned).into();
    add(&Cli::command(), &mut known);
    known
}

fn add(command: &Command, known: &mut BTreeSet<String>) {
    let variables = command.get_arguments().filter_map(|it| it.get_env()?.to_str());
    known.extend(variables.map(str::to_owned));
    for command in command.get_subcommands() {
        add(command, known);
    }
}

fn is_unread(name: &str, value: &str, known: &BTreeSet<String>) -> bool {
    name.starts_with(PREFIX)
        && !known.contains(name)
        && !BY_CONTEXT.iter().any(|prefix| name.starts_with(prefix))
        && !is_of_a_service(name, value)
}

/// Whether Kubernetes sets it in every pod beside a Service, such as `JANGTEO_POST_PORT_50051_TCP`, or
/// `JANGTEO_POST_PORT`, which is a URL: a number there is what somebody means to set.
fn is_of_a_service(name: &str, value: &str) -> bool {
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.contains("_PORT_")
        || (name.ends_with("_PORT") && value.contains("://"))
}

/// The known name that is most like it, if one is.
fn nearest<'a>(name: &str, known: &'a BTreeSet<String>) -> Option<&'a String> {
    // All begin alike.
    let rest = |name: &'a str| name.strip_prefix(PREFIX).unwrap_or(name);
    let alike = |it: &'a String| strsim::jaro_winkler(rest(it), &name[PREFIX.len()..]);
    let near = known.iter().map(|it| (alike(it), it)).filter(|(alike, _)| *alike >= ALIKE);
    near.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, it)| it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_known() {
        let known = known();
        for name in ["JANGTEO_NATS_URL", "JANGTEO_DRAIN_MS", "JANGTEO_TOKEN", "JANGTEO_WELCOME"] {
            assert!(!is_unread(name, "", &known), "{name}");
        }
        for name in ["JANGTEO_PEER_POST", "JANGTEO_DATABASE_URL_POST", "PATH"] {
            assert!(!is_unread(name, "", &known), "{name}");
        }
        for name in ["JANGTEO_POST_SERVICE_HOST", "JANGTEO_POST_PORT_50051_TCP"] {
            assert!(!is_unread(name, "10.96.0.7", &known), "{name}");
        }
        assert!(!is_unread("JANGTEO_POST_PORT", "tcp://10.96.0.7:50051", &known));
    }

    #[test]
    fn what_is_misspelt_is_told_with_what_is_meant() {
        let known = known();
        for (name, meant) in [
            ("JANGTEO_DATABSE_URL", Some("JANGTEO_DATABASE_URL")),
            ("JANGTEO_NATS_URLS", Some("JANGTEO_NATS_URL")),
            ("JANGTEO_PRODUCTON", Some("JANGTEO_PRODUCTION")),
            ("JANGTEO_HTTP_PORT", None),
            ("JANGTEO_COLOUR", None),
        ] {
            assert!(is_unread(name, "8080", &known), "{name}");
            assert_eq!(nearest(name, &known).map(String::as_str), meant, "{name}");
        }
    }
}
