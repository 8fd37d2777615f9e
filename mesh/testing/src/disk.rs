//! A disk of one's own whose power can be cut.
//!
//! It is a file system in a file. What is synced goes to that file at once, and what is only
//! written stays in the memory of the kernel, which syncs nothing here by itself for a long time.
//! So a copy of the file, made while its file system is mounted, is what a power cut leaves.
//!
//! A mount belongs to the machine and not to whoever made it: what a killed test process leaves is
//! unmounted by the next one, with the rest of its [`scratch`], and its loop device goes with it.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    io::Write as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::Once,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use crate::{
    process::{Process, find},
    scratch,
};

/// Room for any server. Only what is written takes any.
const SIZE: u64 = 1 << 30;
/// Where in its folder it is mounted.
const MOUNT: &str = "mount";
/// Killed processes hold their files a little longer.
const PATIENCE: Duration = Duration::from_secs(10);
const TAKES: &str = "a power cut takes root, a loop device and mkfs.ext4; \
                     JANGTEO_TEST_NO_POWER_CUT=1 leaves these tests out";

/// An ext4 file system, gone when dropped. It has to outlive whoever keeps files on it.
#[derive(Debug)]
pub struct Disk(TempDir);

impl Disk {
    /// Makes and mounts one, which takes root and a loop device.
    pub fn new() -> Result<Self> {
        Self::mounted_in(scratch::directory("disk")?).context(TAKES)
    }

    fn mounted_in(folder: TempDir) -> Result<Self> {
        ensure!(scratch::user()? == 0, "only root may mount a disk");
        let disk = Self(folder);
        fs::create_dir(disk.path())?;
        File::create(disk.image())?.set_len(SIZE)?;
        let quietly = ["-q", "-F", "-E", "lazy_itable_init=0"].map(OsStr::new);
        run("mkfs.ext4", "e2fsprogs", quietly.into_iter().chain([disk.image().as_os_str()]))?;
        disk.mount()?;
        Ok(disk)
    }

    /// Where it is mounted, also after a power cut.
    pub fn path(&self) -> PathBuf {
        self.0.path().join(MOUNT)
    }

    /// Syncs all that is on it: what was written long before a power cut.
    pub fn sync(&self) -> Result<()> {
        run("sync", "coreutils", [OsStr::new("--file-system"), self.path().as_os_str()])
    }

    /// Ends a process and its descendants in mid-flight, and leaves on the disk what was synced.
    pub(crate) fn cut_power(&self, process: &Process) -> Result<()> {
        let frozen = process.freeze()?;
        let left = self.0.path().join("left");
        let copied = self.copy(&left);
        frozen.kill_descendants()?;
        process.kill();
        copied?;
        unmount(&self.path())?;
        fs::rename(left, self.image())?;
        self.mount()
    }

    fn copy(&self, to: &Path) -> Result<()> {
        let image = self.image();
        run("cp", "coreutils", [OsStr::new("--sparse=always"), image.as_os_str(), to.as_os_str()])
    }

    fn mount(&self) -> Result<()> {
        // Seconds until it is synced by itself.
        let options = ["-o", "loop,commit=3000"].map(OsStr::new);
        let (image, path) = (self.image(), self.path());
        run("mount", "mount", options.into_iter().chain([image.as_os_str(), path.as_os_str()]))
    }

    fn image(&self) -> PathBuf {
        self.0.path().join("image")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // What can't be unmounted is left to the next process.
        drop(unmount(&self.path()));
    }
}

/// Whether power cuts are to be tested: they take long, and more than most machines allow. Says so
/// if they are not.
pub fn wanted() -> bool {
    static SAID: Once = Once::new();
    let off = env::var_os("JANGTEO_TEST_NO_POWER_CUT").is_some_and(|value| value == "1");
    let full = env::var_os("JANGTEO_TEST_FULL").is_some();
    let why = match (off, full) {
        (false, true) => return true,
        (true, _) => "JANGTEO_TEST_NO_POWER_CUT=1 leaves the power cuts out",
        (false, false) => "the power cuts are left to JANGTEO_TEST_FULL=1",
    };
    // Past the test harness, which would swallow it.
    SAID.call_once(|| writeln!(std::io::stderr(), "{why}").expect("stderr is open"));
    false
}

/// Unmounts the disks among these folders. Their processes are dead.
pub(crate) fn unmount_all(folders: &Path) {
    for folder in fs::read_dir(folders).into_iter().flatten().flatten() {
        // Where it fails the folder can't be removed either, and is left to the next process.
        drop(unmount(&folder.path().join(MOUNT)));
    }
}

/// Its loop device is gone with it, as `mount` has asked for.
fn unmount(path: &Path) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while is_mounted(path) {
        let outcome = run("umount", "mount", [path.as_os_str()]);
        if Instant::now() > end {
            return outcome;
        }
        sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// What is mounted is another device than what it is mounted in.
fn is_mounted(path: &Path) -> bool {
    let device = |path: &Path| fs::metadata(path).ok().map(|metadata| metadata.dev());
    let folder = path.parent().and_then(device);
    device(path).is_some_and(|own| Some(own) != folder)
}

fn run<'a>(name: &str, package: &str, args: impl IntoIterator<Item = &'a OsStr>) -> Result<()> {
    let program =
        find(name).with_context(|| format!("no {name} here: run `apt-get install {package}`"))?;
    let output = Command::new(program).args(args).output()?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        bail!("{name} ended with {}: {}", output.status, told.trim());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{process::Program, until::until};

    #[tokio::test]
    async fn a_power_cut_leaves_what_was_synced_and_nothing_else() {
        if !wanted() {
            return;
        }
        let disk = Disk::new().unwrap();
        let script = "cd \"$0\" && echo kept >synced && sync synced && echo lost >written && \
                      echo lost >>synced && echo done && exec sleep 60";
        let log = disk.0.path().join("log");
        let shell = Program::new(Path::new("/bin/sh"), log.clone()).args(["-c", script]);
        let process = Process::start(&shell.args([disk.path()])).unwrap();
        let done = async || fs::read_to_string(&log).ok().filter(|told| told == "done\n");
        until(PATIENCE, done).await;

        disk.cut_power(&process).unwrap();

        assert!(process.ended().is_some());
        let read = |name| fs::read_to_string(disk.path().join(name)).unwrap_or_default();
        assert_eq!([read("synced"), read("written")], ["kept\n", ""]);
    }

    #[test]
    fn a_disk_that_a_dead_process_left_is_unmounted() {
        if !wanted() {
            return;
        }
        let dead = scratch::directory("dead").unwrap();
        let disk = Disk::mounted_in(tempfile::tempdir_in(dead.path()).unwrap()).unwrap();
        assert!(is_mounted(&disk.path()));
        unmount_all(dead.path());
        assert!(!is_mounted(&disk.path()));
    }
}
