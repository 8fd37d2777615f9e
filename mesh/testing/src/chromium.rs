//! A real browser: a headless Chromium with a page open.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Result;
use tempfile::TempDir;

use crate::{
    process::{Process, Program},
    scratch,
};

/// How long the processes of a killed browser may take to see that it is gone.
const GOODBYE: Duration = Duration::from_secs(10);

/// Nothing of its own accord, and what it says to the log. As root, and where shared memory is small,
/// it runs only without a sandbox and beside `/dev/shm`; it is shown nothing but pages of a test.
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-proxy-server",
    "--enable-logging=stderr",
];

/// A running Chromium, killed and cleared away when dropped.
#[derive(Debug)]
pub struct Chromium {
    process: Process,
    log: PathBuf,
    dir: TempDir,
}

impl Chromium {
    /// Opens a page in a browser that knows nothing yet.
    pub fn open(browser: &Path, url: &str) -> Result<Self> {
        let dir = scratch::directory("chromium")?;
        let path = dir.path();
        let profile = format!("--user-data-dir={}", path.join("profile").display());
        let log = path.join("log");
        let mut program = Program::new(browser, log.clone()).args(FLAGS).args([&profile, url]);
        // What it keeps beside its profile.
        for variable in ["HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
            program.envs.push((variable.into(), path.into()));
        }
        Ok(Self { process: Process::start(&program)?, log, dir })
    }

    /// All that it has said, the console of its pages included.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// SIGKILL. Its other processes end by themselves, since they are nothing without it.
    pub fn kill(&self) {
        self.process.kill();
    }

    /// How many processes it consists of: each is told of a place in its directory.
    pub fn processes(&self) -> usize {
        let dir = self.dir.path().as_os_str().as_encoded_bytes();
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let lines = processes.filter_map(|it| fs::read(it.path().join("cmdline")).ok());
        lines.filter(|line| line.windows(dir.len()).any(|part| part == dir)).count()
    }
}

impl Drop for Chromium {
    /// Its directory can go only when nobody writes to it any more.
    fn drop(&mut self) {
        self.kill();
        let end = Instant::now() + GOODBYE;
        while self.processes() > 0 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
