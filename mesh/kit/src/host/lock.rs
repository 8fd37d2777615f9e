//! The data directory belongs to one process.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use anyhow::{Context as _, bail};

/// Held until the process ends, however it ends.
pub(super) struct DataDir {
    _lock: File,
}

impl DataDir {
    /// Makes the directory if need be, and locks it.
    pub(super) fn lock(path: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(path)
            .with_context(|| format!("cannot make the data directory {}", path.display()))?;
        let file = path.join("jangteo.lock");
        let lock = File::create(&file).with_context(|| format!("cannot write {}", file.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!(
                "another jangteo runs on the data directory {}: stop it, or set JANGTEO_DATA_DIR",
                path.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", file.display()))
            }
        }
    }
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
        drop(first);
        assert!(DataDir::lock(folder.path()).is_ok());
    }
}
