//! A file that is replaced while the process runs.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use super::KeyError;

/// What a file says. It is read again when it changes, looked at no more than once a second; while
/// it can't be used, what it said before holds.
#[derive(Debug)]
pub(super) struct Reread<T> {
    path: PathBuf,
    parse: fn(&[u8]) -> Result<T, String>,
    looked: AtomicU64,
    state: RwLock<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    seen: Option<Stamp>,
    value: Arc<T>,
}

/// What tells one version of a file from the next.
type Stamp = (SystemTime, u64);

impl<T> Reread<T> {
    /// Reads the file for the first time.
    pub(super) fn open(
        path: &Path,
        parse: fn(&[u8]) -> Result<T, String>,
        advice: &'static str,
    ) -> Result<Self, KeyError> {
        let seen = stamp(path).ok();
        let value = read(path, parse).map_err(|what| KeyError::file(path, what, advice))?;
        let state = RwLock::new(State { seen, value: Arc::new(value) });
        Ok(Self { path: path.to_owned(), parse, looked: AtomicU64::new(0), state })
    }

    /// What the file says at `now`, in seconds since 1970.
    pub(super) fn get(&self, now: u64) -> Arc<T> {
        if self.looked.swap(now, Ordering::Relaxed) != now {
            self.look();
        }
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.value.clone()
    }

    fn look(&self) {
        // The stamp is taken first: a change while it is read is a change seen next time.
        let now = stamp(&self.path).ok();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.seen == now {
            return;
        }
        state.seen = now;
        match read(&self.path, self.parse) {
            Ok(value) => {
                tracing::info!(file = %self.path.display(), "read again");
                state.value = Arc::new(value);
            }
            Err(error) => {
                tracing::error!(file = %self.path.display(), error, "unusable: what it said before holds");
            }
        }
    }
}

fn stamp(path: &Path) -> io::Result<Stamp> {
    let metadata = fs::metadata(path)?;
    Ok((metadata.modified()?, metadata.len()))
}

fn read<T>(path: &Path, parse: fn(&[u8]) -> Result<T, String>) -> Result<T, String> {
    parse(&fs::read(path).map_err(|error| error.to_string())?)
}

#[cfg(test)]
mod tests {
    use std::{fs::File, time::Duration};

    use super::*;

    fn number(bytes: &[u8]) -> Result<u32, String> {
        String::from_utf8_lossy(bytes).trim().parse().map_err(|_| "not a number".to_owned())
    }

    /// Writes it with a time of its own: two writes may fall into one tick of the disk's clock.
    fn write(path: &Path, text: &str, at: u64) {
        fs::write(path, text).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(at);
        File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn a_change_is_seen_once_a_second_has_passed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        write(&path, "1", 1);
        let file = Reread::open(&path, number, "").unwrap();
        assert_eq!(*file.get(100), 1);
        write(&path, "2", 2);
        assert_eq!(*file.get(100), 1, "looked at once a second");
        assert_eq!(*file.get(101), 2);
    }

    #[test]
    fn what_it_said_holds_while_it_cannot_be_used() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        write(&path, "1", 1);
        let file = Reread::open(&path, number, "").unwrap();
        write(&path, "oops", 2);
        assert_eq!(*file.get(100), 1);
        fs::remove_file(&path).unwrap();
        assert_eq!(*file.get(101), 1);
        write(&path, "3", 1);
        assert_eq!(*file.get(102), 3);
    }

    #[test]
    fn without_a_first_reading_there_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("absent");
        let error = Reread::open(&path, number, "mount it").unwrap_err().to_string();
        assert!(error.contains("absent") && error.contains("mount it"), "{error}");
    }
}
