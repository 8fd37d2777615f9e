//! Child processes that die with the test process.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        mpsc::{self, Sender},
    },
};

use anyhow::{Context as _, Result, bail};

use crate::frozen::Frozen;

/// The user and group that own nothing (`nobody`).
pub(crate) const NOBODY: u32 = 65_534;

/// What a process can be told.
#[derive(Clone, Copy, Debug)]
pub enum Signal {
    /// End in an orderly way.
    Term,
    /// End at once; `PostgreSQL`: with its children.
    Quit,
    /// Freeze.
    Stop,
    /// Go on.
    Continue,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Quit => "QUIT",
            Self::Stop => "STOP",
            Self::Continue => "CONT",
        }
    }
}

/// How to start a program.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The file to run.
    pub(crate) file: PathBuf,
    /// Its arguments.
    pub(crate) args: Vec<OsString>,
    /// What to add to the environment, from which all `JANGTEO_` settings are taken.
    pub(crate) envs: Vec<(OsString, OsString)>,
    /// Run as `nobody`; only root may.
    pub(crate) nobody: bool,
    /// Where standard output and error go, after what is there.
    pub(crate) log: PathBuf,
}

impl Program {
    pub(crate) fn new(file: &Path, log: PathBuf) -> Self {
        Self { file: file.to_path_buf(), args: vec![], envs: vec![], nobody: false, log }
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub(crate) fn nobody(mut self, nobody: bool) -> Self {
        self.nobody = nobody;
        self
    }

    /// Runs it to its end.
    fn run(&self) -> Result<()> {
        let status = launch(self.command()?)?.wait()?;
        if !status.success() {
            bail!("{} ended with {status}:\n{}", self.file.display(), tail(&self.log));
        }
        Ok(())
    }

    /// Runs it to its end while other tasks go on.
    pub(crate) async fn run_aside(self) -> Result<()> {
        tokio::task::spawn_blocking(move || self.run()).await?
    }

    fn command(&self) -> Result<Command> {
        let words = self.words();
        let (file, args) = words.split_first().expect("at least the program itself");
        let log = append(&self.log)?;
        let mut command = Command::new(file);
        // The test's own directory may be closed to `nobody`, and is no place for stray files.
        command.current_dir(self.log.parent().expect("a log is in a directory"));
        command.args(args).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        for (key, _) in std::env::vars_os() {
            if key.to_string_lossy().starts_with("JANGTEO_") {
                command.env_remove(key);
            }
        }
        command.envs(self.envs.iter().map(|(key, value)| (key, value)));
        Ok(command)
    }

    /// The command line: the program behind its launchers.
    fn words(&self) -> Vec<OsString> {
        let setpriv = find("setpriv");
        let mut words: Vec<OsString> = vec![];
        if self.nobody {
            let id = NOBODY.to_string();
            words.extend(
                ["setpriv", "--reuid", &id, "--regid", &id, "--clear-groups"].map(Into::into),
            );
        }
        if setpriv.is_some() {
            // Last, since a change of user clears the death signal.
            words.extend(["setpriv", "--pdeathsig", "KILL"].map(Into::into));
        }
        words.push(self.file.clone().into());
        words.extend(self.args.iter().cloned());
        words
    }
}

/// A running program, or what is left of it.
#[derive(Debug)]
pub(crate) struct Process(Mutex<Child>);

impl Process {
    pub(crate) fn start(program: &Program) -> Result<Self> {
        let child = launch(program.command()?)
            .with_context(|| format!("start {}", program.file.display()))?;
        Ok(Self(Mutex::new(child)))
    }

    /// SIGKILL, and gone when this returns.
    pub(crate) fn kill(&self) {
        let mut child = self.child();
        // Both fail only for a process that has ended and been waited for.
        let _ = child.kill();
        let _ = child.wait();
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        // Held over the call: once waited for, the id may be somebody else's.
        let mut child = self.child();
        let pid = child.id().to_string();
        if let Some(status) = child.try_wait()? {
            bail!("process {pid} has ended with {status}");
        }
        // The shell's own `kill`: signals are an unsafe call, and procps is not everywhere.
        let script = "kill -\"$0\" \"$1\"";
        let status = Command::new("sh").args(["-c", script, signal.name(), &pid]).status()?;
        if !status.success() {
            bail!("process {pid} could not be sent {signal:?}");
        }
        Ok(())
    }

    /// Stops it and its descendants where they are.
    pub(crate) fn freeze(&self) -> Result<Frozen> {
        // Held until it stands still: once waited for, the id may be somebody else's.
        let mut child = self.child();
        if let Some(status) = child.try_wait()? {
            bail!("process {} has ended with {status}", child.id());
        }
        Frozen::with_descendants(child.id())
    }

    /// Its number. The launchers before the program itself become it, and leave it theirs.
    pub(crate) fn id(&self) -> u32 {
        self.child().id()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&self) -> Option<ExitStatus> {
        self.child().try_wait().ok().flatten()
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The end of a log, for error messages.
pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// A program of the search path, or of where servers are kept.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let servers = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(servers)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}

fn append(log: &Path) -> Result<File> {
    let open = OpenOptions::new().create(true).append(true).open(log);
    open.with_context(|| format!("open {}", log.display()))
}

/// Starts a command from a thread that lives as long as the process: the kernel sends the death
/// signal when the thread ends that started the child, and a test's thread ends with its test.
fn launch(command: Command) -> io::Result<Child> {
    type Order = (Command, Sender<io::Result<Child>>);
    static LAUNCHER: OnceLock<Sender<Order>> = OnceLock::new();
    let launcher = LAUNCHER.get_or_init(|| {
        let (orders, inbox) = mpsc::channel::<Order>();
        std::thread::spawn(move || {
            for (mut command, reply) in inbox {
                // Whoever ordered it waits for it.
                let _ = reply.send(command.spawn());
            }
        });
        orders
    });
    let (reply, answer) = mpsc::channel();
    launcher.send((command, reply)).expect("the launcher never ends");
    answer.recv().expect("the launcher answers every order")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{scratch, until::until};

    fn shell(script: &str) -> (tempfile::TempDir, Program) {
        let dir = scratch::directory("shell").unwrap();
        let log = dir.path().join("log");
        (dir, Program::new(Path::new("/bin/sh"), log).args(["-c", script]))
    }

    async fn output(program: &Program) -> String {
        until(Duration::from_secs(10), async || {
            let text = fs::read_to_string(&program.log).unwrap_or_default();
            text.ends_with('\n').then_some(text)
        })
        .await
    }

    #[tokio::test]
    async fn a_process_ends_when_it_is_told_to() {
        let (_dir, program) = shell("sleep 60");
        let process = Process::start(&program).unwrap();
        process.signal(Signal::Term).unwrap();
        let end = until(Duration::from_secs(10), async || process.ended()).await;
        assert!(!end.success());
    }

    #[tokio::test]
    async fn a_process_is_killed_with_its_parent() {
        for nobody in [false, scratch::user().unwrap() == 0] {
            let (_dir, program) = shell("exec setpriv --dump");
            program.clone().nobody(nobody).run().unwrap();
            let signal = "Parent death signal: KILL";
            assert!(output(&program).await.contains(signal), "as nobody: {nobody}");
        }
    }

    #[tokio::test]
    async fn a_process_outlives_the_thread_that_started_it() {
        let (_dir, program) = shell("echo started; sleep 0.3; echo alive");
        let same = program.clone();
        let thread = std::thread::spawn(move || {
            let process = Process::start(&same).unwrap();
            // From here on the end of its parent would kill it.
            while tail(&same.log).is_empty() {
                std::thread::yield_now();
            }
            process
        });
        let _process = thread.join().unwrap();
        let alive = async || tail(&program.log).ends_with("alive").then_some(());
        until(Duration::from_secs(10), alive).await;
    }

    #[tokio::test]
    async fn settings_of_the_test_itself_are_not_handed_down() {
        let (_dir, mut program) = shell("env | grep -c '^JANGTEO_'; echo end");
        program.envs.push(("JANGTEO_ONLY".into(), "this".into()));
        program.run().unwrap();
        assert_eq!(output(&program).await, "1\nend\n");
    }
}
