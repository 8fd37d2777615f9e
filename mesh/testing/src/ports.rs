//! Ports for servers that have to know theirs before they start.

use std::{
    fs::{self, File},
    net::TcpListener,
    ops::RangeInclusive,
    path::PathBuf,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::{Context as _, Result};

/// Below the range from which the kernel gives ports to outgoing connections.
const RANGE: RangeInclusive<u16> = 10_000..=32_767;

/// As many ports as go with one lock: a file for each would be more than a process may open.
const BLOCK: u16 = 32;

/// The ports of this process.
static OURS: Mutex<Ours> = Mutex::new(Ours { locks: Vec::new(), rest: Vec::new() });

struct Ours {
    /// The lock files of all blocks, held until the process ends.
    locks: Vec<File>,
    /// The ports that nobody was given yet.
    rest: Vec<u16>,
}

/// A port on which nobody listens, and which no other call gets while this process lives,
/// here or in another test process.
pub fn free() -> u16 {
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(port) = ours.rest.pop() {
            if TcpListener::bind(("127.0.0.1", port)).is_ok() {
                return port;
            }
        } else if let Some((lock, ports)) = block(next()) {
            ours.locks.push(lock);
            ours.rest.extend(ports);
        }
    }
}

/// Processes begin far apart, so that they seldom try the same.
fn next() -> u16 {
    static TRIED: AtomicU32 = AtomicU32::new(0);
    let blocks = u32::try_from(RANGE.len()).expect("fewer than all ports") / u32::from(BLOCK);
    let start = std::process::id().wrapping_mul(251);
    let number = start.wrapping_add(TRIED.fetch_add(1, Ordering::Relaxed)) % blocks;
    u16::try_from(number).expect("fewer blocks than ports")
}

/// The ports of a block, unless another process has them.
fn block(number: u16) -> Option<(File, RangeInclusive<u16>)> {
    let first = RANGE.start() + number * BLOCK;
    let lock = File::create(locks().join(first.to_string())).ok()?;
    lock.try_lock().ok()?;
    Some((lock, first..=first + BLOCK - 1))
}

fn locks() -> &'static PathBuf {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| make_locks().expect("the temporary directory can be written"))
}

fn make_locks() -> Result<PathBuf> {
    let dir = crate::scratch::shared()?.join("ports");
    fs::create_dir_all(&dir).with_context(|| format!("create {}", dir.display()))?;
    Ok(dir)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_port_is_given_twice() {
        let ports: BTreeSet<_> = (0..300).map(|_| free()).collect();
        assert_eq!(ports.len(), 300);
        assert!(ports.iter().all(|port| RANGE.contains(port)));
    }

    #[test]
    fn a_port_given_is_locked_against_other_processes() {
        let number = (free() - RANGE.start()) / BLOCK;
        assert!(block(number).is_none());
    }
}
