//! A process and all that descend from it, frozen where they are.

use std::{
    fs,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

/// A thread that waits for its disk stops only once that has answered.
const PATIENCE: Duration = Duration::from_secs(30);

/// Processes of which no thread runs. They go on only if told to.
#[derive(Debug)]
pub(crate) struct Frozen {
    /// Parents before their children.
    tree: Vec<u32>,
}

impl Frozen {
    /// Stops a process and its descendants, and waits until none of their threads runs.
    pub(crate) fn with_descendants(root: u32) -> Result<Self> {
        let end = Instant::now() + PATIENCE;
        loop {
            let tree = tree(root);
            // One that was not stopped yet may have had another child meanwhile.
            if tree.iter().all(|pid| stands_still(*pid)) && tree == self::tree(root) {
                return Ok(Self { tree });
            }
            ensure!(Instant::now() < end, "process {root} does not stop within {PATIENCE:?}");
            send("STOP", &tree)?;
            sleep(Duration::from_millis(1));
        }
    }

    /// SIGKILL to all but the first, which is its owner's to kill. As long as that does not run,
    /// their numbers are nobody else's.
    pub(crate) fn kill_descendants(self) -> Result<()> {
        send("KILL", &self.tree[1..])
    }
}

/// A process and its descendants, parents before their children.
fn tree(root: u32) -> Vec<u32> {
    let parents = parents();
    let mut tree = vec![root];
    let mut next = 0;
    while let Some(parent) = tree.get(next).copied() {
        tree.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    tree
}

/// All processes, each with its parent.
fn parents() -> Vec<(u32, u32)> {
    let names =
        fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.file_name());
    let pids = names.filter_map(|name| name.to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| Some((pid, status(&format!("/proc/{pid}/stat"))?.1))).collect()
}

/// Whether no thread of a process runs; one that has ended stands still too.
fn stands_still(pid: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let mut states = threads.filter_map(|thread| status(thread.path().join("stat").to_str()?));
    states.all(|(state, _)| ["T", "Z", "X"].contains(&state.as_str()))
}

/// State and parent, from `12 (name) S 1 …`; a name may hold anything.
fn status(file: &str) -> Option<(String, u32)> {
    let text = fs::read_to_string(file).ok()?;
    let mut fields = text.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

/// Whoever has ended meanwhile need not hear of it.
fn send(signal: &str, pids: &[u32]) -> Result<()> {
    // The shell's own `kill`: signals are an unsafe call, and procps is not everywhere.
    let script = "signal=$0; for pid; do kill -\"$signal\" \"$pid\"; done";
    let pids = pids.iter().map(ToString::to_string);
    Command::new("sh").args(["-c", script, signal]).args(pids).output()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        process::{Process, Program, tail},
        scratch,
        until::until,
    };

    #[tokio::test]
    async fn children_are_frozen_and_killed_with_their_parent() {
        let dir = scratch::directory("shell").unwrap();
        let log = dir.path().join("log");
        let script = "sh -c 'echo $$; while :; do :; done' & wait";
        let shell = Program::new(Path::new("/bin/sh"), log.clone()).args(["-c", script]);
        let process = Process::start(&shell).unwrap();
        let told = async || tail(&log).trim().parse::<u32>().ok();
        let child = until(Duration::from_secs(10), told).await;
        assert!(!stands_still(child));

        let frozen = Frozen::with_descendants(process.id()).unwrap();
        assert_eq!(frozen.tree, [process.id(), child]);
        assert!(stands_still(child));
        frozen.kill_descendants().unwrap();
        process.kill();
        let gone = async || (!parents().contains(&(child, process.id()))).then_some(());
        until(Duration::from_secs(10), gone).await;
    }
}
