//! How many files a process may open: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Of the files that may be open, one in so many is a connection at one address: there are two
/// addresses, the front door's own connections to contexts, and databases.
const SHARE: u64 = 4;

/// Lets this process open as many files as it is allowed to ask for. Answers for how many of the
/// `wanted` connections at one address that is enough.
pub(super) fn connections(wanted: usize) -> usize {
    let known = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: known.maximum, maximum: known.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
    let files = getrlimit(Resource::Nofile).current;
    let fitting =
        files.map_or(usize::MAX, |files| (files / SHARE).try_into().unwrap_or(usize::MAX));
    if fitting < wanted {
        tracing::warn!(files, wanted, connections = fitting, "few files may be open");
    }
    wanted.min(fitting)
}
