//! How fast the machine is at the moment, whoever else uses it.

use std::{
    fs::{self, File},
    io::{Seek as _, SeekFrom, Write as _},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use jangteo_testing::scratch;
use tempfile::TempDir;

/// What is written before each sync: a page.
const PAGE: [u8; 4096] = [0x5a; 4096];
/// How long one probe goes on.
const LENGTH: Duration = Duration::from_millis(300);

/// A file whose syncs are timed.
pub(crate) struct Probe {
    file: File,
    _dir: TempDir,
}

impl Probe {
    /// On the disk that all servers of a bench use.
    pub(crate) fn new() -> Result<Self> {
        let dir = scratch::directory("probe")?;
        let mut file = File::create(dir.path().join("page"))?;
        file.write_all(&PAGE)?;
        file.sync_all()?;
        Ok(Self { file, _dir: dir })
    }

    /// What it takes to get a page to the disk now, in µs: the median, which a single stall of the
    /// disk does not move.
    pub(crate) fn sync_us(&mut self) -> Result<f64> {
        let (begun, mut took) = (Instant::now(), vec![]);
        while begun.elapsed() < LENGTH {
            let one = Instant::now();
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(&PAGE)?;
            self.file.sync_data()?;
            took.push(one.elapsed());
        }
        took.sort();
        Ok(took[took.len() / 2].as_secs_f64() * 1e6)
    }
}

/// How many processes wanted to run, over the last minute.
pub(crate) fn load_average() -> Result<f64> {
    let text = fs::read_to_string("/proc/loadavg").context("read /proc/loadavg")?;
    let first = text.split(' ').next().context("/proc/loadavg is empty")?;
    Ok(first.parse()?)
}
