//! How the program is linked.

use std::{env, process::Command};

/// Asks the linker for relative relocations in their compact form where the loader knows it: all of
/// them are read at every start, and two and a half megabytes of them would stay in memory.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if loader_knows_them() {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// What is built with glibc 2.36 or newer runs nowhere else; of other machines nothing is known.
fn loader_knows_them() -> bool {
    let is_own = env::var("TARGET") == env::var("HOST");
    is_own && glibc().is_some_and(|version| version >= (2, 36))
}

/// The glibc of this machine, if it has one: `getconf` answers `glibc 2.36`.
fn glibc() -> Option<(u32, u32)> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
