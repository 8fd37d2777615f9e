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

/// The ports of this process: their lock files, held until it ends.
static TAKEN: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// A port on which nobody listens, and which no other call gets while this process lives,
/// here or in another test process.
pub fn free() -> u16 {
    loop {
        let port = next();
        if let Some(lock) = lock(port)
            && TcpListener::bind(("127.0.0.1", port)).is_ok()
        {
            TAKEN.lock().unwrap_or_else(PoisonError::into_inner).push(lock);
            return port;
        }
    }
}

/// Processes begin far apart, so that they seldom try the same.
fn next() -> u16 {
    static TRIED: AtomicU32 = AtomicU32::new(0);
    let count = u32::try_from(RANGE.len()).expect("fewer than all ports");
    let start = std::process::id().wrapping_mul(251);
    let offset = start.wrapping_add(TRIED.fetch_add(1, Ordering::Relaxed)) % count;
    RANGE.start() + u16::try_from(offset).expect("less than the count of ports")
}

fn lock(port: u16) -> Option<File> {
    let file = File::create(locks().join(port.to_string())).ok()?;
    file.try_lock().ok()?;
    Some(file)
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
        assert!(lock(free()).is_none());
    }
}
