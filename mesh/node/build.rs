//! How the program is linked.

/// Asks the linker for relative relocations in their compact form: the loader reads all of them at
/// every start, and two and a half megabytes of them would stay resident.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
