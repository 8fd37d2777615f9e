//! Directories that do not outlive the test process, however it ends.
//!
//! A killed process cleans up nothing, and a static server is never dropped. So every process
//! keeps its files under a folder of its own beside a lock file that it holds for life; the next
//! process removes whatever belongs to a lock that nobody holds any more.

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use anyhow::{Context as _, Result};

use crate::disk;

/// A new directory that goes away with its value, at the latest with the next test process.
pub fn directory(name: &str) -> Result<tempfile::TempDir> {
    let dir = tempfile::Builder::new().prefix(&format!("{name}-")).tempdir_in(own()?)?;
    // Servers that run as another user have to pass through.
    open_to_pass(dir.path())?;
    Ok(dir)
}

/// The id of the user that runs the tests; 0 is root, as which `PostgreSQL` refuses to run.
pub(crate) fn user() -> Result<u32> {
    Ok(tempfile::tempfile()?.metadata()?.uid())
}

/// What the test processes of this user share.
pub(crate) fn shared() -> Result<PathBuf> {
    let dir = std::env::temp_dir().join(format!("jangteo-testing-{}", user()?));
    fs::create_dir_all(&dir).with_context(|| format!("create {}", dir.display()))?;
    open_to_pass(&dir)?;
    Ok(dir)
}

/// The folder of this process, made at the first call.
fn own() -> Result<&'static Path> {
    static OWN: OnceLock<(PathBuf, File)> = OnceLock::new();
    if let Some((dir, _)) = OWN.get() {
        return Ok(dir);
    }
    let claimed = claim()?;
    Ok(&OWN.get_or_init(|| claimed).0)
}

/// Takes a folder; those of dead processes are cleared away meanwhile, which nobody waits for.
fn claim() -> Result<(PathBuf, File)> {
    let shared = shared()?;
    let dir = tempfile::Builder::new().prefix("run-").tempdir_in(&shared)?.keep();
    open_to_pass(&dir)?;
    // It bears its name only once it is held: else it could be taken for a dead one's.
    let claim = dir.with_extension("claim");
    let lock = File::create(&claim)?;
    lock.lock()?;
    fs::rename(&claim, dir.with_extension("lock"))?;
    std::thread::spawn(move || sweep(&shared));
    Ok((dir, lock))
}

/// Whatever can't be removed is left to the next process: a straggler may still write there.
fn sweep(shared: &Path) {
    for path in fs::read_dir(shared).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|extension| extension == "lock")
            && let Ok(lock) = File::open(&path)
            && lock.try_lock().is_ok()
            && cleared(&path.with_extension(""))
        {
            drop(fs::remove_file(&path));
        }
    }
}

fn cleared(dir: &Path) -> bool {
    disk::unmount_all(dir);
    fs::remove_dir_all(dir).is_ok()
}

fn open_to_pass(dir: &Path) -> Result<()> {
    Ok(fs::set_permissions(dir, Permissions::from_mode(0o755))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_process_leaves_nothing_and_a_living_one_is_left_alone() {
        let shared = tempfile::tempdir().unwrap();
        let [dead, living] = ["run-dead", "run-living"].map(|name| shared.path().join(name));
        for dir in [&dead, &living] {
            fs::create_dir(dir).unwrap();
            File::create(dir.with_extension("lock")).unwrap();
        }
        let held = File::open(living.with_extension("lock")).unwrap();
        held.lock().unwrap();

        sweep(shared.path());

        assert!(!dead.exists());
        assert!(!dead.with_extension("lock").exists());
        assert!(living.exists());
    }
}
