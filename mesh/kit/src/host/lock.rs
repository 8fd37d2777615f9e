//! The data directory belongs to one process.

use std::{
    fs::{File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use uuid::Uuid;

use crate::clock;

/// Held until the process ends, however it ends.
pub(super) struct DataDir {
    _lock: File,
    path: PathBuf,
}

impl DataDir {
    /// Makes the directory if need be, and locks it.
    pub(super) fn lock(path: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(path)
            .with_context(|| unwritable("make the data directory", path))?;
        let file = path.join("jangteo.lock");
        let lock = File::create(&file).with_context(|| unwritable("write", &file))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock, path: path.to_owned() }),
            Err(TryLockError::WouldBlock) => bail!(
                "another jangteo runs on the data directory {}: stop it, or set JANGTEO_DATA_DIR",
                path.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", file.display()))
            }
        }
    }

    /// Under which this process holds leases: the same after a restart, so that it need not wait
    /// for its own to run out.
    pub(super) fn node_id(&self) -> anyhow::Result<Uuid> {
        let file = self.path.join("node-id");
        if let Ok(text) = std::fs::read_to_string(&file) {
            return text.trim().parse().with_context(|| format!("malformed {}", file.display()));
        }
        let id = clock::new_id();
        // Synced and renamed into place, so that no crash and no power cut leaves half of it.
        let fresh = self.path.join("node-id.new");
        write(&fresh, &id.to_string())
            .and_then(|()| std::fs::rename(&fresh, &file))
            .with_context(|| unwritable("write", &file))?;
        Ok(id)
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn unwritable(what: &str, path: &Path) -> String {
    format!(
        "cannot {what} {}: set JANGTEO_DATA_DIR to a folder that can be written",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lock_on_the_same_directory_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataDir::lock(folder.path()).unwrap();
        let refused = DataDir::lock(folder.path()).err().unwrap().to_string();
        assert!(refused.contains("JANGTEO_DATA_DIR"), "{refused}");
        let node_id = first.node_id().unwrap();
        drop(first);
        assert_eq!(DataDir::lock(folder.path()).unwrap().node_id().unwrap(), node_id);
    }
}
