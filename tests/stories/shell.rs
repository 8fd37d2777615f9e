//! Programs as people run them: by name, in a shell, at a prompt.

use std::{
    env::{self, join_paths, split_paths},
    ffi::OsString,
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};

use tokio::process::Command;

use crate::mesh::BINARY;

const LIMIT: Duration = Duration::from_mins(4);

/// The top of this repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// How a program ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Its standard output.
    pub(crate) out: String,
    /// Its standard error.
    pub(crate) err: String,
}

impl Ended {
    /// What it printed, if it went well.
    #[track_caller]
    pub(crate) fn well(self) -> String {
        assert_eq!(self.code, Some(0), "out:\n{}\nerr:\n{}", self.out, self.err);
        self.out
    }
}

/// The built `jangteo`, with none of this test's own settings.
pub(crate) fn jangteo(args: &[&str]) -> Command {
    let mut command = program(Path::new(BINARY));
    command.args(args);
    command
}

/// Bash, which finds the built `jangteo` and `grpcurl` by their names.
pub(crate) fn bash() -> Command {
    let mut command = program(Path::new("bash"));
    let binaries = Path::new(BINARY).parent().expect("a binary is in a directory").to_owned();
    let inherited = env::var_os("PATH").unwrap_or_default();
    let path = [binaries, root().join(".tools")].into_iter().chain(split_paths(&inherited));
    command.env("PATH", join_paths(path).expect("these came from a path"));
    command
}

/// The folder of the Python packages of this name, brought where they are missing.
pub(crate) async fn packages(name: &str) -> PathBuf {
    let mut bring = bash();
    bring.arg(root().join("scripts/python-packages")).arg(name);
    run(bring).await.well().trim().into()
}

/// Runs a program to its end; none of a test's takes as long as the limit.
pub(crate) async fn run(mut command: Command) -> Ended {
    let output = tokio::time::timeout(LIMIT, command.output()).await;
    let Output { status, stdout, stderr } =
        output.expect("it ends in time").expect("it can be started");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it speaks UTF-8");
    Ended { code: status.code(), out: text(stdout), err: text(stderr) }
}

fn program(file: &Path) -> Command {
    let mut command = Command::new(file);
    command.stdin(std::process::Stdio::null()).kill_on_drop(true);
    let own = |name: &OsString| name.to_string_lossy().starts_with("JANGTEO_");
    for (name, _) in env::vars_os().filter(|(name, _)| own(name)) {
        command.env_remove(name);
    }
    command
}
