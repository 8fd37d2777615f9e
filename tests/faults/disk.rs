//! A disk without room. The limit on the size of files stands in for it: anybody may set it, on a
//! process that runs, and take it away again.

use std::{os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use anyhow::{Result, ensure};
use jangteo_testing::{Nats, tokens::Keys};
use tonic::Code;

use crate::{
    mesh::{BINARY, node_of},
    seller::{Seller, at_rest, databases, reason, says_when, serving},
};

/// A launcher under which too large a file is an error, not the end of the process.
fn launcher(folder: &Path) -> Result<std::path::PathBuf> {
    let file = folder.join("launch");
    let script = "#!/bin/sh\ntrap '' XFSZ\necho $$ >\"$PID_FILE\"\n";
    std::fs::write(&file, format!("{script}exec '{BINARY}' \"$@\"\n"))?;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755))?;
    Ok(file)
}

/// Sets the largest size of a file of this process, in bytes.
fn limit(pid_file: &Path, size: &str) -> Result<()> {
    let pid = std::fs::read_to_string(pid_file)?;
    let limit = format!("--fsize={size}:");
    let status = Command::new("prlimit").args(["--pid", pid.trim(), &limit]).status()?;
    ensure!(status.success(), "prlimit ended with {status}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_writes_are_refused_and_leave_nothing_and_reads_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid");
    let nats = Nats::start().await.unwrap();
    let node = node_of(launcher(folder.path()).unwrap(), &nats).env("PID_FILE", &pid_file);
    let node = node.start().await.unwrap();
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    let seller = Seller::at(&node, &keys, "seller01");
    let before = seller.write("의자").await.unwrap();
    seller.sees(&before.id).await;

    limit(&pid_file, "4096").unwrap();
    for _ in 0..3 {
        let full = seller.write("무선마우스").await.unwrap_err();
        assert_eq!(full.code(), Code::Unavailable, "{full:?}");
        assert_eq!(reason(&full), "DATABASE_FULL");
        assert!(says_when(&full), "{full:?}");
    }
    seller.post(&before.id).await.expect("reads go on");
    seller.post(&before.id).await.expect("reads go on");
    assert_eq!(serving(&node, "liveness").await, Some(true));

    limit(&pid_file, "unlimited").unwrap();
    let after = seller.insist("책상").await;
    seller.sees(&after.id).await;
    at_rest(databases(&node), seller.history(true), Some(&nats)).await;
}
