//! A real mail server, in Python: another implementation of SMTP and MIME than the one under test.

use std::{collections::BTreeMap, fs, net::TcpStream, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use tempfile::TempDir;

use crate::{
    ports,
    process::{Process, Program, tail},
    scratch,
    until::within,
};

const START: Duration = Duration::from_secs(20);

/// A running mail server, killed and cleared away when dropped.
#[derive(Debug)]
pub struct Smtp {
    // Above the directory: a server must be gone before its files are.
    _process: Process,
    port: u16,
    dir: TempDir,
}

/// A mail that it took, as its reader sees it.
#[derive(Clone, Debug, Deserialize)]
pub struct Mail {
    /// Whom it was handed over for.
    pub to: Vec<String>,
    /// Who handed it over.
    pub from: String,
    /// Its headers, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// What it says.
    pub text: String,
}

impl Smtp {
    /// Starts one with the Python packages in this folder.
    pub async fn start(packages: &Path) -> Result<Self> {
        let (dir, port) = (scratch::directory("smtp")?, ports::free());
        let log = dir.path().join("log");
        let folder = dir.path().join("mail");
        fs::create_dir(&folder)?;
        let mut program = Program::new(Path::new("python3"), log.clone());
        program = program.args(["-c", include_str!("smtp.py"), &port.to_string()]).args([&folder]);
        program.envs.push(("PYTHONPATH".into(), packages.into()));
        let smtp = Self { _process: Process::start(&program)?, port, dir };
        let listens = async || TcpStream::connect(("127.0.0.1", port)).ok();
        let listening = within(START, listens).await;
        listening.with_context(|| format!("no mail server after {START:?}:\n{}", tail(&log)))?;
        Ok(smtp)
    }

    /// Where mail is handed to, by whom it knows.
    pub fn url(&self) -> String {
        format!("smtp://jangteo:s3cret@127.0.0.1:{}", self.port)
    }

    /// All that it took, in its order.
    pub fn mails(&self) -> Vec<Mail> {
        let files = fs::read_dir(self.dir.path().join("mail")).expect("its folder is there");
        let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
        files.retain(|file| file.extension().is_some_and(|it| it == "json"));
        files.sort();
        let read = |file| serde_json::from_str(&fs::read_to_string(file).expect("it is kept"));
        files.iter().map(|file| read(file).expect("it is a mail")).collect()
    }
}
